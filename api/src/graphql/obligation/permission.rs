use domain::problem::ProblemCode;
use domain::vocabulary::{DecisionState, ObligationStatus as S};

use crate::ops::obligation::reading::{Alert, Deviation, Obligation};
use crate::permission;

permission! {
    /// What can be done about an obligation.
    ObligationRequest, ObligationPermission {
        /// Ask to hold it later, where it is only normally owed.
        AskDeviation => AskDeviation,
    }
}

permission! {
    /// What can be done about an alert.
    AlertAction, AlertPermission {
        Acknowledge => AcknowledgeAlert,
        /// 督办
        Urge => UrgeObligation,
    }
}

permission! {
    /// What can be done with a request to do otherwise than normally owed.
    DeviationAction, DeviationPermission {
        Decide => DecideDeviation,
    }
}

impl ObligationRequest {
    /// What the present state says against it; `normally`: the rule allows deviations.
    #[must_use]
    pub fn against(self, row: &Obligation, normally: bool) -> Option<ProblemCode> {
        let open = matches!(row.status.parse(), Ok(S::Open | S::DueSoon | S::Overdue | S::Missed));
        match self {
            Self::AskDeviation if !normally => Some(ProblemCode::DeviationNotAllowed),
            Self::AskDeviation if row.closed => Some(ProblemCode::PeriodClosed),
            Self::AskDeviation => (!open).then_some(ProblemCode::WrongState),
        }
    }
}

impl AlertAction {
    /// A closed alert asks nothing of anybody.
    #[must_use]
    pub fn against(self, row: &Alert) -> Option<ProblemCode> {
        row.closed_at.map(|_| ProblemCode::WrongState)
    }
}

impl DeviationAction {
    /// What the present state says against it.
    #[must_use]
    pub fn against(self, row: &Deviation) -> Option<ProblemCode> {
        (row.state.parse() != Ok(DecisionState::Open)).then_some(ProblemCode::AlreadyDecided)
    }
}
