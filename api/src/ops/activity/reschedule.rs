//! Reschedule an activity 改期, or change what was said of it: who is expected is computed anew, notice of another time or
//! place starts anew.

use chrono::{DateTime, Utc};
use domain::lifecycle::activity::{Command, code_expires_at};
use domain::period::local_date;
use domain::policy::Action;
use domain::problem::Problem;
use domain::vocabulary::AttendanceMode;

use super::super::activity_unit::hosting;
use super::super::inbox::standing::noticed_at;
use super::super::outcome::Outcome;
use super::super::seating::reseat_at;
use super::super::writing::Unit;
use super::draft::{
    agenda, check_agenda, check_day, check_declared, check_lecture, check_offer, check_online_address, check_people,
    check_twice,
};
use super::invitation::{Guests, invite};
use super::together::{regroup, tell_gone};
use super::{Activity, AgendaLine, Loaded, TITLE, limit};

/// What changes; `None` leaves a field as it is.
#[derive(Debug, Clone)]
pub struct Reschedule {
    pub activity_id: String,
    pub expected_version: i64,
    pub title: Option<String>,
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub place: Option<String>,
    pub mode: Option<AttendanceMode>,
    pub online_address: Option<String>,
    pub agenda: Option<Vec<AgendaLine>>,
    /// Which orgs take part besides the host.
    pub organizations: Option<Vec<String>>,
    pub unit_id: Option<String>,
    pub chair_id: Option<String>,
    pub recorder_id: Option<String>,
    /// Empty takes it away.
    pub lecturer: Option<String>,
    pub links: Option<Vec<String>>,
    /// Who is invited, said anew.
    pub guests: Option<Guests>,
    pub make_up_for: Option<String>,
    pub for_year: Option<i32>,
    /// Activities at about the new time besides which this one is held.
    pub besides: Vec<String>,
    pub notice: bool,
}

/// Changes what was said of a scheduled activity. The id of the activity.
///
/// # Errors
/// `CONFLICT`, `WRONG_STATE`, `INVALID` fields, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.reschedule", skip_all)]
pub async fn reschedule(unit: &mut Unit, input: &Reschedule) -> Outcome<Vec<String>> {
    let mut loaded = unit.activity(&input.activity_id).await?;
    let permit = unit.require(Action::RescheduleActivity, &loaded.target(), "activityId")?;
    loaded.expect(Some(input.expected_version))?;
    let step = loaded.step(Command::Reschedule)?;
    check_people(
        unit,
        &[
            (input.chair_id.as_ref(), "chairId"),
            (input.recorder_id.as_ref(), "recorderId"),
        ],
    )
    .await?;
    check_lecture(input.lecturer.as_deref(), input.links.as_deref().unwrap_or_default())?;
    let moved = apply(unit, &mut loaded, input)?;
    redated(unit, &mut loaded, input).await?;
    if let Some(lines) = &input.agenda {
        check_agenda(loaded.kind, lines)?;
        let rows = agenda(unit, &loaded.row.id, lines);
        unit.write.replace_agenda(&loaded.row.id, rows).await?;
    }
    let before = loaded.org_ids();
    let gone = match &input.organizations {
        Some(named) => regroup(unit, &mut loaded, named).await?,
        None => Vec::new(),
    };
    if let Some(guests) = &input.guests {
        unit.write.invite_nobody(&loaded.row.id).await?;
        invite(unit, &loaded, guests).await?;
    }
    unit.keep(&permit, &mut loaded, step.fields).await?;
    tell_gone(unit, &permit, &loaded, &gone);
    if moved || before != loaded.org_ids() {
        unit.write
            .redate_attendance(&loaded.row.id, loaded.row.local_date)
            .await?;
        reseat_at(unit, &loaded.row.id).await?;
    }
    noticed_at(unit, &loaded.row.id).await?;
    Ok(vec![loaded.row.id])
}

/// Another day, unit, period or year: each has to fit.
async fn redated(unit: &Unit, loaded: &mut Loaded, input: &Reschedule) -> Outcome<()> {
    if input.starts_at.is_some() {
        if loaded.row.local_date < unit.today {
            return Err(Problem::too_early("startsAt", unit.today).into());
        }
        check_day(unit, loaded.row.local_date, unit.today)?;
        check_twice(unit, &loaded.row, &input.besides).await?;
        loaded.book = unit.book_of(&loaded.host, loaded.row.local_date).await?;
    }
    if input.unit_id.is_some() {
        loaded.row.unit_id = hosting(unit, input.unit_id.as_deref(), &loaded.host.id).await?;
    }
    check_declared(&loaded.row, loaded.kind, &loaded.book)
}

/// Applies what was typed; whether time, place or mode moved.
fn apply(unit: &Unit, loaded: &mut Loaded, input: &Reschedule) -> Outcome<bool> {
    limit(input.title.as_deref(), TITLE, "title")?;
    limit(input.place.as_deref(), TITLE, "place")?;
    check_online_address(input.online_address.as_deref())?;
    let row = &mut loaded.row;
    let before = (row.starts_at, row.place.clone(), row.mode.clone());
    retime(unit, row, input)?;
    if let Some(mode) = input.mode {
        check_offer(mode)?;
        row.mode = mode.to_string();
        loaded.mode = mode;
    }
    retype(row, input);
    let moved = before != (row.starts_at, row.place.clone(), row.mode.clone());
    if moved {
        // Notice of another time or place is no notice of this one.
        row.noticed_at = None;
        if row.check_in_code.is_some() {
            row.check_in_expires_at = Some(code_expires_at(unit.now, row.starts_at));
        }
    }
    // What was noticed and has neither another time nor another place stays noticed since then.
    if input.notice && row.noticed_at.is_none() {
        row.noticed_at = Some(unit.now.min(row.starts_at));
    }
    Ok(moved)
}

fn retime(unit: &Unit, row: &mut Activity, input: &Reschedule) -> Outcome<()> {
    if let Some(starts_at) = input.starts_at {
        row.starts_at = starts_at;
        row.local_date = local_date(starts_at, unit.app.zone);
    }
    row.ends_at = input.ends_at.or(row.ends_at.filter(|_| input.starts_at.is_none()));
    if row.ends_at.is_some_and(|end| end < row.starts_at) {
        let min = row.starts_at.to_rfc3339();
        return Err(Problem::too_early("endsAt", min).into());
    }
    Ok(())
}

/// Texts and people as typed; an empty text takes away what stood there.
fn retype(row: &mut Activity, input: &Reschedule) {
    for (typed, field) in [
        (&input.place, &mut row.place),
        (&input.online_address, &mut row.online_address),
        (&input.lecturer, &mut row.lecturer),
        (&input.make_up_for, &mut row.make_up_for),
        (&input.chair_id, &mut row.chair_id),
        (&input.recorder_id, &mut row.recorder_id),
    ] {
        if let Some(typed) = typed.as_deref().map(str::trim) {
            *field = (!typed.is_empty()).then(|| typed.to_owned());
        }
    }
    if let Some(links) = &input.links {
        row.links = (!links.is_empty()).then(|| serde_json::json!(links).to_string());
    }
    if let Some(year) = input.for_year {
        row.for_year = Some(i64::from(year));
    }
    if let Some(title) = input.title.as_deref().map(str::trim).filter(|title| !title.is_empty()) {
        title.clone_into(&mut row.title);
    }
}
