//! Record an activity as held 记录: one act, in which only exceptions are typed.

use chrono::{DateTime, Datelike as _, Utc};
use domain::activity_kind::capabilities;
use domain::lifecycle::activity::{Command, Person};
use domain::lifecycle::document::{self, Class};
use domain::policy::{Action, Permit};
use domain::problem::Problem;

use super::super::inbox::standing::{asked_at, noticed_at};
use super::super::obligation::rejudge::rejudge;
use super::super::outcome::Outcome;
use super::super::writing::Unit;
use super::draft::{check_people, enter};
use super::invitation::came;
use super::people::{count, measured, people_of};
use super::vote::{check_owners, resolved, voters};
use super::{Attendance, Draft, Exception, Loaded, MINUTES, ResolutionLine, few, judged, limit, minutes_place};
use crate::store::activity_write::{Minutes, Text};

/// What is recorded: of a scheduled activity, or of one that was not in the calendar.
#[derive(Debug, Clone)]
pub enum Recorded {
    Scheduled { id: String, expected_version: Option<i64> },
    New(Box<Draft>),
}

/// The record of an activity.
#[derive(Debug, Clone)]
pub struct Record {
    pub activity: Recorded,
    pub ends_at: Option<DateTime<Utc>>,
    pub chair_id: Option<String>,
    pub recorder_id: Option<String>,
    pub exceptions: Vec<Exception>,
    /// Those invited who did not come; the others did.
    pub invited_absent: Vec<String>,
    pub minutes: Option<String>,
    pub resolutions: Vec<ResolutionLine>,
}

/// Records an activity as held. The ids: the activity first, then the obligations that changed.
///
/// # Errors
/// `DATE_IN_FUTURE`, `ALREADY_RECORDED`, `NOT_EXPECTED`, `VOTE_INVALID`, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.record", skip_all)]
pub async fn record(unit: &mut Unit, input: &Record) -> Outcome<Vec<String>> {
    few(input.resolutions.len(), "resolutions")?;
    limit(input.minutes.as_deref(), MINUTES, "minutes")?;
    check_people(
        unit,
        &[
            (input.chair_id.as_ref(), "chairId"),
            (input.recorder_id.as_ref(), "recorderId"),
        ],
    )
    .await?;
    let minutes = input.minutes.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let (permit, mut loaded, mut rows) = opened(unit, &input.activity).await?;
    if loaded.row.starts_at > unit.now {
        return Err(Problem::too_late("startsAt", unit.now.to_rfc3339()).into());
    }
    let step = loaded.step(Command::Record {
        with_minutes: minutes.is_some(),
    })?;
    complete(&mut loaded, input)?;
    let people = present(unit, &loaded, &mut rows, &input.exceptions).await?;
    came(unit, &loaded, &input.invited_absent).await?;
    check_owners(unit, &loaded, &input.resolutions).await?;
    let voters = voters(unit, &loaded, &people, &rows).await?;
    let resolutions = resolved(unit, &loaded, &input.resolutions, &voters, 1)?;
    if !resolutions.is_empty() || minutes.is_some() {
        unit.require_minutes(&loaded, &rows)?;
    }
    unit.write.insert_resolutions(resolutions).await?;
    if let Some(text) = minutes {
        file(unit, &loaded, text, None).await?;
    }
    loaded.take(&step);
    unit.keep(&permit, &mut loaded, step.fields).await?;
    let (orgs, year) = (loaded.org_ids(), loaded.row.local_date.year());
    unit.write.hold_organizations(&orgs).await?;
    unit.write.number_in_registers(&loaded.row, &orgs, year).await?;
    asked_at(unit, &loaded.row.id).await?;
    noticed_at(unit, &loaded.row.id).await?;
    measured(unit, &loaded, &rows).await?;
    let mut ids = vec![loaded.row.id.clone()];
    ids.extend(rejudge(unit, &loaded.org_ids(), loaded.row.local_date).await?);
    Ok(ids)
}

async fn opened(unit: &mut Unit, which: &Recorded) -> Outcome<(Permit, Loaded, Vec<Attendance>)> {
    match which {
        Recorded::New(draft) => {
            if draft.starts_at > unit.now {
                return Err(Problem::too_late("startsAt", unit.now.to_rfc3339()).into());
            }
            enter(unit, draft, |_| {}).await
        }
        Recorded::Scheduled { id, expected_version } => {
            let loaded = unit.activity(id).await?;
            let permit = unit.require(Action::RecordActivity, &loaded.target(), "activityId")?;
            loaded.expect(*expected_version)?;
            let rows = unit.write.attendance_at(id).await?;
            Ok((permit, loaded, rows))
        }
    }
}

fn complete(loaded: &mut Loaded, input: &Record) -> Outcome<()> {
    if let Some(end) = input.ends_at {
        if end < loaded.row.starts_at {
            let min = loaded.row.starts_at.to_rfc3339();
            return Err(Problem::too_early("endsAt", min).into());
        }
        loaded.row.ends_at = Some(end);
    }
    if input.chair_id.is_some() {
        loaded.row.chair_id.clone_from(&input.chair_id);
    }
    if input.recorder_id.is_some() {
        loaded.row.recorder_id.clone_from(&input.recorder_id);
    }
    Ok(())
}

/// The host's own people; each further org confirms its own.
async fn present(
    unit: &mut Unit,
    loaded: &Loaded,
    rows: &mut Vec<Attendance>,
    exceptions: &[Exception],
) -> Outcome<Vec<Person>> {
    let host = loaded.host.id.clone();
    let people = people_of(unit, loaded.kind, &loaded.org_ids(), loaded.row.local_date).await?;
    judged::judge(unit, loaded, &host, (&people, rows), exceptions, false).await?;
    count(unit, loaded, rows, &[&host]).await?;
    Ok(people)
}

/// Files minutes, as a first or a further revision; those of a committee sealed.
///
/// # Errors
/// `REQUIRED` of a further revision without a reason, or the database is away.
pub(super) async fn file(unit: &Unit, loaded: &Loaded, text: &str, reason: Option<String>) -> Outcome<()> {
    let present = unit.write.latest_minutes(&loaded.row.id).await?;
    let latest = present.as_ref().map(|(_, revision)| *revision);
    let reasoned = reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    let step = unit.step(
        "reason",
        document::step(Class::Minutes, latest, document::Command::File { reasoned }),
    )?;
    let revision_id = unit.app.ids.plain();
    let text = if capabilities(loaded.kind).seals_minutes {
        Text::Sealed(unit.app.keys.seal(&minutes_place(&revision_id), text.as_bytes())?)
    } else {
        Text::Plain(text.to_owned())
    };
    let is_new = present.is_none();
    let minutes = Minutes {
        document_id: present.map_or_else(|| unit.app.ids.plain(), |(id, _)| id),
        revision: step.state,
        activity_id: loaded.row.id.clone(),
        host_id: loaded.host.id.clone(),
        author_id: unit.actor.member.as_ref().map(|member| member.member_id.clone()),
        revision_id,
        text,
        reason,
        at: unit.now,
    };
    let (document, revision) = minutes.rows();
    Ok(unit.write.file_minutes(is_new.then_some(document), revision).await?)
}
