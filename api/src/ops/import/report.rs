//! The report 导入报告 of an import: what became of each row. Some hundred rows lie in one piece; problems are kept by code and
//! parameters, so that each reader is told in their own language.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::intake::{ErrorPolicy, RowOutcome, outcome};
use domain::problem::{BasisReference, Problem, ProblemCode};
use domain::vocabulary::ImportFailure;
use serde::{Deserialize, Serialize};

use super::super::organization::{Counted, Page, PageRequest};
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::job::ImportJob;
use super::{FieldChange, RowTold};
use crate::store::import_report::ImportReport;

/// A problem as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    code: ProblemCode,
    path: Vec<String>,
    params: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basis: Option<BasisReference>,
}

/// A row as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptRow {
    /// None for who is not in the file.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(rename = "o")]
    outcome: RowOutcome,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    entity: Option<String>,
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<FieldChange>,
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Kept>,
}

/// A row of a report, with its place in it.
#[derive(Debug, Clone)]
pub struct ReportRow {
    pub piece: i64,
    pub index: i64,
    /// None for who is not in the file.
    pub row: Option<u64>,
    pub outcome: RowOutcome,
    pub entity_id: Option<String>,
    pub changes: Vec<FieldChange>,
    pub problems: Vec<Problem>,
}

/// Rows of each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub created: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub rejected: i64,
}

impl Tally {
    #[must_use]
    pub fn of(rows: &[RowTold]) -> Self {
        let mut tally = Self::default();
        for row in rows {
            match row.outcome {
                RowOutcome::Created => tally.created += 1,
                RowOutcome::Changed => tally.changed += 1,
                RowOutcome::Unchanged => tally.unchanged += 1,
                RowOutcome::Rejected | RowOutcome::NotDone => tally.rejected += 1,
            }
        }
        tally
    }
}

/// Problems as JSON, as they are kept with a job.
#[must_use]
pub fn problems_kept(problems: &[Problem]) -> serde_json::Value {
    serde_json::json!(problems.iter().map(kept).collect::<Vec<_>>())
}

/// Problems as they were kept.
#[must_use]
pub fn problems_of(json: &serde_json::Value) -> Vec<Problem> {
    let read: Vec<Kept> = serde_json::from_value(json.clone()).unwrap_or_default();
    read.into_iter().map(told).collect()
}

fn kept(problem: &Problem) -> Kept {
    Kept {
        code: problem.code,
        path: problem.path.clone(),
        params: problem
            .params
            .iter()
            .map(|(key, value)| (key.to_string(), value.clone()))
            .collect(),
        basis: problem.basis.clone(),
    }
}

fn told(kept: Kept) -> Problem {
    Problem {
        code: kept.code,
        path: kept.path,
        params: kept
            .params
            .into_iter()
            .map(|(key, value)| (Cow::Owned(key), value))
            .collect(),
        basis: kept.basis,
    }
}

/// A piece of a job's report.
///
/// # Errors
/// Never in practice: every row has a JSON form.
pub(super) fn piece(job: &str, number: i64, rows: Vec<RowTold>) -> Outcome<ImportReport> {
    let tally = Tally::of(&rows);
    let rows: Vec<KeptRow> = rows
        .into_iter()
        .map(|row| KeptRow {
            row: (row.row > 0).then_some(row.row),
            outcome: row.outcome,
            entity: row.entity_id,
            changes: row.changes,
            problems: row.problems.iter().map(kept).collect(),
        })
        .collect();
    Ok(ImportReport {
        job_id: job.to_owned(),
        number,
        created: tally.created,
        changed: tally.changed,
        unchanged: tally.unchanged,
        rejected: tally.rejected,
        content: serde_json::to_string(&rows).map_err(anyhow::Error::from)?,
    })
}

/// Whether a refused row held back all the others.
fn is_held_back(job: &ImportJob) -> bool {
    job.failure.as_deref() == Some(ImportFailure::RowsRejected.as_str())
}

/// The rows of a piece as readers are told of them.
///
/// # Errors
/// The piece is damaged.
pub fn rows_of(job: &ImportJob, piece: &ImportReport) -> Outcome<Vec<ReportRow>> {
    let rows: Vec<KeptRow> = serde_json::from_str(&piece.content).map_err(anyhow::Error::from)?;
    let policy = job.error_policy.parse().unwrap_or(ErrorPolicy::RowByRow);
    let refused = usize::from(is_held_back(job));
    let row = |(index, row): (i64, KeptRow)| {
        let outcome = outcome(policy, refused, row.outcome);
        ReportRow {
            piece: piece.number,
            index,
            row: row.row,
            outcome,
            entity_id: row.entity.filter(|_| outcome != RowOutcome::NotDone),
            changes: row.changes,
            problems: row.problems.into_iter().map(told).collect(),
        }
    };
    Ok((0..).zip(rows).map(row).collect())
}

/// The outcomes under which rows lie in the database that readers find under these.
fn as_kept(job: &ImportJob, outcomes: &[RowOutcome]) -> Vec<RowOutcome> {
    use RowOutcome as O;
    let all = [O::Created, O::Changed, O::Unchanged, O::Rejected];
    let policy = job.error_policy.parse().unwrap_or(ErrorPolicy::RowByRow);
    let refused = usize::from(is_held_back(job));
    let wanted = |kept: &O| outcomes.is_empty() || outcomes.contains(&outcome(policy, refused, *kept));
    all.into_iter().filter(wanted).collect()
}

impl Reading {
    /// A page of the report of a job that was read under the account's rights: rows of some outcomes, or all.
    ///
    /// # Errors
    /// The database is away, or the report is damaged.
    pub async fn import_report(
        &self,
        job: &ImportJob,
        outcomes: &[RowOutcome],
        request: &PageRequest,
    ) -> Outcome<Page<ReportRow>> {
        let kept = as_kept(job, outcomes);
        if let Some(cap) = request.count {
            let all = self.snapshot.count_report(&job.id, &kept).await?;
            return Ok(Page::of_count(Counted::up_to(all, cap.0)));
        }
        let number = |at: usize| request.from.as_ref().and_then(|from| from.get(at)?.parse::<i64>().ok());
        let from = number(0).zip(number(1));
        let behind = |row: &ReportRow| {
            from.is_none_or(|from| {
                let here = (row.piece, row.index);
                if request.backward { here < from } else { here > from }
            })
        };
        let start = if request.backward { i64::MAX } else { 0 };
        let (mut at, mut rows) = (from.map_or(start, |from| from.0), Vec::new());
        let enough = usize::try_from(request.limit).unwrap_or(usize::MAX).saturating_add(1);
        while rows.len() < enough {
            let piece = self
                .snapshot
                .report_piece(&job.id, (at, request.backward), &kept)
                .await?;
            let Some(piece) = piece else { break };
            let mut some = rows_of(job, &piece)?;
            some.retain(|row| behind(row) && (outcomes.is_empty() || outcomes.contains(&row.outcome)));
            if request.backward {
                some.reverse();
            }
            rows.extend(some.into_iter().take(enough - rows.len()));
            at = piece.number + if request.backward { -1 } else { 1 };
        }
        Ok(Page::cut(rows, request))
    }
}
