//! A cell's text, as every format has it.

use domain::intake::columns::Column;
use domain::intake::flaw::IntakeFlaw;
use domain::intake::record::Record;
use domain::intake::values::tidy;
use domain::problem::Problem;

/// Cells of one row while they are gathered.
pub(super) struct Gathered {
    record: Record,
    problems: Vec<Problem>,
}

impl Gathered {
    pub(super) fn of(row: u64) -> Self {
        Self {
            record: Record {
                row,
                ..Record::default()
            },
            problems: Vec::new(),
        }
    }

    /// Takes a cell; one that is empty, or whose column is passed over, is not there.
    pub(super) fn take(&mut self, column: Option<&'static Column>, header: &str, text: &str) {
        let Some(column) = column.filter(|column| column.is_offered()) else {
            return;
        };
        if text.contains('\0') {
            self.refuse(IntakeFlaw::Nul.of_cell(column.key, header));
            return;
        }
        let text = unguarded(text);
        if !text.is_empty() {
            self.record.cells.insert(column.key, text.to_owned());
        }
    }

    pub(super) fn refuse(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The record; none where all of it is empty.
    pub(super) fn done(self) -> Option<Result<Record, super::RowFault>> {
        if !self.problems.is_empty() {
            return Some(Err(super::refused(self.record.row, self.problems)));
        }
        (!self.record.cells.is_empty()).then_some(Ok(self.record))
    }
}

/// The text without what our own exports put before it (ADR 0092), and without blanks at its ends.
fn unguarded(text: &str) -> &str {
    let text = tidy(text);
    tidy(text.strip_prefix('\'').unwrap_or(text))
}
