//! Closed lists of exports in bulk 批量导出.

use super::closed_list;

closed_list! {
    /// Kind of rows in an export, in the order in which they are written: what others refer to comes first.
    ExportKind {
        /// `Organization`
        Organization = "ORGANIZATION",
        /// `Member`
        Member = "MEMBER",
        /// `Appointment`
        Appointment = "APPOINTMENT",
        /// `Activity`
        Activity = "ACTIVITY",
    }
}

closed_list! {
    /// How the files of an export are written.
    ExportFormat {
        /// JSON Lines: an object a line, UTF-8.
        Jsonl = "JSONL",
        /// Comma-separated values as RFC 4180 has them, UTF-8 with a byte-order mark.
        Csv = "CSV",
        /// A workbook of one sheet.
        Xlsx = "XLSX",
    }
}

closed_list! {
    /// How an export stands.
    ExportState {
        /// Waits for a node.
        Queued = "QUEUED",
        /// Being written.
        Running = "RUNNING",
        /// All parts are there.
        Completed = "COMPLETED",
        /// It came to nothing; `failure` says why.
        Failed = "FAILED",
        /// Ended by its account.
        Cancelled = "CANCELLED",
        /// Its parts are gone: their time is over.
        Expired = "EXPIRED",
    }
}

closed_list! {
    /// Why an export came to nothing.
    ExportFailure {
        /// A right that it needs was withdrawn, or the account was closed.
        RightWithdrawn = "RIGHT_WITHDRAWN",
        /// More rows than one export holds: ask for less of the tree, or for fewer kinds.
        TooManyRows = "TOO_MANY_ROWS",
        /// It was tried several times and each time something broke.
        GaveUp = "GAVE_UP",
    }
}

impl ExportState {
    /// Whether nothing more will come of it.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}
