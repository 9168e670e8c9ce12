//! What comes in from other systems, row by row: what each row asks for, and what becomes of it.

pub mod columns;
pub mod flaw;
pub mod record;
pub mod rows;
pub mod tree;
pub mod values;

use crate::problem::ProblemCode;
use crate::vocabulary::closed_list;

/// How a row names an org, a member or an activity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum By {
    Id(String),
    /// What another system calls it.
    External {
        system: String,
        value: String,
    },
}

closed_list! {
    /// What a row of a file asks for 操作; which of them a kind of rows knows says [`columns::acts`].
    RowAct {
        /// Entered where it is not there, brought in line where it is 新增或更新.
        Upsert = "UPSERT",
        /// Of a member: to another branch 转接.
        Transfer = "TRANSFER",
        /// Of a member: leaves the roster 离开.
        Leave = "LEAVE",
        /// Of an org: dissolved 撤销.
        Dissolve = "DISSOLVE",
        /// Of an appointment: the post ends 免去.
        End = "END",
    }
}

closed_list! {
    /// Which rows are taken.
    IntakeMode {
        /// Who is there is changed, who is not is created.
        Upsert = "UPSERT",
        /// Who is there already is refused.
        CreateOnly = "CREATE_ONLY",
        /// Who is not there is refused.
        UpdateOnly = "UPDATE_ONLY",
    }
}

closed_list! {
    /// What one refused row means for the others.
    ErrorPolicy {
        /// Nothing is written.
        AllOrNothing = "ALL_OR_NOTHING",
        /// The others are written.
        RowByRow = "ROW_BY_ROW",
    }
}

closed_list! {
    /// What became of a row.
    RowOutcome {
        /// It is there since this write.
        Created = "CREATED",
        /// Some of it is otherwise than before.
        Changed = "CHANGED",
        /// It was so already.
        Unchanged = "UNCHANGED",
        /// It was refused; its user errors say why.
        Rejected = "REJECTED",
        /// It would have been taken, but another row was refused and nothing is written.
        NotDone = "NOT_DONE",
    }
}

/// What a row asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Creation,
    Change,
}

/// What a row asks for, by whether what it names is there.
///
/// # Errors
/// `ALREADY_RECORDED` where only new ones are taken, `NOT_FOUND` where only known ones are.
pub fn asked(mode: IntakeMode, there: bool) -> Result<Asked, ProblemCode> {
    match (mode, there) {
        (IntakeMode::Upsert | IntakeMode::UpdateOnly, true) => Ok(Asked::Change),
        (IntakeMode::Upsert | IntakeMode::CreateOnly, false) => Ok(Asked::Creation),
        (IntakeMode::CreateOnly, true) => Err(ProblemCode::AlreadyRecorded),
        (IntakeMode::UpdateOnly, false) => Err(ProblemCode::NotFound),
    }
}

/// What becomes of the rows that were not refused.
#[must_use]
pub fn outcome(policy: ErrorPolicy, refused: usize, planned: RowOutcome) -> RowOutcome {
    match policy {
        ErrorPolicy::AllOrNothing if refused > 0 && planned != RowOutcome::Rejected => RowOutcome::NotDone,
        ErrorPolicy::AllOrNothing | ErrorPolicy::RowByRow => planned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_takes_what_it_says() {
        let table = [
            (IntakeMode::Upsert, Ok(Asked::Change), Ok(Asked::Creation)),
            (
                IntakeMode::CreateOnly,
                Err(ProblemCode::AlreadyRecorded),
                Ok(Asked::Creation),
            ),
            (IntakeMode::UpdateOnly, Ok(Asked::Change), Err(ProblemCode::NotFound)),
        ];
        for (mode, there, missing) in table {
            assert_eq!((asked(mode, true), asked(mode, false)), (there, missing), "{mode}");
        }
    }

    #[test]
    fn one_refused_row_holds_back_the_others_only_where_it_is_to() {
        for planned in RowOutcome::ALL.iter().copied() {
            assert_eq!(outcome(ErrorPolicy::RowByRow, 3, planned), planned);
            assert_eq!(outcome(ErrorPolicy::AllOrNothing, 0, planned), planned);
            let held_back = if planned == RowOutcome::Rejected {
                planned
            } else {
                RowOutcome::NotDone
            };
            assert_eq!(outcome(ErrorPolicy::AllOrNothing, 1, planned), held_back);
        }
    }
}
