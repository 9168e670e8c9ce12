//! A row of a file, before anybody knows what it means.

use std::collections::BTreeMap;

/// A row as it was read: cells by the key of their column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// As a person counts: the header of a table is row 1, the lines of JSON Lines begin with 1.
    pub row: u64,
    /// The canonical key of a column (as the API calls the field) → its text, trimmed; an empty cell is not there.
    pub cells: BTreeMap<&'static str, String>,
}
