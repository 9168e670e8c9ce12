//! Correct a record 更正: a further revision of the minutes, attendance as it was, votes counted afresh.

use domain::lifecycle::activity::Command;
use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::ActivityStatus;

use super::super::inbox::standing::asked_at;
use super::super::obligation::rejudge::rejudge;
use super::super::outcome::Outcome;
use super::super::writing::Unit;
use super::people::{count, measured, people_of};
use super::record::file;
use super::vote::{check_owners, recount, resolved, voters};
use super::{Exception, MINUTES, ResolutionLine, few, judged, limit};

/// What is to be put right, and why.
#[derive(Debug, Clone)]
pub struct Correct {
    pub activity_id: String,
    pub expected_version: i64,
    pub reason: Option<String>,
    /// A new text of the minutes; the earlier revisions stay.
    pub minutes: Option<String>,
    /// People whose attendance was recorded wrongly.
    pub exceptions: Vec<Exception>,
    /// Resolutions that were forgotten.
    pub resolutions: Vec<ResolutionLine>,
}

/// Whether the record of an activity is the actor's to put right.
///
/// # Errors
/// `NOT_FOUND`, a refused right, or the database is away.
pub(in crate::ops) async fn may_correct(unit: &Unit, id: &str) -> Outcome<()> {
    let loaded = unit.activity(id).await?;
    unit.require(Action::RecordAttendance, &loaded.target(), "activityId")?;
    Ok(())
}

/// Corrects a record. The ids: the activity first, then the obligations that changed.
///
/// # Errors
/// `CONFLICT`, `WRONG_STATE`, `NOT_EXPECTED`, `VOTE_INVALID`, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.correct", skip_all)]
pub async fn correct(unit: &mut Unit, input: &Correct) -> Outcome<Vec<String>> {
    few(input.resolutions.len(), "resolutions")?;
    limit(input.minutes.as_deref(), MINUTES, "minutes")?;
    limit(input.reason.as_deref(), 1000, "reason")?;
    let minutes = input.minutes.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut loaded = unit.activity(&input.activity_id).await?;
    let permit = unit.require(Action::RecordAttendance, &loaded.target(), "activityId")?;
    loaded.expect(Some(input.expected_version))?;
    if minutes.is_none() && input.exceptions.is_empty() && input.resolutions.is_empty() {
        return Err(Problem::at(ProblemCode::Required, "minutes")
            .with("reason", "NO_CHANGE")
            .into());
    }
    let step = loaded.step(Command::Correct {
        with_minutes: minutes.is_some(),
    })?;
    // The first minutes of what was held are no correction; whatever else changes the record is.
    let corrects = loaded.status == ActivityStatus::Filed || !input.exceptions.is_empty();
    let reason = input
        .reason
        .as_deref()
        .map(str::trim)
        .filter(|reason| !reason.is_empty());
    if corrects && reason.is_none() {
        return Err(Problem::at(ProblemCode::Required, "reason").into());
    }
    let mut rows = unit.write.attendance_at(&loaded.row.id).await?;
    if minutes.is_some() || !input.resolutions.is_empty() {
        unit.require_minutes(&loaded, &rows)?;
    }
    let people = people_of(unit, loaded.kind, &loaded.org_ids(), loaded.row.local_date).await?;
    if !input.exceptions.is_empty() {
        let host = loaded.host.id.clone();
        judged::judge(unit, &loaded, &host, (&people, &mut rows), &input.exceptions, true).await?;
        count(unit, &loaded, &rows, &[]).await?;
    }
    let voters = voters(unit, &loaded, &people, &rows).await?;
    let earlier = recount(unit, &loaded, &voters).await?;
    check_owners(unit, &loaded, &input.resolutions).await?;
    let added = resolved(unit, &loaded, &input.resolutions, &voters, earlier + 1)?;
    unit.write.insert_resolutions(added).await?;
    if let Some(text) = minutes {
        file(unit, &loaded, text, input.reason.clone()).await?;
    }
    loaded.take(&step);
    unit.keep(&permit, &mut loaded, step.fields).await?;
    if let Some((_, line)) = unit.ledger.trail.last_mut() {
        line.purpose = reason.map(ToOwned::to_owned);
    }
    asked_at(unit, &loaded.row.id).await?;
    measured(unit, &loaded, &rows).await?;
    let mut ids = vec![loaded.row.id.clone()];
    ids.extend(rejudge(unit, &loaded.org_ids(), loaded.row.local_date).await?);
    Ok(ids)
}
