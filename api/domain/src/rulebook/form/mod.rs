//! The nine forms of a rulebook entry and their parameters. All but coverage have an evaluator
//! in [`crate::obligation::checks`] or are asked for by name; cadence, ladder, deadline, vote and threshold are run.

mod cadence;
mod decision;
mod people;

use serde::Serialize;

pub use cadence::{Cadence, Combination, Deed, PeriodChoice, Recurrence};
pub use decision::{Deadline, Decision, Quantity, Stage, Stages, Threshold, Vote};
pub use people::{Bracket, Coverage, Ladder, LadderStep, RunOut, Tariff};

use crate::vocabulary::RuleForm;

/// What an entry says, in one of the nine forms.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Form {
    Cadence(Cadence),
    Coverage(Coverage),
    Ladder(Ladder),
    RunOut(RunOut),
    Stages(Stages),
    Deadline(Deadline),
    Vote(Vote),
    Tariff(Tariff),
    Threshold(Threshold),
}

impl Form {
    #[must_use]
    pub fn kind(&self) -> RuleForm {
        match self {
            Self::Cadence(_) => RuleForm::Cadence,
            Self::Coverage(_) => RuleForm::Coverage,
            Self::Ladder(_) => RuleForm::Ladder,
            Self::RunOut(_) => RuleForm::RunOut,
            Self::Stages(_) => RuleForm::Stages,
            Self::Deadline(_) => RuleForm::Deadline,
            Self::Vote(_) => RuleForm::Vote,
            Self::Tariff(_) => RuleForm::Tariff,
            Self::Threshold(_) => RuleForm::Threshold,
        }
    }
}
