//! Beginning an export, and ending one before its time.

use chrono::NaiveDate;
use domain::export::{Contents, lacking};
use domain::policy::{Action, Grant, Permit, Place, Subject, Target, scope};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{EntityKind, ExportFormat, ExportKind, ExportState, RevealPurpose, SealedField};
use serde_json::json;

use super::super::organization::{Within, place_of};
use super::super::outcome::{Failure, Outcome};
use super::super::people::expect;
use super::super::people::reveal::{field_name, noted};
use super::super::structure::{each_once, org};
use super::super::writing::{Unit, upsert};
use super::{ExportJob, PREFIX, state_of};

/// Jobs of an account that wait or run at once.
const AT_ONCE: u64 = 2;
/// Jobs of an account whose parts are kept, these included.
const KEPT: u64 = 20;

/// An export to be begun.
#[derive(Debug, Clone)]
pub struct Start {
    pub kinds: Vec<ExportKind>,
    pub within: Within,
    pub as_of: Option<NaiveDate>,
    pub format: ExportFormat,
    /// Sealed fields of members, to be written plainly.
    pub fields: Vec<SealedField>,
    pub purpose: Option<RevealPurpose>,
    pub note: Option<String>,
}

/// An export to be ended before its time.
#[derive(Debug, Clone)]
pub struct Cancel {
    pub job_id: String,
    pub expected_version: Option<i64>,
}

/// Where the org stands that an export is named by: the account's own, or one that the directory shows it.
async fn place(unit: &Unit, id: &str, field: &str) -> Outcome<Place> {
    let own = unit.actor.service.as_ref().map(|service| &service.org);
    match own.filter(|own| own.id == id) {
        Some(own) => Ok(own.clone()),
        None => Ok(place_of(&org(unit, id, field).await?)?),
    }
}

/// What the input says against itself, whoever sends it.
fn check(input: &Start, today: NaiveDate) -> Outcome<()> {
    let missing = |field: &str| Err(Problem::at(ProblemCode::Required, field).into());
    let against = |field: &str, with: &str| Err(Problem::invalid(field, Flaw::Contradiction).with("with", with).into());
    if input.kinds.is_empty() {
        return missing("kinds");
    }
    each_once(&input.kinds, "kinds")?;
    each_once(&input.fields, "fields")?;
    if !input.fields.is_empty() && !input.kinds.contains(&ExportKind::Member) {
        return against("fields", "kinds");
    }
    match input.purpose {
        None if !input.fields.is_empty() => return missing("purpose"),
        Some(_) if input.fields.is_empty() => return against("purpose", "fields"),
        _ => {}
    }
    let Some(day) = input.as_of else { return Ok(()) };
    if day > today {
        return Err(Problem::too_late("asOf", today).into());
    }
    // An activity has no past form: what stands there now is what is known of it.
    match input.kinds.iter().position(|kind| *kind == ExportKind::Activity) {
        Some(at) => against(&format!("kinds.{at}"), "asOf"),
        None => Ok(()),
    }
}

/// What the account may not read of it, named as any missing right is.
fn permitted(unit: &Unit, target: &Target, input: &Start) -> Outcome<()> {
    let contents = Contents {
        kinds: &input.kinds,
        fields: &input.fields,
    };
    let lacking = lacking(&unit.actor, target, contents);
    if lacking.is_empty() {
        return Ok(());
    }
    let refused = |(field, subject): (String, Subject)| {
        Problem::at(ProblemCode::Forbidden, &field)
            .with("right", format_args!("{}:R", subject.as_str()))
            .with("reason", "MISSING_RIGHT")
            .with("holders", "SERVICE_ACCOUNT")
    };
    Err(Failure::Problems(lacking.into_iter().map(refused).collect()))
}

/// Notes in the trail who takes what out of the system, and what for; before anything of it is read.
fn trail(unit: &mut Unit, permit: &Permit, place: &Place, fields: &[&'static str], purpose: Option<String>) {
    let seen = upsert(
        EntityKind::Organization,
        &place.id,
        0,
        (place.id.as_str(), place.path.as_str()),
        fields,
    );
    unit.trail(permit, &seen, purpose);
}

/// Begins an export; a node takes it up. The id of the job.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN` (of the export, or of what it would hold), `REQUIRED`, `INVALID`, `DATE_IN_FUTURE`, `TOO_LONG`,
/// `TOO_MANY`, or the database is away.
#[tracing::instrument(name = "ops.export.start", skip_all)]
pub async fn start(unit: &mut Unit, input: &Start) -> Outcome<Vec<String>> {
    let place = place(unit, input.within.id(), "within").await?;
    let target = Target::at(place.clone());
    let permit = unit.require(Action::RunExport, &target, "within")?;
    check(input, unit.today)?;
    permitted(unit, &target, input)?;
    let purpose = input
        .purpose
        .map(|purpose| noted(purpose, input.note.as_deref()))
        .transpose()?;
    let account = unit.write.hold_account(&unit.actor.account_id).await?;
    let account = account.ok_or(Failure::Unauthenticated)?;
    let (active, kept) = unit.write.count_exports(&account.id, unit.now).await?;
    for (number, most) in [(active, AT_ONCE), (kept, KEPT)] {
        if number >= most {
            return Err(Problem::new(ProblemCode::TooMany).with("max", most).into());
        }
    }
    // In the order in which they are written, whatever the order in which they were named.
    let kinds = ExportKind::ALL.iter().filter(|kind| input.kinds.contains(kind));
    let kinds: Vec<&'static str> = kinds.map(|kind| kind.as_str()).collect();
    let fields = SealedField::ALL.iter().filter(|field| input.fields.contains(field));
    let fields: Vec<SealedField> = fields.copied().collect();
    let mut named = kinds.clone();
    named.extend(fields.iter().map(|field| field_name(*field)));
    trail(unit, &permit, &place, &named, purpose.clone());
    let row = ExportJob {
        id: format!("{PREFIX}_{}", unit.app.ids.plain()),
        account_id: account.id,
        auth_epoch: account.auth_epoch,
        organization_id: place.id,
        extent: input.within.extent().to_owned(),
        kinds: json!(kinds),
        format: input.format.to_string(),
        fields: json!(fields.iter().map(|field| field.as_str()).collect::<Vec<_>>()),
        purpose,
        request_id: unit.request_id().to_owned(),
        as_of: input.as_of,
        state: ExportState::Queued.to_string(),
        failure: None,
        holder: None,
        locked_until: None,
        attempts: 0,
        epoch: None,
        position: None,
        done: 0,
        total: None,
        created_at: unit.now,
        started_at: None,
        finished_at: None,
        expires_at: None,
        version: 1,
    };
    let id = row.id.clone();
    unit.write.insert_export(&permit, row).await?;
    Ok(vec![id])
}

/// Ends an export that waits or runs; what was written of it is thrown away. The id of the job.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, `WRONG_STATE`, or the database is away.
#[tracing::instrument(name = "ops.export.cancel", skip_all)]
pub async fn cancel(unit: &mut Unit, input: &Cancel) -> Outcome<Vec<String>> {
    let visible = scope(&unit.actor, Subject::Exports, Grant::Rows);
    let account = unit.actor.account_id.clone();
    let found = unit.write.find_export(&visible, &account, &input.job_id).await?;
    let job = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "jobId"))?;
    let place = place(unit, &job.organization_id, "jobId").await?;
    let permit = unit.require(Action::RunExport, &Target::at(place.clone()), "jobId")?;
    expect(job.version, input.expected_version)?;
    let state = state_of(&job, unit.now);
    if state.is_over() {
        return Err(Problem::wrong_state("jobId", state).into());
    }
    unit.write.cancel_export(&permit, &job.id, unit.now).await?;
    trail(unit, &permit, &place, &["cancelled"], None);
    Ok(vec![job.id])
}
