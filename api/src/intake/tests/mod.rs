//! Files as people and programs really send them.

mod books;
mod broken_books;
mod lines;
mod round_trip;
mod separated;

use std::io::Cursor;

use domain::intake::record::Record;
use domain::problem::Problem;
use domain::vocabulary::{ImportFormat, ImportKind, Language};

use super::{FileFault, Limits, RowFault, records};

type Row = Result<Record, RowFault>;

fn read_as(kind: ImportKind, format: ImportFormat, bytes: &[u8], limits: Limits) -> Result<Vec<Row>, FileFault> {
    records(kind, format, Cursor::new(bytes.to_vec()), limits).map(Iterator::collect)
}

fn members(format: ImportFormat, bytes: &[u8]) -> Result<Vec<Row>, FileFault> {
    read_as(ImportKind::Member, format, bytes, Limits::default())
}

fn csv(bytes: &[u8]) -> Vec<Row> {
    members(ImportFormat::Csv, bytes).expect("a file that is read")
}

fn cell<'a>(row: &'a Row, key: &str) -> &'a str {
    let record = row.as_ref().expect("a row that is read");
    record.cells.get(key).map_or("", String::as_str)
}

/// Row, code and reason of each problem.
fn told(row: &Row) -> (u64, Vec<(String, String)>) {
    let fault = row.as_ref().expect_err("a row that is refused");
    (fault.row, reasons(&fault.problems))
}

fn reasons(problems: &[Problem]) -> Vec<(String, String)> {
    let reason = |problem: &Problem| problem.params.get("reason").cloned().unwrap_or_default();
    problems
        .iter()
        .map(|problem| (problem.code.to_string(), reason(problem)))
        .collect()
}

fn refused(result: Result<Vec<Row>, FileFault>) -> Vec<(String, String)> {
    let fault = result.expect_err("a file that is refused");
    for problem in &fault.problems {
        for language in [Language::ZhCn, Language::En] {
            let text = problem.message(language);
            assert!(!text.contains(['{', '}', '[', ']']), "{text}");
        }
    }
    reasons(&fault.problems)
}

fn one(code: &str, reason: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), reason.to_owned())]
}
