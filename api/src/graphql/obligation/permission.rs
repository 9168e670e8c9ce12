use domain::problem::{Problem, ProblemCode};
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
        /// Say that it was seen.
        Acknowledge => AcknowledgeAlert,
        /// 督办
        Urge => UrgeObligation,
        /// Say what the org does instead of holding it.
        Answer => AnswerAlert,
        /// Accept or reject the answer.
        DecideAnswer => DecideAlertAnswer,
    }
}

permission! {
    /// What can be done with a request to do otherwise than normally owed.
    DeviationAction, DeviationPermission {
        /// Accept or reject it.
        Decide => DecideDeviation,
    }
}

impl ObligationRequest {
    /// What the present state says against it; `normally`: the rule allows deviations.
    #[must_use]
    pub fn against(self, row: &Obligation, normally: bool) -> Option<Problem> {
        let open = matches!(row.status.parse(), Ok(S::Open | S::DueSoon | S::Overdue | S::Missed));
        let book = row.rulebook_id.split('@').next().unwrap_or_default();
        let problem = match self {
            Self::AskDeviation if !normally => Problem::new(ProblemCode::DeviationNotAllowed),
            Self::AskDeviation if row.closed => Problem::new(ProblemCode::PeriodClosed).with("period", &row.period),
            Self::AskDeviation if open => return None,
            Self::AskDeviation => Problem::wrong_state("obligationId", &row.status),
        };
        Some(problem.by(book, &row.rule_key))
    }
}

impl AlertAction {
    /// A closed alert asks nothing of anybody, and one answer waits at a time.
    #[must_use]
    pub fn against(self, row: &Alert) -> Option<Problem> {
        let answered = row.answer_state.as_deref().map(str::parse);
        let waits = answered == Some(Ok(DecisionState::Open));
        let state = match self {
            Self::DecideAnswer => match answered {
                None => "UNANSWERED",
                Some(_) if waits => return None,
                Some(_) => {
                    return Some(Problem::decided(
                        "alertId",
                        row.answer_state.as_deref().unwrap_or_default(),
                    ));
                }
            },
            Self::Answer if waits => "ANSWERED",
            Self::Acknowledge | Self::Urge | Self::Answer => {
                row.closed_at?;
                "CLOSED"
            }
        };
        Some(Problem::wrong_state("alertId", state))
    }
}

impl DeviationAction {
    /// What the present state says against it.
    #[must_use]
    pub fn against(self, row: &Deviation) -> Option<Problem> {
        (row.state.parse() != Ok(DecisionState::Open)).then(|| Problem::decided("deviationId", &row.state))
    }
}
