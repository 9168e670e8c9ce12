//! Closed lists of what people decide, and of what waits for them.

use super::closed_list;

closed_list! {
    /// State of something that people decide.
    DecisionState {
        /// Waits for a decision.
        Open = "OPEN",
        /// Granted.
        Accepted = "ACCEPTED",
        /// Refused.
        Rejected = "REJECTED",
        /// Taken back.
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
        /// Waits for the approver.
        Proposed = "PROPOSED",
        /// The approver agreed.
        Approved = "APPROVED",
        /// The approver refused, with a reason.
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
        /// Waits for an answer.
        Requested = "REQUESTED",
        /// The new branch took the member in.
        Accepted = "ACCEPTED",
        /// One side refused, with a reason.
        Rejected = "REJECTED",
        /// Taken back by who asked.
        Withdrawn = "WITHDRAWN",
    }
}

closed_list! {
    /// State of a correction of sealed data 身份信息更正 that a member asked for.
    IdentityChangeState {
        /// Waits for the branch.
        Asked = "ASKED",
        /// The branch confirmed it: the value stands on the member.
        Confirmed = "CONFIRMED",
        /// The branch refused, with a reason.
        Rejected = "REJECTED",
        /// A later request for the same field took its place, or the member left.
        Withdrawn = "WITHDRAWN",
    }
}

closed_list! {
    /// What an inbox row is about.
    InboxKind {
        /// A measure for absence is proposed (G2.5a).
        MeasureToDecide = "MEASURE_TO_DECIDE",
        /// A member asks for leave.
        LeaveToDecide = "LEAVE_TO_DECIDE",
        /// A member disputes what was recorded.
        DisputeToDecide = "DISPUTE_TO_DECIDE",
        /// A transfer waits for its answer.
        TransferToDecide = "TRANSFER_TO_DECIDE",
        /// A transfer was accepted or rejected.
        TransferDecided = "TRANSFER_DECIDED",
        /// A clerk's draft waits for the branch.
        AdmissionToPropose = "ADMISSION_TO_PROPOSE",
        /// An admission waits for the approver.
        AdmissionToDecide = "ADMISSION_TO_DECIDE",
        /// The approver decided on an admission of the branch.
        AdmissionDecided = "ADMISSION_DECIDED",
        /// An org asks to hold something later.
        DeviationToDecide = "DEVIATION_TO_DECIDE",
        /// The superior decided on a deviation.
        DeviationDecided = "DEVIATION_DECIDED",
        /// Something owed is overdue.
        ObligationOverdue = "OBLIGATION_OVERDUE",
        /// One is expected at an activity.
        ActivityNotice = "ACTIVITY_NOTICE",
        /// The superior urges 督办.
        AlertUrged = "ALERT_URGED",
        /// An org answered an alert.
        AnswerToDecide = "ANSWER_TO_DECIDE",
        /// A measure for one's absence was decided.
        MeasureDecided = "MEASURE_DECIDED",
        /// A draft of an exemption waits for the branch.
        ExemptionToDecide = "EXEMPTION_TO_DECIDE",
        /// A member asked that sealed data of theirs be corrected.
        IdentityChangeToDecide = "IDENTITY_CHANGE_TO_DECIDE",
        /// The branch decided on a correction.
        IdentityChangeDecided = "IDENTITY_CHANGE_DECIDED",
        /// A password is to be set anew: issue the one-time link and hand it over.
        ResetLinkToIssue = "RESET_LINK_TO_ISSUE",
        /// A program of the org is no longer told what changes: its webhook was paused by the server.
        WebhookPaused = "WEBHOOK_PAUSED",
    }
}
