//! Closed lists of what people decide, and of what waits for them.

use super::closed_list;

closed_list! {
    /// State of something that people decide.
    DecisionState {
        Open = "OPEN",
        Accepted = "ACCEPTED",
        Rejected = "REJECTED",
        Withdrawn = "WITHDRAWN",
    }
}

closed_list! {
    /// What is put to the approver.
    AdmissionKind {
        /// 接收预备党员
        Admission = "ADMISSION",
        /// 预备党员转正
        FullMembership = "FULL_MEMBERSHIP",
    }
}

closed_list! {
    /// State of an admission 发展党员 or of full membership 转正.
    AdmissionState {
        /// Written by a clerk; not yet put to the approver.
        Draft = "DRAFT",
        Proposed = "PROPOSED",
        Approved = "APPROVED",
        Rejected = "REJECTED",
        /// Of full membership: probation goes on 延长预备期.
        Extended = "EXTENDED",
        /// Taken back by the branch before the decision.
        Withdrawn = "WITHDRAWN",
    }
}

closed_list! {
    /// State of an affiliation transfer 组织关系转接.
    TransferState {
        Requested = "REQUESTED",
        Accepted = "ACCEPTED",
        Rejected = "REJECTED",
        /// Taken back by who asked.
        Withdrawn = "WITHDRAWN",
    }
}

closed_list! {
    /// State of a correction of sealed data 身份信息更正 that a member asked for.
    IdentityChangeState {
        Asked = "ASKED",
        /// The branch confirmed it: the value stands on the member.
        Confirmed = "CONFIRMED",
        Rejected = "REJECTED",
        /// A later request for the same field took its place, or the member left.
        Withdrawn = "WITHDRAWN",
    }
}

closed_list! {
    /// What an inbox row is about.
    InboxKind {
        MeasureToDecide = "MEASURE_TO_DECIDE",
        LeaveToDecide = "LEAVE_TO_DECIDE",
        DisputeToDecide = "DISPUTE_TO_DECIDE",
        TransferToDecide = "TRANSFER_TO_DECIDE",
        TransferDecided = "TRANSFER_DECIDED",
        /// A clerk's draft waits for the branch.
        AdmissionToPropose = "ADMISSION_TO_PROPOSE",
        AdmissionToDecide = "ADMISSION_TO_DECIDE",
        AdmissionDecided = "ADMISSION_DECIDED",
        DeviationToDecide = "DEVIATION_TO_DECIDE",
        DeviationDecided = "DEVIATION_DECIDED",
        ObligationOverdue = "OBLIGATION_OVERDUE",
        ActivityNotice = "ACTIVITY_NOTICE",
        AlertUrged = "ALERT_URGED",
        AnswerToDecide = "ANSWER_TO_DECIDE",
        MeasureDecided = "MEASURE_DECIDED",
        /// A draft of an exemption waits for the branch.
        ExemptionToDecide = "EXEMPTION_TO_DECIDE",
        /// A member asked that sealed data of theirs be corrected.
        IdentityChangeToDecide = "IDENTITY_CHANGE_TO_DECIDE",
        IdentityChangeDecided = "IDENTITY_CHANGE_DECIDED",
        /// A password is to be set anew: issue the one-time link and hand it over.
        ResetLinkToIssue = "RESET_LINK_TO_ISSUE",
    }
}
