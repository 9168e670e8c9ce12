//! Reschedule an activity 改期: who is expected is computed anew for the new day and mode, notice starts anew.

use chrono::{DateTime, Utc};
use domain::lifecycle::activity::{Command, code_expires_at};
use domain::period::local_date;
use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::AttendanceMode;

use super::super::inbox::standing::noticed_at;
use super::super::outcome::Outcome;
use super::super::seating::reseat_at;
use super::super::writing::Unit;
use super::draft::{agenda, check_agenda, check_day, check_online_address, check_people, check_twice};
use super::{AgendaLine, Loaded, TITLE, limit};

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
    pub chair_id: Option<String>,
    pub notice: bool,
}

/// Changes time, place, mode or agenda of a scheduled activity. The id of the activity.
///
/// # Errors
/// `CONFLICT`, `WRONG_STATE`, `INVALID` fields, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.reschedule", skip_all)]
pub async fn reschedule(unit: &mut Unit, input: &Reschedule) -> Outcome<Vec<String>> {
    let mut loaded = unit.activity(&input.activity_id).await?;
    let permit = unit.require(Action::RescheduleActivity, &loaded.target(), "activityId")?;
    loaded.expect(Some(input.expected_version))?;
    loaded.after(Command::Reschedule)?;
    check_people(unit, &[(input.chair_id.as_ref(), "chairId")]).await?;
    let moved = apply(unit, &mut loaded, input)?;
    if input.starts_at.is_some() {
        if loaded.row.local_date < unit.today {
            let min = unit.today;
            return Err(Problem::at(ProblemCode::DateTooEarly, "startsAt")
                .with("min", min)
                .into());
        }
        check_day(unit, loaded.row.local_date, unit.today)?;
        check_twice(unit, &loaded.row).await?;
    }
    if let Some(lines) = &input.agenda {
        check_agenda(loaded.kind, lines)?;
        let rows = agenda(unit, &loaded.row.id, lines);
        unit.write.replace_agenda(&loaded.row.id, rows).await?;
    }
    let fields = [
        "title",
        "startsAt",
        "endsAt",
        "place",
        "mode",
        "onlineAddress",
        "noticedAt",
        "agenda",
        "expected",
    ];
    unit.keep(&permit, &mut loaded, &fields).await?;
    if moved {
        unit.write
            .redate_attendance(&loaded.row.id, loaded.row.local_date)
            .await?;
        reseat_at(unit, &loaded.row.id).await?;
    }
    noticed_at(unit, &loaded.row.id).await?;
    Ok(vec![loaded.row.id])
}

/// Applies what was typed; whether time, place or mode moved.
fn apply(unit: &Unit, loaded: &mut Loaded, input: &Reschedule) -> Outcome<bool> {
    limit(input.title.as_deref(), TITLE, "title")?;
    limit(input.place.as_deref(), TITLE, "place")?;
    check_online_address(input.online_address.as_deref())?;
    let row = &mut loaded.row;
    let before = (row.starts_at, row.place.clone(), row.mode.clone());
    if let Some(starts_at) = input.starts_at {
        row.starts_at = starts_at;
        row.local_date = local_date(starts_at, unit.app.zone);
    }
    row.ends_at = input.ends_at.or(row.ends_at.filter(|_| input.starts_at.is_none()));
    if row.ends_at.is_some_and(|end| end < row.starts_at) {
        let min = row.starts_at.to_rfc3339();
        return Err(Problem::at(ProblemCode::DateTooEarly, "endsAt").with("min", min).into());
    }
    if let Some(mode) = input.mode {
        if mode == AttendanceMode::MakeUpStudy {
            return Err(Problem::at(ProblemCode::Invalid, "mode").into());
        }
        row.mode = mode.to_string();
        loaded.mode = mode;
    }
    for (typed, field) in [
        (&input.place, &mut row.place),
        (&input.online_address, &mut row.online_address),
        (&input.chair_id, &mut row.chair_id),
    ] {
        if typed.is_some() {
            field.clone_from(typed);
        }
    }
    if let Some(title) = input.title.as_deref().map(str::trim).filter(|title| !title.is_empty()) {
        title.clone_into(&mut row.title);
    }
    let moved = before != (row.starts_at, row.place.clone(), row.mode.clone());
    if moved {
        // Notice of another time or place is no notice of this one.
        row.noticed_at = None;
        if row.check_in_code.is_some() {
            row.check_in_expires_at = Some(code_expires_at(unit.now, row.starts_at));
        }
    }
    if input.notice {
        row.noticed_at = Some(unit.now.min(row.starts_at));
    }
    Ok(moved)
}
