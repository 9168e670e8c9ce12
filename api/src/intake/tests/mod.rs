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

/// Memory of the process in KiB: `VmRSS:` what it holds, `VmHWM:` the most that it ever held.
fn memory(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(which));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}

/// What a test that runs itself alone is told by.
const ALONE: &str = "ORGLIFE_TEST_ALONE";

/// Memory is the process's: where other tests run beside, theirs is counted too. So a test runs itself once more, alone in a
/// process, with what it is to know; there it finds that here, and elsewhere it finds nothing.
fn alone(test: &str, with: &std::ffi::OsStr) -> Option<std::ffi::OsString> {
    if let Some(told) = std::env::var_os(ALONE) {
        return Some(told);
    }
    let alone = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("intake::tests::{test}"), "--nocapture"])
        .env(ALONE, with)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&alone.stdout);
    assert!(
        alone.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&alone.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
    None
}
