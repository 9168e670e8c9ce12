//! Files of an import 导入文件, read: CSV, JSON Lines and workbooks as rows of cells, in bounded memory whatever the file is.
//! Nothing is computed, nothing guessed: what cannot be read for sure is refused, with row, column and reason.

mod cells;
mod decoded;
mod duplicates;
mod fault;
mod lines;
mod separated;
mod template;
mod workbook;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use domain::intake::flaw::IntakeFlaw;
use domain::intake::record::Record;
use domain::problem::Problem;
use domain::vocabulary::{ImportFormat, ImportKind};

use duplicates::Duplicates;
pub use fault::{FileFault, RowFault};
use lines::Lines;
use separated::Separated;
pub use template::template;
use workbook::Workbook;

/// How much of a file is read, and how its headers are taken.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Header in the file → key of a column; an empty key has the column passed over.
    pub mapping: BTreeMap<String, String>,
    /// Of a workbook: which sheet; the first one that is shown where none is named.
    pub sheet: Option<String>,
    /// Most rows of a file.
    pub rows: u64,
    /// Most bytes of a row.
    pub row_bytes: usize,
    /// Most columns.
    pub columns: usize,
    /// Most cells of a workbook.
    pub cells: u64,
    /// Most parts of a workbook's archive.
    pub parts: usize,
    /// Most bytes that its parts unfold to, all together.
    pub unfolded: u64,
    /// Most bytes that one byte of it unfolds to.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            mapping: BTreeMap::new(),
            sheet: None,
            rows: 2_000_000,
            row_bytes: 1024 * 1024,
            columns: 200,
            cells: 2_000_000,
            parts: 200,
            unfolded: 64 * 1024 * 1024,
            ratio: 100,
        }
    }
}

/// The rows of a file, one after the other; after a fatal fault there are no more.
pub struct Records<R> {
    source: Source<R>,
    duplicates: Duplicates,
    /// Read already, to know that there is one.
    first: Option<Result<Record, RowFault>>,
    left: u64,
    most: u64,
    over: bool,
}

enum Source<R> {
    Lines(Box<Lines<R>>),
    Separated(Box<Separated<R>>),
    Workbook(Workbook),
}

/// Begins to read a file.
///
/// # Errors
/// What is wrong with the file as a whole: nothing in it, no encoding or archive that is read, columns that are unknown,
/// double or missing.
pub fn records<R>(kind: ImportKind, format: ImportFormat, source: R, limits: Limits) -> Result<Records<R>, FileFault>
where
    R: Read + Seek + Send + 'static,
{
    let (rows, columns) = (limits.rows, limits.clone());
    let source = match format {
        ImportFormat::Jsonl => Source::Lines(Box::new(Lines::begin(kind, source, columns)?)),
        ImportFormat::Csv => Source::Separated(Box::new(Separated::begin(kind, source, &columns)?)),
        ImportFormat::Xlsx => Source::Workbook(Workbook::begin(kind, source, columns)?),
    };
    let mut records = Records {
        source,
        duplicates: Duplicates::of(kind),
        first: None,
        left: rows,
        most: rows,
        over: false,
    };
    records.first = records.read();
    if records.first.is_none() {
        let flaw = match format {
            ImportFormat::Jsonl => IntakeFlaw::Empty,
            ImportFormat::Csv | ImportFormat::Xlsx => IntakeFlaw::HeaderOnly,
        };
        return Err(flaw.into());
    }
    Ok(records)
}

impl<R: Read> Records<R> {
    fn read(&mut self) -> Option<Result<Record, RowFault>> {
        if self.over {
            return None;
        }
        let next = match &mut self.source {
            Source::Lines(lines) => lines.next(),
            Source::Separated(separated) => separated.next(),
            Source::Workbook(workbook) => workbook.next(),
        };
        let next = next.map(|next| self.looked_at(next));
        self.over = next
            .as_ref()
            .is_none_or(|next| next.as_ref().is_err_and(|fault| fault.fatal));
        next
    }

    fn looked_at(&mut self, next: Result<Record, RowFault>) -> Result<Record, RowFault> {
        let row = next.as_ref().map_or_else(|fault| fault.row, |record| record.row);
        let Some(left) = self.left.checked_sub(1) else {
            let problem = IntakeFlaw::TooManyRows.of_row().with("max", self.most);
            return Err(RowFault::fatal(row, problem));
        };
        self.left = left;
        let record = next?;
        self.duplicates
            .look(&record)
            .map_err(|problem| RowFault::one(row, problem))?;
        Ok(record)
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<Record, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.first.take().or_else(|| self.read())
    }
}

/// Problems of a row, from those of its cells.
fn refused(row: u64, problems: Vec<Problem>) -> RowFault {
    RowFault {
        row,
        problems,
        fatal: false,
    }
}
