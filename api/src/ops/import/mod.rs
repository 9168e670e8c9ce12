//! Imports in bulk 批量导入: rows of a file carried out through the use cases that people have, one by one or as one plan.

mod activity;
mod ahead;
mod appointment;
mod carry;
pub mod download;
pub mod follow;
pub mod job;
mod leavers;
mod meeting;
mod member;
pub(super) mod names;
mod opening;
mod organization;
pub mod report;
mod rows;
mod source;
pub mod start;
pub mod upload;
pub mod work;
mod workbook;

use domain::intake::rows::Decided;
use domain::intake::{IntakeMode, RowOutcome};
use domain::problem::Problem;

use super::decision::CollectiveDecision;

/// A row, with the number under which people find it in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered<T> {
    pub row: u64,
    pub value: T,
}

/// How rows are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    pub mode: IntakeMode,
    /// Only to see what would come of it: whoever began the transaction takes it back.
    pub dry_run: bool,
}

/// One field that a row changes. Of sealed fields both values are left out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldChange {
    /// As the API calls it.
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl FieldChange {
    /// Of something new.
    pub(super) fn to(field: &str, after: impl ToString) -> Self {
        Self {
            field: field.to_owned(),
            before: None,
            after: Some(after.to_string()),
        }
    }

    pub(super) fn between(field: &str, before: impl ToString, after: impl ToString) -> Self {
        Self {
            before: Some(before.to_string()),
            ..Self::to(field, after)
        }
    }
}

/// What a row came to: how, which object, what changed.
pub(super) type Done = (RowOutcome, String, Vec<FieldChange>);

/// The decision that a row records. Which meeting took it, a file does not say.
pub(super) fn decision(decided: &Decided) -> CollectiveDecision {
    CollectiveDecision {
        decided_on: decided.on,
        document_number: decided.document_number.clone(),
        meeting_id: None,
    }
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowTold {
    pub row: u64,
    pub outcome: RowOutcome,
    /// The object that the row is about; none where it was refused.
    pub entity_id: Option<String>,
    pub changes: Vec<FieldChange>,
    /// Why it was refused.
    pub problems: Vec<Problem>,
}

impl RowTold {
    /// A row that was carried out, or refused.
    pub(super) fn of(row: u64, done: Result<Done, Vec<Problem>>) -> Self {
        match done {
            Ok((outcome, id, changes)) => Self {
                row,
                outcome,
                entity_id: Some(id),
                changes,
                problems: Vec::new(),
            },
            Err(problems) => Self::refused(row, problems),
        }
    }

    /// A row that was refused.
    #[must_use]
    pub fn refused(row: u64, problems: Vec<Problem>) -> Self {
        Self {
            row,
            outcome: RowOutcome::Rejected,
            entity_id: None,
            changes: Vec::new(),
            problems,
        }
    }
}
