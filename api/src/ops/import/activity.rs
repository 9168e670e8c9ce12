//! Rows of activities 活动 that were held, with attendance by exception: recorded, or what is missing of their record.

use chrono::{DateTime, TimeZone as _, Utc};
use domain::intake::rows::activity::ActivityRow;
use domain::intake::values::Moment;
use domain::intake::{Asked, By, RowOutcome, asked};
use domain::lifecycle::activity::AttendanceException as Said;
use domain::policy::Subject;
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{ActivityStatus, AttendanceMode, AttendanceState};
use futures_util::FutureExt as _;

use super::meeting;
use super::names::Names;
use super::{Done, FieldChange, How, Numbered, RowTold};
use crate::ops::activity::correct::{Correct, correct, may_correct};
use crate::ops::activity::invitation::Guests;
use crate::ops::activity::record::{Record, Recorded, record};
use crate::ops::activity::{Activity, Attendance, Draft, Exception, ResolutionLine, read};
use crate::ops::external_id::{self, Name};
use crate::ops::outcome::Outcome;
use crate::ops::writing::Unit;
use crate::store::external_id::Identified;

/// Carries out rows of activities. What each of them came to, in the order of the rows.
///
/// # Errors
/// The database is away; what a row is refused for stands with the row.
#[tracing::instrument(name = "ops.import.activity", skip_all, fields(rows = rows.len()))]
pub async fn apply(unit: &mut Unit, rows: &[Numbered<ActivityRow>], how: &How) -> Outcome<Vec<RowTold>> {
    let names = Names::of(unit, &named_by(rows)).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        let wanted = Wanted::of(unit, &names, &row.value);
        let (value, how) = (row.value.clone(), *how);
        let done = unit
            .attempt(move |unit| async move { carry_out(unit, &value, wanted?, how).await }.boxed())
            .await?;
        told.push(RowTold::of(row.row, done));
    }
    Ok(told)
}

fn named_by(rows: &[Numbered<ActivityRow>]) -> Vec<By> {
    let named = rows.iter().flat_map(|row| {
        let row = &row.value;
        let people = row.exceptions.iter().map(|exception| &exception.member);
        let one = row.activity.iter().chain(&row.chair).chain(&row.recorder);
        one.chain(&row.organizations).chain(people).chain(meeting::people(row))
    });
    named.cloned().collect()
}

/// What a row names, by ids of ours.
struct Wanted {
    activity: Option<String>,
    organizations: Vec<String>,
    chair: Option<String>,
    recorder: Option<String>,
    exceptions: Vec<Exception>,
    resolutions: Vec<ResolutionLine>,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
}

impl Wanted {
    fn of(unit: &Unit, names: &Names, row: &ActivityRow) -> Outcome<Self> {
        let found = |of, by: &By, key: &str| names.id(of, by).ok_or_else(|| Problem::at(ProblemCode::NotFound, key));
        let person = |by: &Option<By>, key| by.as_ref().map(|by| found(Identified::Member, by, key)).transpose();
        let organizations = row.organizations.iter();
        let organizations = organizations.map(|by| found(Identified::Organization, by, "organizationExternalIds"));
        let exceptions = row.exceptions.iter().map(|exception| {
            Ok(Exception {
                member_id: found(Identified::Member, &exception.member, key_of(exception.state))?,
                state: exception.state,
                mode: exception.mode,
                category: exception.category,
            })
        });
        let exceptions: Result<Vec<Exception>, Problem> = exceptions.collect();
        Ok(Self {
            activity: row.activity.as_ref().and_then(|by| names.id(Identified::Activity, by)),
            organizations: organizations.collect::<Result<_, _>>()?,
            chair: person(&row.chair, "chairExternalId")?,
            recorder: person(&row.recorder, "recorderExternalId")?,
            exceptions: exceptions?,
            resolutions: meeting::resolutions(names, row)?,
            starts_at: instant(unit, row.starts_at, "startsAt")?,
            ends_at: instant(unit, row.ends_at, "endsAt")?,
        })
    }
}

/// The column in which such people stand.
fn key_of(said: Said) -> &'static str {
    match said {
        Said::OnLeave => "onLeave",
        Said::Absent => "absent",
        Said::Unexcused => "unexcused",
        Said::Present => "online",
    }
}

fn instant(unit: &Unit, moment: Option<Moment>, key: &str) -> Outcome<Option<DateTime<Utc>>> {
    match moment {
        None => Ok(None),
        Some(Moment::At(at)) => Ok(Some(at)),
        Some(Moment::Local(local)) => {
            let at = unit.app.zone.from_local_datetime(&local).earliest();
            // An hour that the clocks left out.
            let at = at.ok_or_else(|| Problem::invalid(key, Flaw::OutOfRange))?;
            Ok(Some(at.with_timezone(&Utc)))
        }
    }
}

async fn carry_out(unit: &mut Unit, row: &ActivityRow, wanted: Wanted, how: How) -> Outcome<Done> {
    let there = match &wanted.activity {
        Some(id) => {
            let scope = unit.rows_of(Subject::Activities);
            unit.write.activities(&scope, std::slice::from_ref(id)).await?.pop()
        }
        None => None,
    };
    let key = if matches!(row.activity, Some(By::Id(_))) {
        "id"
    } else {
        "externalId"
    };
    let asked = asked(how.mode, there.is_some()).map_err(|code| Problem::at(code, key))?;
    match (asked, there) {
        (Asked::Change, Some(there)) => change(unit, row, wanted, there).await,
        _ if key == "id" => Err(Problem::at(ProblemCode::NotFound, key).into()),
        _ => create(unit, row, wanted).await,
    }
}

async fn create(unit: &mut Unit, row: &ActivityRow, wanted: Wanted) -> Outcome<Done> {
    let required = |key: &str| Problem::at(ProblemCode::Required, key);
    if let Some(ActivityStatus::Scheduled | ActivityStatus::Cancelled) = row.status {
        return Err(Problem::not_offered("status", [ActivityStatus::Held, ActivityStatus::Filed]).into());
    }
    let kind = row.kind.ok_or_else(|| required("kind"))?;
    let starts_at = wanted.starts_at.ok_or_else(|| required("startsAt"))?;
    let mut organizations = wanted.organizations.into_iter();
    let organization_id = organizations
        .next()
        .ok_or_else(|| required("organizationExternalIds"))?;
    let mut changes = vec![
        FieldChange::to("kind", kind),
        FieldChange::to("organization", &organization_id),
        FieldChange::to("startsAt", starts_at.to_rfc3339()),
    ];
    let draft = Draft {
        organization_id,
        unit_id: None,
        kind,
        title: row.title.clone(),
        starts_at,
        ends_at: wanted.ends_at,
        place: row.place.clone(),
        mode: row.mode.unwrap_or(AttendanceMode::OnSite),
        online_address: row.online_address.clone(),
        agenda: meeting::agenda(row),
        organizations: organizations.collect(),
        chair_id: wanted.chair.clone(),
        recorder_id: wanted.recorder.clone(),
        lecturer: row.lecturer.clone(),
        links: Vec::new(),
        guests: Guests::default(),
        noticed_at: None,
        make_up_for: None,
        for_year: None,
        besides: Vec::new(),
    };
    let input = Record {
        activity: Recorded::New(Box::new(draft)),
        ends_at: wanted.ends_at,
        chair_id: wanted.chair,
        recorder_id: wanted.recorder,
        exceptions: wanted.exceptions,
        invited_absent: Vec::new(),
        minutes: row.minutes.clone(),
        resolutions: wanted.resolutions,
    };
    let ids = record(unit, &input).await?;
    let id = ids.into_iter().next().unwrap_or_default();
    if !input.resolutions.is_empty() {
        changes.extend(meeting::told(unit, &id, 0).await?);
    }
    if let Some(By::External { system, value }) = &row.activity {
        named(unit, &id, system, value).await?;
    }
    Ok((RowOutcome::Created, id, changes))
}

async fn named(unit: &mut Unit, id: &str, system: &str, value: &str) -> Outcome<()> {
    let name = Name {
        of: Identified::Activity,
        id: id.to_owned(),
        system: system.to_owned(),
        value: value.to_owned(),
    };
    external_id::assign(unit, &name).await?;
    Ok(())
}

/// What was scheduled is recorded; of what was recorded, attendance and minutes are put right.
async fn change(unit: &mut Unit, row: &ActivityRow, wanted: Wanted, there: Activity) -> Outcome<Done> {
    as_it_stands(unit, row, &wanted, &there).await?;
    let (id, mut changes) = (there.id.clone(), Vec::new());
    match read(&there.status)? {
        ActivityStatus::Cancelled => return Err(Problem::wrong_state("externalId", ActivityStatus::Cancelled).into()),
        // Told as it stands, it is to come, too.
        ActivityStatus::Scheduled if row.status == Some(ActivityStatus::Scheduled) => {}
        ActivityStatus::Scheduled => {
            let input = Record {
                activity: Recorded::Scheduled {
                    id: id.clone(),
                    expected_version: None,
                },
                ends_at: wanted.ends_at,
                chair_id: wanted.chair,
                recorder_id: wanted.recorder,
                exceptions: wanted.exceptions,
                invited_absent: Vec::new(),
                minutes: row.minutes.clone(),
                resolutions: wanted.resolutions,
            };
            record(unit, &input).await?;
            let after = if row.minutes.is_some() {
                ActivityStatus::Filed
            } else {
                ActivityStatus::Held
            };
            changes.push(FieldChange::between("status", ActivityStatus::Scheduled, after));
            if !input.resolutions.is_empty() {
                changes.extend(meeting::told(unit, &id, 0).await?);
            }
        }
        status @ (ActivityStatus::Held | ActivityStatus::Filed) => {
            put_right(unit, row, (wanted, &there, status), &mut changes).await?;
        }
    }
    if let Some((system, value)) = &row.named {
        let known = unit.write.external_id(system, value, Identified::Activity).await?;
        if known.is_none_or(|known| known.entity_id != id) {
            named(unit, &id, system, value).await?;
            changes.push(FieldChange::to("externalIds", format_args!("{system}: {value}")));
        }
    }
    let outcome = if changes.is_empty() {
        RowOutcome::Unchanged
    } else {
        RowOutcome::Changed
    };
    Ok((outcome, id, changes))
}

async fn put_right(
    unit: &mut Unit,
    row: &ActivityRow,
    (wanted, there, status): (Wanted, &Activity, ActivityStatus),
    changes: &mut Vec<FieldChange>,
) -> Outcome<()> {
    if wanted.exceptions.is_empty() && wanted.resolutions.is_empty() && row.minutes.is_none() {
        return Ok(());
    }
    // Who may not put the record right does not learn how it stands either.
    may_correct(unit, &there.id).await?;
    let rows = unit.write.attendance_at(&there.id).await?;
    let mut wrong = Vec::new();
    for exception in wanted.exceptions {
        let stands = rows.iter().find(|row| row.member_id == exception.member_id);
        if !stands.is_some_and(|stands| is_so(stands, &exception)) {
            let before = stands.map(|stands| stands.state.clone());
            changes.push(FieldChange {
                field: format!("attendance.{}", exception.member_id),
                before,
                after: Some(exception.state.to_string()),
            });
            wrong.push(exception);
        }
    }
    // Further minutes are a revision, which nobody files by a list.
    let minutes = row.minutes.clone().filter(|_| status == ActivityStatus::Held);
    if minutes.is_some() {
        changes.push(FieldChange::between("status", status, ActivityStatus::Filed));
    }
    let (mut stand, mut resolutions) = (0, wanted.resolutions);
    if !resolutions.is_empty() {
        let rows = unit.write.resolutions_of(&there.id).await?;
        stand = rows.len();
        resolutions = meeting::forgotten(resolutions, &rows)?;
    }
    if wrong.is_empty() && minutes.is_none() && resolutions.is_empty() {
        return Ok(());
    }
    let input = Correct {
        activity_id: there.id.clone(),
        expected_version: there.version,
        reason: row.reason.clone(),
        minutes,
        exceptions: wrong,
        resolutions,
    };
    correct(unit, &input).await?;
    if !input.resolutions.is_empty() {
        changes.extend(meeting::told(unit, &there.id, stand).await?);
    }
    Ok(())
}

/// Whether somebody's attendance stands as the row has it, or has gone on from there.
fn is_so(stands: &Attendance, said: &Exception) -> bool {
    use AttendanceState as S;
    let Ok(state) = stands.state.parse::<S>() else {
        return false;
    };
    match said.state {
        Said::Present => {
            state == S::Present
                && said
                    .mode
                    .is_none_or(|mode| stands.mode.as_deref() == Some(mode.as_str()))
        }
        Said::OnLeave => matches!(state, S::OnLeave | S::LeavePending),
        Said::Absent => matches!(state, S::Unexplained | S::Unexcused | S::MadeUpByStudy | S::Disputed),
        Said::Unexcused => matches!(state, S::Unexcused | S::MadeUpByStudy | S::Disputed),
    }
}

/// When, where and what was held does not change by a list.
async fn as_it_stands(unit: &Unit, row: &ActivityRow, wanted: &Wanted, there: &Activity) -> Outcome<()> {
    let host = wanted.organizations.first();
    let takes_part = unit.write.participations(&there.id).await?;
    let absent = |id: &String| !takes_part.iter().any(|org| org.organization_id == *id);
    let agenda = match row.agenda.is_empty() {
        true => true,
        false => meeting::is_agenda(row, &unit.write.agenda_of(&there.id).await?),
    };
    let differs = [
        ("agenda", !agenda),
        ("kind", row.kind.is_some_and(|kind| kind.as_str() != there.kind)),
        // Our own exports name the orgs in no order.
        (
            "organizationExternalIds",
            host.is_some() && wanted.organizations.iter().any(absent),
        ),
        ("startsAt", wanted.starts_at.is_some_and(|at| at != there.starts_at)),
        ("title", row.title.as_ref().is_some_and(|title| *title != there.title)),
        ("place", row.place.is_some() && row.place != there.place),
        ("mode", row.mode.is_some_and(|mode| mode.as_str() != there.mode)),
        (
            "status",
            row.status == Some(ActivityStatus::Cancelled) && there.status != ActivityStatus::Cancelled.as_str(),
        ),
    ];
    match differs.into_iter().find(|(_, differs)| *differs) {
        Some((key, _)) => Err(Problem::own_act(key, None).into()),
        None => Ok(()),
    }
}
