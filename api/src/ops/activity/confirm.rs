//! Joint activities 联合活动: the host records, each further org confirms its own people, and puts its own right afterwards.

use domain::policy::{Action, Permit, Place, Scope, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::ActivityStatus;

use super::super::inbox::standing::asked_at;
use super::super::obligation::rejudge::rejudge;
use super::super::outcome::Outcome;
use super::super::writing::Unit;
use super::people::{count, measured, people_of};
use super::{Exception, Loaded, Participation, judged, limit};

/// Which org confirms its people at which activity, or corrects what it confirmed.
#[derive(Debug, Clone)]
pub struct Confirm {
    pub activity_id: String,
    pub organization_id: String,
    pub expected_version: Option<i64>,
    pub exceptions: Vec<Exception>,
    /// Why what was confirmed is put right.
    pub reason: Option<String>,
}

/// Confirms the people of one org, or corrects them once they are confirmed. The ids: the activity first, then the
/// obligations that changed.
///
/// # Errors
/// `WRONG_STATE`, `ALREADY_RECORDED`, `REQUIRED`, `NOT_EXPECTED`, `CONFLICT`, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.confirm", skip_all)]
pub async fn confirm(unit: &mut Unit, input: &Confirm) -> Outcome<Vec<String>> {
    limit(input.reason.as_deref(), 1000, "reason")?;
    let (mut loaded, permit) = opened(unit, input).await?;
    let own = loaded
        .orgs
        .iter()
        .find(|org| org.organization_id == input.organization_id);
    let own = own.ok_or_else(|| Problem::wrong_state("organizationId", "TAKES_NO_PART"))?;
    let corrects = corrects(input, own)?;
    if let Some(problem) = against(loaded.status) {
        return Err(problem.into());
    }
    let org = input.organization_id.clone();
    let people = people_of(unit, loaded.kind, &loaded.org_ids(), loaded.row.local_date).await?;
    let mut rows = unit.write.attendance_at(&loaded.row.id).await?;
    judged::judge(unit, &loaded, &org, (&people, &mut rows), &input.exceptions, corrects).await?;
    let confirms: &[&str] = if corrects { &[] } else { &[&org] };
    count(unit, &loaded, &rows, confirms).await?;
    unit.keep(&permit, &mut loaded, &["expected", "tally", "participations"])
        .await?;
    if let Some((_, line)) = unit.ledger.trail.last_mut() {
        line.purpose.clone_from(&input.reason);
    }
    let own: Vec<_> = rows.iter().filter(|row| row.organization_id == org).cloned().collect();
    asked_at(unit, &loaded.row.id).await?;
    measured(unit, &loaded, &own).await?;
    let mut ids = vec![loaded.row.id.clone()];
    ids.extend(rejudge(unit, &[org], loaded.row.local_date).await?);
    Ok(ids)
}

/// What the state of the activity has against confirming, and against putting right what was confirmed: only what was held
/// had people.
#[must_use]
pub fn against(status: ActivityStatus) -> Option<Problem> {
    let held = matches!(status, ActivityStatus::Held | ActivityStatus::Filed);
    (!held).then(|| Problem::wrong_state("activityId", status))
}

/// What it is aimed at: each org writes for its own people, and whoever takes part sees the activity.
#[must_use]
pub fn target(own: Place, sight: &Scope) -> Target {
    Target::at(own).shown_by(sight)
}

async fn opened(unit: &Unit, input: &Confirm) -> Outcome<(Loaded, Permit)> {
    let loaded = unit.activity(&input.activity_id).await?;
    let place = unit.place_at(&input.organization_id, "organizationId").await?;
    let mut target = target(place, &loaded.sight);
    target.other_orgs = std::iter::once(&loaded.host).chain(&loaded.others).cloned().collect();
    let permit = unit.require(Action::RecordAttendance, &target, "organizationId")?;
    loaded.expect(input.expected_version)?;
    Ok((loaded, permit))
}

/// Whether what was confirmed is put right, which needs somebody to name and a reason. The host corrects its own record.
fn corrects(input: &Confirm, own: &Participation) -> Outcome<bool> {
    if own.confirmed_at.is_none() {
        return Ok(false);
    }
    if input.exceptions.is_empty() {
        return Err(Problem::at(ProblemCode::AlreadyRecorded, "organizationId").into());
    }
    if input.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Problem::at(ProblemCode::Required, "reason").into());
    }
    Ok(true)
}
