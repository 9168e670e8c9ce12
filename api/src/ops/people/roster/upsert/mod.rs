//! Up to five hundred members at once, as another system knows them: who is not there is entered, who is there is brought in
//! line. One plan, made before anything is written; what needs a decision (branch, group, standing) is refused, row by row.

mod batch;
mod plan;
mod seen;

use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use domain::intake::{By, ErrorPolicy, IntakeMode, RowOutcome, outcome};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::Standing;

use super::sealing::Typed;
use crate::ops::import::FieldChange;
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::writing::Unit;
pub(in crate::ops) use batch::{Batch, Entered};
use plan::Known;
pub(in crate::ops) use seen::Seen;

/// Most rows of one call.
pub const ROWS: usize = 500;

/// A member as another system knows them; what is left out stays as it is.
#[derive(Debug, Clone)]
pub struct Row {
    pub member: By,
    pub branch: Option<By>,
    pub group: Option<By>,
    pub name: Option<String>,
    pub standing: Option<Standing>,
    pub joined_on: Option<NaiveDate>,
    pub became_full_on: Option<NaiveDate>,
    pub since: Option<NaiveDate>,
    pub unit_tag: Option<String>,
    pub sealed: Typed,
}

/// Rows to be taken.
#[derive(Debug, Clone)]
pub struct Upsert {
    pub rows: Vec<Row>,
    pub mode: IntakeMode,
    pub policy: ErrorPolicy,
}

/// What became of a row.
#[derive(Debug, Clone)]
pub struct RowResult {
    pub outcome: RowOutcome,
    pub member_id: Option<String>,
    /// Of somebody who was there: what is otherwise than before.
    pub changes: Vec<FieldChange>,
    pub problems: Vec<Problem>,
}

/// Plans rows: what becomes of each, and what is to be written for that. `seen` knows the rows before them.
///
/// # Errors
/// The database is away.
pub(in crate::ops) async fn planned(
    unit: &mut Unit,
    rows: &[Row],
    mode: IntakeMode,
    seen: &mut Seen,
) -> Outcome<(Vec<RowResult>, Batch)> {
    let known = Known::of(unit, rows).await?;
    let (mut results, mut batch) = (Vec::with_capacity(rows.len()), Batch::default());
    for row in rows {
        let result = match seen.first(row).and_then(|()| known.plan(unit, row, mode, seen)) {
            Ok(planned) => batch.take(planned),
            Err(Failure::Problems(problems)) => RowResult {
                outcome: RowOutcome::Rejected,
                member_id: None,
                changes: Vec::new(),
                problems: problems.into_iter().map(named_as_typed).collect(),
            },
            Err(other) => return Err(other),
        };
        results.push(result);
    }
    Ok((results, batch))
}

/// Where the use case leaves what became of each row, also of a call that is refused as a whole.
pub type Told = Arc<Mutex<Vec<RowResult>>>;

/// Enters members and brings others in line. One id a row: of the member, with what became of the row before it.
///
/// # Errors
/// `TOO_MANY`, `REQUIRED`, `ROWS_REJECTED` where one refused row is to hold back all, or the database is away.
#[tracing::instrument(name = "ops.people.roster.upsert", skip_all, fields(rows = input.rows.len()))]
pub async fn upsert(unit: &mut Unit, input: &Upsert, told: &Told) -> Outcome<Vec<String>> {
    if input.rows.is_empty() {
        return Err(Problem::at(ProblemCode::Required, "rows").into());
    }
    if input.rows.len() > ROWS {
        return Err(Problem::at(ProblemCode::TooMany, "rows").with("max", ROWS).into());
    }
    let (mut results, batch) = planned(unit, &input.rows, input.mode, &mut Seen::default()).await?;
    for (number, result) in results.iter_mut().enumerate() {
        let part = format!("rows.{number}");
        let problems = std::mem::take(&mut result.problems).into_iter();
        result.problems = problems.map(|problem| problem.within(&part)).collect();
    }
    let refused = results.iter().filter(|row| row.outcome == RowOutcome::Rejected).count();
    for result in &mut results {
        result.outcome = outcome(input.policy, refused, result.outcome);
        if result.outcome == RowOutcome::NotDone {
            result.member_id = None;
        }
    }
    let ids = results.iter().map(written).collect();
    if let Ok(mut place) = told.lock() {
        *place = results;
    }
    if input.policy == ErrorPolicy::AllOrNothing && refused > 0 {
        return Err(Problem::at(ProblemCode::RowsRejected, "rows")
            .with("count", refused)
            .into());
    }
    batch.carry_out(unit).await?;
    Ok(ids)
}

/// The problem of a row, whose fields name org and group by more than their ids.
fn named_as_typed(mut problem: Problem) -> Problem {
    for step in &mut problem.path {
        match step.as_str() {
            "branchId" => "branch".clone_into(step),
            "groupId" => "group".clone_into(step),
            _ => {}
        }
    }
    problem
}

/// What a replay tells of a row: its outcome, and the member or the codes of the refusal.
fn written(result: &RowResult) -> String {
    let codes: Vec<&str> = result.problems.iter().map(|problem| problem.code.as_str()).collect();
    let rest = result.member_id.clone().unwrap_or_else(|| codes.join(","));
    format!("{} {rest}", result.outcome)
}

/// What became of a row, from what was kept of it.
#[must_use]
pub fn replayed(text: &str, number: usize) -> RowResult {
    let (outcome, rest) = text.split_once(' ').unwrap_or((text, ""));
    let outcome = outcome.parse().unwrap_or(RowOutcome::Rejected);
    let refused = outcome == RowOutcome::Rejected;
    let codes = rest.split(',').filter(|_| refused).filter_map(|code| code.parse().ok());
    RowResult {
        outcome,
        member_id: (!refused && !rest.is_empty()).then(|| rest.to_owned()),
        changes: Vec::new(),
        problems: codes
            .map(|code: ProblemCode| Problem::at(code, &format!("rows.{number}")))
            .collect(),
    }
}
