use domain::lifecycle::alert;
use domain::lifecycle::deviation::{self, Owed};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::Modality;

use crate::ops::obligation::answer::state_of;
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
        let owed = Owed {
            modality: normally.then_some(Modality::Normally),
            closed: row.closed,
            status: row.status.parse().ok()?,
        };
        let book = row.rulebook_id.split('@').next().unwrap_or_default();
        let refused = match self {
            Self::AskDeviation => deviation::step(None, deviation::Command::Ask(owed)).err()?,
        };
        let problem = match refused.code {
            ProblemCode::DeviationNotAllowed => Problem::new(refused.code),
            ProblemCode::PeriodClosed => Problem::new(refused.code).with("period", &row.period),
            _ => refused.at("obligationId"),
        };
        Some(problem.by(book, &row.rule_key))
    }
}

impl AlertAction {
    /// A closed alert asks nothing of anybody, and one answer waits at a time.
    #[must_use]
    pub fn against(self, row: &Alert) -> Option<Problem> {
        let command = match self {
            Self::Acknowledge | Self::Urge => alert::Command::Attend,
            Self::Answer => alert::Command::Answer,
            Self::DecideAnswer => alert::Command::AcceptAnswer,
        };
        let refused = alert::step(Some(state_of(row).ok()?), command).err()?;
        Some(refused.at("alertId"))
    }
}

impl DeviationAction {
    /// What the present state says against it.
    #[must_use]
    pub fn against(self, row: &Deviation) -> Option<Problem> {
        let command = match self {
            Self::Decide => deviation::Command::Accept,
        };
        let refused = deviation::step(Some(row.state.parse().ok()?), command).err()?;
        Some(refused.at("deviationId"))
    }
}
