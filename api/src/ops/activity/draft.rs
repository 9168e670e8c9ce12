//! A new activity: checks of what was typed, and its rows.

use domain::activity_kind::{capabilities, may_hold};
use domain::lifecycle::activity::Tally;
use domain::period::{Period, local_date};
use domain::policy::{Action, Permit, Place, Scope, SystemScope, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{ActivityStatus, AttendanceMode, EntityKind, Language};

use super::super::organization::place_of;
use super::super::outcome::Outcome;
use super::super::writing::Unit;
use super::people::{expected, people_of, tallies};
use super::{Activity, AgendaItem, AgendaLine, Attendance, Draft, Loaded, Participation, TITLE, few, limit};

fn check(draft: &Draft, host: &Place) -> Outcome<()> {
    if !may_hold(host.kind, draft.kind) {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "kind").into());
    }
    limit(draft.title.as_deref(), TITLE, "title")?;
    limit(draft.place.as_deref(), TITLE, "place")?;
    limit(draft.online_address.as_deref(), TITLE, "onlineAddress")?;
    few(draft.agenda.len(), "agenda")?;
    few(draft.organizations.len(), "organizations")?;
    if draft.agenda.iter().any(|line| line.title.chars().count() > TITLE) {
        return Err(Problem::at(ProblemCode::TooLong, "agenda").with("max", TITLE).into());
    }
    if draft.mode == AttendanceMode::MakeUpStudy {
        return Err(Problem::at(ProblemCode::Invalid, "mode").into());
    }
    if draft.ends_at.is_some_and(|end| end < draft.starts_at) {
        return Err(Problem::at(ProblemCode::DateTooEarly, "endsAt")
            .with("min", draft.starts_at.to_rfc3339())
            .into());
    }
    if draft.noticed_at.is_some_and(|noticed| noticed > draft.starts_at) {
        return Err(Problem::at(ProblemCode::Invalid, "noticedAt").into());
    }
    if draft
        .make_up_for
        .as_ref()
        .is_some_and(|code| code.parse::<Period>().is_err())
    {
        return Err(Problem::at(ProblemCode::Invalid, "makeUpFor").into());
    }
    if !draft.organizations.is_empty() && !capabilities(draft.kind).may_be_joint {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "organizations").into());
    }
    Ok(())
}

/// Places of the further orgs; each must be one that may hold the kind.
async fn others(unit: &Unit, draft: &Draft) -> Outcome<Vec<Place>> {
    let mut ids: Vec<String> = draft.organizations.clone();
    ids.retain(|id| *id != draft.organization_id);
    ids.sort();
    ids.dedup();
    let scope = unit.rows_of(domain::policy::Subject::Directory);
    let rows = unit.write.organizations(&scope, &ids).await?;
    if rows.len() != ids.len() {
        return Err(Problem::at(ProblemCode::NotFound, "organizations").into());
    }
    let places: Vec<Place> = rows.iter().map(place_of).collect::<Result<_, _>>()?;
    if places.iter().any(|place| !may_hold(place.kind, draft.kind)) {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "organizations").into());
    }
    Ok(places)
}

/// Rows of an agenda.
pub(super) fn agenda(unit: &Unit, activity: &str, lines: &[AgendaLine]) -> Vec<AgendaItem> {
    lines
        .iter()
        .zip(1i64..)
        .map(|(line, position)| AgendaItem {
            id: unit.app.ids.plain(),
            activity_id: activity.to_owned(),
            position,
            kind: line.kind.to_string(),
            title: line.title.trim().to_owned(),
        })
        .collect()
}

/// Chair and recorder must be people whom the log may name: members of this house.
pub(super) async fn check_people(unit: &Unit, ids: &[(Option<&String>, &str)]) -> Outcome<()> {
    for (id, field) in ids {
        let Some(id) = id else { continue };
        let found = unit
            .write
            .members(&Scope::system(SystemScope::Rights), &[(*id).clone()])
            .await?;
        if found.is_empty() {
            return Err(Problem::at(ProblemCode::NotFound, field).into());
        }
    }
    Ok(())
}

fn row(unit: &Unit, draft: &Draft) -> Activity {
    let title = draft.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    Activity {
        id: unit.app.ids.next(EntityKind::Activity),
        kind: draft.kind.to_string(),
        title: title
            .unwrap_or_else(|| capabilities(draft.kind).label(Language::ZhCn))
            .to_owned(),
        status: ActivityStatus::Scheduled.to_string(),
        host_id: draft.organization_id.clone(),
        unit_id: None,
        starts_at: draft.starts_at,
        ends_at: draft.ends_at,
        local_date: local_date(draft.starts_at, unit.app.zone),
        place: draft.place.clone(),
        mode: draft.mode.to_string(),
        online_address: draft.online_address.clone(),
        noticed_at: draft.noticed_at,
        chair_id: draft.chair_id.clone(),
        recorder_id: draft.recorder_id.clone(),
        check_in_code: None,
        check_in_expires_at: None,
        for_year: draft.for_year.map(i64::from),
        make_up_for: draft.make_up_for.clone(),
        cancel_reason: None,
        version: 1,
    }
}

fn participation(unit: &Unit, activity: &str, org: &str, tally: &Tally) -> Participation {
    Participation {
        activity_id: activity.to_owned(),
        organization_id: org.to_owned(),
        named_at: unit.now,
        confirmed_at: None,
        expected: tally.expected,
        present: tally.present,
        online: tally.online,
        made_up_by_study: tally.made_up_by_study,
        on_leave: tally.on_leave,
        unexcused: tally.unexcused,
        unexplained: tally.unexplained,
        exempt: tally.exempt,
    }
}

/// Enters a new activity with those expected at it. `change` may still complete the row, such as with a check-in code.
pub(super) async fn enter(
    unit: &mut Unit,
    draft: &Draft,
    change: impl FnOnce(&mut Activity) + Send,
) -> Outcome<(Permit, Loaded, Vec<Attendance>)> {
    let host = unit.place_at(&draft.organization_id, "organizationId").await?;
    let permit = unit.require(Action::ScheduleActivity, &Target::at(host.clone()), "organizationId")?;
    check(draft, &host)?;
    check_people(
        unit,
        &[
            (draft.chair_id.as_ref(), "chairId"),
            (draft.recorder_id.as_ref(), "recorderId"),
        ],
    )
    .await?;
    let others = others(unit, draft).await?;
    let mut row = row(unit, draft);
    change(&mut row);
    let org_ids: Vec<String> = std::iter::once(&host)
        .chain(&others)
        .map(|place| place.id.clone())
        .collect();
    let people = people_of(unit, draft.kind, &org_ids, row.local_date).await?;
    let mut loaded = Loaded {
        kind: draft.kind,
        status: ActivityStatus::Scheduled,
        mode: draft.mode,
        host,
        orgs: Vec::new(),
        row,
    };
    let attendance = expected(unit, &loaded, &people, draft.mode);
    let tallies = tallies(&attendance)?;
    loaded.orgs = org_ids
        .iter()
        .map(|org| {
            participation(
                unit,
                &loaded.row.id,
                org,
                &tallies.get(org).copied().unwrap_or_default(),
            )
        })
        .collect();
    let agenda = agenda(unit, &loaded.row.id, &draft.agenda);
    unit.write
        .insert_activity(loaded.row.clone(), loaded.orgs.clone(), agenda)
        .await?;
    unit.write.insert_attendance(&attendance).await?;
    Ok((permit, loaded, attendance))
}
