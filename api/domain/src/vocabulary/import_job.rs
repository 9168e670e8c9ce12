//! Closed lists of import jobs 导入任务.

use super::closed_list;
use crate::intake::IntakeMode;

closed_list! {
    /// Which rows of a file are taken.
    ImportMode {
        /// Who is there is changed, who is not is created.
        Upsert = "UPSERT",
        /// Who is there already is refused.
        CreateOnly = "CREATE_ONLY",
        /// Who is not there is refused.
        UpdateOnly = "UPDATE_ONLY",
        /// As `UPSERT`, and who is not in the file leaves: the file is the whole roster of that part of the tree. Of members only.
        Mirror = "MIRROR",
    }
}

impl ImportMode {
    /// What it means for a row.
    #[must_use]
    pub fn of_rows(self) -> IntakeMode {
        match self {
            Self::Upsert | Self::Mirror => IntakeMode::Upsert,
            Self::CreateOnly => IntakeMode::CreateOnly,
            Self::UpdateOnly => IntakeMode::UpdateOnly,
        }
    }
}

closed_list! {
    /// How an import stands.
    ImportState {
        /// Waits for a node.
        Queued = "QUEUED",
        /// A node is at it.
        Running = "RUNNING",
        /// Every row was looked at; the report says what became of each.
        Completed = "COMPLETED",
        /// It came to nothing, or to an early end; `failure` says why.
        Failed = "FAILED",
        /// Ended by its account; what was written until then stays.
        Cancelled = "CANCELLED",
        /// Its report is gone: its time is over.
        Expired = "EXPIRED",
    }
}

impl ImportState {
    /// Whether nothing more will come of it.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

closed_list! {
    /// Why an import came to nothing, or to an early end.
    ImportFailure {
        /// A right that it needs was withdrawn, or the account was closed. What was written before stays.
        RightWithdrawn = "RIGHT_WITHDRAWN",
        /// The file cannot be read as it should; `userErrors` say what is wrong with it. Nothing is written.
        FileRefused = "FILE_REFUSED",
        /// A row was refused, and one refused row is to hold back all. Nothing is written.
        RowsRejected = "ROWS_REJECTED",
        /// More rows than one import takes, or than one takes that is written as a whole. Nothing is written.
        TooManyRows = "TOO_MANY_ROWS",
        /// More members would leave than may. Nothing is written.
        TooManyLeave = "TOO_MANY_LEAVE",
        /// It was tried several times and each time something broke. What was written before stays.
        GaveUp = "GAVE_UP",
    }
}

closed_list! {
    /// How far an import has come 阶段.
    ImportPhase {
        /// The file is read through once, before anything is written.
        Reading = "READING",
        /// Every row is looked at, and nothing is written: a dry run, or before all is written at once.
        Checking = "CHECKING",
        /// Rows are written.
        Writing = "WRITING",
        /// Who is not in the file leaves.
        Leaving = "LEAVING",
    }
}
