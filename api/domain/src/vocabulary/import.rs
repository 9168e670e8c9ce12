//! Closed lists of imports in bulk 批量导入.

use super::closed_list;

closed_list! {
    /// Kind of rows in a file 导入内容. A file holds one kind.
    ImportKind {
        /// Orgs 党组织
        Organization = "ORGANIZATION",
        /// Members 党员
        Member = "MEMBER",
        /// Appointments 任职
        Appointment = "APPOINTMENT",
        /// Activities with their attendance 活动
        Activity = "ACTIVITY",
    }
}

closed_list! {
    /// How a file is written.
    ImportFormat {
        /// JSON Lines: an object a line, UTF-8.
        Jsonl = "JSONL",
        /// Values parted by comma, semicolon or tab; UTF-8, UTF-16 or GB 18030.
        Csv = "CSV",
        /// A workbook, of which one sheet is read.
        Xlsx = "XLSX",
    }
}
