//! Reading a document: every mistake with its line, its key and what is allowed there.

mod agrees;
mod cadence;
mod checks;
mod decision;
mod document;
mod entry;
mod form;
mod section;
mod threshold;
mod values;

pub(super) use document::document;

/// One mistake in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {line}: {key}: {message}")]
pub struct LoadError {
    /// From 1.
    pub line: usize,
    /// Where in the document: `entry[general-meeting].cadence.period`.
    pub key: String,
    /// What is wrong, and what is allowed instead.
    pub message: String,
}
