//! Beginning an import, and ending one before its time.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use domain::import::may_run;
use domain::intake::ErrorPolicy;
use domain::policy::{Action, Grant, Place, Subject, Target, scope};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{DepartureReason, EntityKind, ImportFormat, ImportKind, ImportMode, ImportPhase, ImportState};
use serde_json::json;

use super::super::organization::{Within, place_of};
use super::super::outcome::{Failure, Outcome};
use super::super::people::expect;
use super::super::structure::{checked_date, checked_text, org};
use super::super::writing::{Unit, upsert};
use super::job::{Departure, ImportJob, PREFIX, state_of};

/// Jobs of an account that wait or run at once.
const AT_ONCE: u64 = 2;
/// Longest name of a sheet, longest header.
const NAME: usize = 200;
/// Most columns that are named otherwise.
const MAPPED: usize = 200;
/// A workbook is no longer than this: its list of parts and texts is held in memory.
pub const WORKBOOK_BYTES: i64 = 32 * 1024 * 1024;

/// An import to be begun.
#[derive(Debug, Clone)]
pub struct Start {
    pub file_id: String,
    pub kind: ImportKind,
    pub format: ImportFormat,
    /// The org with everything below it; the account's own where it is left out.
    pub within: Option<Within>,
    pub mode: ImportMode,
    pub policy: ErrorPolicy,
    pub dry_run: bool,
    /// (header in the file, key of the column)
    pub mapping: Vec<(String, String)>,
    pub sheet: Option<String>,
    /// Percent of the members there who may leave, with `MIRROR`.
    pub threshold: Option<i32>,
    /// How they leave, with `MIRROR`.
    pub departure: Option<Departure>,
}

/// An import to be ended before its time.
#[derive(Debug, Clone)]
pub struct Cancel {
    pub job_id: String,
    pub expected_version: Option<i64>,
}

/// Where the org stands: the account's own, or one that the directory shows it.
async fn place(unit: &Unit, id: Option<&str>, field: &str) -> Outcome<Place> {
    let own = unit.actor.service.as_ref().map(|service| &service.org);
    match (own, id) {
        (Some(own), None) => Ok(own.clone()),
        (Some(own), Some(id)) if own.id == id => Ok(own.clone()),
        (_, Some(id)) => Ok(place_of(&org(unit, id, field).await?)?),
        // Nobody else has one of their own; what they lack is told.
        (None, None) => Err(Problem::at(ProblemCode::Forbidden, field)
            .with("right", "IMPORTS:RECORD")
            .with("reason", "MISSING_RIGHT")
            .with("holders", "SERVICE_ACCOUNT")
            .into()),
    }
}

/// What the input says against itself, whoever sends it.
fn check(input: &Start, today: NaiveDate) -> Outcome<()> {
    let against = |field: &str, with: &str| Err(Problem::invalid(field, Flaw::Contradiction).with("with", with).into());
    if input.sheet.is_some() && input.format != ImportFormat::Xlsx {
        return against("sheet", "format");
    }
    if let Some(sheet) = &input.sheet {
        checked_text(sheet, "sheet", NAME)?;
    }
    if input.mapping.len() > MAPPED {
        return Err(Problem::at(ProblemCode::TooMany, "mapping").with("max", MAPPED).into());
    }
    let mut named = (BTreeMap::new(), BTreeMap::new());
    for (at, (header, column)) in input.mapping.iter().enumerate() {
        checked_text(header, &format!("mapping.{at}.header"), NAME)?;
        checked_text(column, &format!("mapping.{at}.column"), NAME)?;
        if named.0.insert(header, at).is_some() {
            return Err(Problem::invalid(&format!("mapping.{at}.header"), Flaw::Duplicate).into());
        }
        if named.1.insert(column, at).is_some() {
            return Err(Problem::invalid(&format!("mapping.{at}.column"), Flaw::Duplicate).into());
        }
    }
    check_mirror(input, today)
}

/// `MIRROR` says how many may leave, and on which decision; the other modes let nobody leave.
fn check_mirror(input: &Start, today: NaiveDate) -> Outcome<()> {
    if input.mode != ImportMode::Mirror {
        let odd = [
            ("mirrorThreshold", input.threshold.is_some()),
            ("departure", input.departure.is_some()),
        ];
        return match odd.into_iter().find(|(_, given)| *given) {
            Some((field, _)) => Err(Problem::invalid(field, Flaw::Contradiction).with("with", "mode").into()),
            None => Ok(()),
        };
    }
    if input.kind != ImportKind::Member {
        return Err(Problem::invalid("mode", Flaw::Contradiction)
            .with("with", "kind")
            .into());
    }
    let share = input
        .threshold
        .ok_or_else(|| Problem::at(ProblemCode::Required, "mirrorThreshold"))?;
    if !(0..=100).contains(&share) {
        return Err(Problem::invalid("mirrorThreshold", Flaw::OutOfRange)
            .with("min", 0)
            .with("max", 100)
            .into());
    }
    let departure = input
        .departure
        .as_ref()
        .ok_or_else(|| Problem::at(ProblemCode::Required, "departure"))?;
    checked_date(departure.left_on, today, "departure.leftOn")?;
    match (departure.reason, departure.decided_on, &departure.document_number) {
        (DepartureReason::Deceased, None, None) => Ok(()),
        (_, Some(day), Some(number)) => {
            checked_date(day, today, "departure.decision.decidedOn")?;
            checked_text(number, "departure.decision.documentNumber", 100)
        }
        _ => Err(Problem::at(ProblemCode::CollectiveDecisionRequired, "departure.decision").into()),
    }
}

/// The org that the import may touch, with all below it.
fn subtree(input: &Start) -> Outcome<Option<&str>> {
    match &input.within {
        None => Ok(None),
        Some(Within::SubtreeOf(id)) => Ok(Some(id)),
        Some(_) => Err(Problem::not_offered("within", ["subtreeOf"]).into()),
    }
}

/// Begins an import; a node takes it up. The id of the job.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN` (of the import, or of what it would write), `REQUIRED`, `INVALID`, `TOO_LONG`, `TOO_MANY`,
/// `COLLECTIVE_DECISION_REQUIRED`, or the database is away.
#[tracing::instrument(name = "ops.import.start", skip_all)]
pub async fn start(unit: &mut Unit, input: &Start) -> Outcome<Vec<String>> {
    let place = place(unit, subtree(input)?, "within").await?;
    let target = Target::at(place.clone());
    let permit = unit.require(Action::RunImport, &target, "within")?;
    may_run(&unit.actor, input.kind, &target).map_err(|(field, refusal)| refusal.problem(field))?;
    check(input, unit.today)?;
    // Two starts of one account go one after the other.
    let account = unit.write.hold_account(&unit.actor.account_id).await?;
    let account = account.ok_or(Failure::Unauthenticated)?;
    let account_id = account.id.clone();
    if unit.write.count_imports(&account_id).await? >= AT_ONCE {
        return Err(Problem::new(ProblemCode::TooMany).with("max", AT_ONCE).into());
    }
    let file = unit
        .write
        .find_import_file(&account_id, &input.file_id, unit.now)
        .await?;
    let file = file.ok_or_else(|| Problem::at(ProblemCode::NotFound, "fileId"))?;
    if input.format == ImportFormat::Xlsx && file.bytes > WORKBOOK_BYTES {
        return Err(Problem::invalid("fileId", Flaw::OutOfRange)
            .with("max", WORKBOOK_BYTES)
            .into());
    }
    let mapping: BTreeMap<&String, &String> = input.mapping.iter().map(|(header, column)| (header, column)).collect();
    let row = ImportJob {
        id: format!("{PREFIX}_{}", unit.app.ids.plain()),
        account_id,
        auth_epoch: account.auth_epoch,
        file_id: file.id,
        organization_id: place.id.clone(),
        kind: input.kind.to_string(),
        format: input.format.to_string(),
        sheet: input.sheet.clone(),
        mode: input.mode.to_string(),
        error_policy: input.policy.to_string(),
        dry_run: input.dry_run,
        mapping: json!(mapping),
        mirror_threshold: input.threshold.map(i64::from),
        departure: input.departure.as_ref().map(|departure| json!(departure)),
        request_id: unit.request_id().to_owned(),
        state: ImportState::Queued.to_string(),
        phase: ImportPhase::Reading.to_string(),
        failure: None,
        problems: json!([]),
        holder: None,
        locked_until: None,
        attempts: 0,
        done: 0,
        total: None,
        created: 0,
        changed: 0,
        unchanged: 0,
        rejected: 0,
        reports: 0,
        created_at: unit.now,
        started_at: None,
        finished_at: None,
        expires_at: None,
        version: 1,
    };
    let id = row.id.clone();
    let mut named = vec![input.kind.as_str(), input.mode.as_str()];
    named.extend(input.dry_run.then_some("dryRun"));
    trail(unit, &permit, &place, &named);
    unit.write.insert_import(&permit, row).await?;
    Ok(vec![id])
}

/// Notes in the trail who brings what in.
fn trail(unit: &mut Unit, permit: &domain::policy::Permit, place: &Place, fields: &[&'static str]) {
    let at = (place.id.as_str(), place.path.as_str());
    let seen = upsert(EntityKind::Organization, &place.id, 0, at, fields);
    unit.trail(permit, &seen, None);
}

/// Ends an import that waits or runs; what was written until then stays, and the report tells of it. The id of the job.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, `WRONG_STATE`, or the database is away.
#[tracing::instrument(name = "ops.import.cancel", skip_all)]
pub async fn cancel(unit: &mut Unit, input: &Cancel) -> Outcome<Vec<String>> {
    let visible = scope(&unit.actor, Subject::Imports, Grant::Rows);
    let account = unit.actor.account_id.clone();
    let found = unit.write.find_import(&visible, &account, &input.job_id).await?;
    let job = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "jobId"))?;
    let place = place(unit, Some(&job.organization_id), "jobId").await?;
    let permit = unit.require(Action::RunImport, &Target::at(place.clone()), "jobId")?;
    expect(job.version, input.expected_version)?;
    let state = state_of(&job, unit.now);
    if state.is_over() {
        return Err(Problem::wrong_state("jobId", state).into());
    }
    let kept = unit.now + TimeDelta::hours(unit.app.imports.hours);
    unit.write.cancel_import(&permit, &job.id, (unit.now, kept)).await?;
    trail(unit, &permit, &place, &["cancelled"]);
    Ok(vec![job.id])
}
