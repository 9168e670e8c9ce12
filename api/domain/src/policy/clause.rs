//! The rule behind an act: what a refusal of it rests on, where the refusal names nothing nearer.

use super::action::Action;

impl Action {
    /// Key of the rulebook entry that the act is about; none for what the guideline does not speak of. Acts on an
    /// activity or an obligation rest on the rule of that activity or obligation.
    #[must_use]
    pub fn entry(self) -> Option<&'static str> {
        use Action as A;
        match self {
            A::AskLeave
            | A::DecideLeave
            | A::DisputeAttendance
            | A::DecideDispute
            | A::AcceptMakeUpStudy
            | A::DraftExemption
            | A::SetExemption
            | A::EndExemption
            | A::NoteOnMeasure
            | A::ConfirmMeasure
            | A::DismissMeasure => Some("absence-ladder"),
            A::AcknowledgeAlert | A::UrgeObligation | A::AnswerAlert | A::DecideAlertAnswer => Some("escalation"),
            A::EnterApplicant
            | A::RecordApplicant
            | A::DraftAdmission
            | A::ProposeAdmission
            | A::WithdrawAdmission
            | A::OpineOnAdmission
            | A::DecideAdmission => Some("vote-admission"),
            A::AnnounceResolution | A::CompleteOwnFollowUp | A::CompleteFollowUp => Some("committee-meeting"),
            A::AssignGroup => Some("group-meeting"),
            A::ConfirmSecretary
            | A::DesignateActingSecretary
            | A::EndSecretaryPost
            | A::AppointToPost
            | A::EndPost
            | A::AssignPortfolio => Some("first-responsible-person"),
            _ => None,
        }
    }
}
