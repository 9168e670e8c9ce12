//! A new activity: checks of what was typed, and its rows.

use chrono::{Datelike as _, Days, NaiveDate};
use domain::activity_kind::{Expected, capabilities, may_discuss, may_hold};
use domain::entered_twice::Span;
use domain::period::{Period, local_date};
use domain::policy::{Action, Permit, Place, Subject, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::rulebook::Rulebook;
use domain::rulebook::terms::YEARLY_GRACE;
use domain::vocabulary::{ActivityKind, ActivityStatus, AttendanceMode, EntityKind, Language, OrganizationKind};

use super::super::activity_unit::hosting;
use super::super::outcome::Outcome;
use super::super::structure::checked_text;
use super::super::writing::Unit;
use super::invitation::invite;
use super::people::{expected, people_of, tallies};
use super::together::{check_together, others, participation};
use super::{Activity, AgendaItem, AgendaLine, Attendance, Draft, Loaded, TITLE, few, limit};

/// Most links of one activity.
const LINKS: usize = 20;
/// Longest link.
const LINK: usize = 2000;
/// An activity is scheduled at most so far ahead.
const AHEAD: Days = Days::new(731);

/// Refuses a kind that this org cannot hold: by its own kind, or a committee's where there is none by decision (G1.1b).
fn check_kind(draft: &Draft, host: &Place, has_committee: bool, book: &Rulebook) -> Outcome<()> {
    let refused = Problem::at(ProblemCode::KindNotAllowedHere, "kind")
        .with("kind", draft.kind)
        .with("organizationKind", host.kind);
    if !may_hold(host.kind, draft.kind) {
        return Err(refused.into());
    }
    let of_committee = capabilities(draft.kind).expected == Expected::Committee;
    if of_committee && host.kind == OrganizationKind::Branch && !has_committee {
        return Err(refused.by(&book.key, "committee-meeting").into());
    }
    Ok(())
}

/// Items of an agenda: titles there and short enough, kinds as the guideline lists them for the activity.
pub(super) fn check_agenda(kind: ActivityKind, lines: &[AgendaLine]) -> Outcome<()> {
    few(lines.len(), "agenda")?;
    for (number, line) in lines.iter().enumerate() {
        checked_text(&line.title, &format!("agenda.{number}.title"), TITLE)?;
        if !may_discuss(kind, line.kind) {
            let field = format!("agenda.{number}.kind");
            return Err(Problem::at(ProblemCode::KindNotAllowedHere, &field)
                .with("kind", line.kind)
                .with("activityKind", kind)
                .into());
        }
    }
    Ok(())
}

/// Refuses a day before the org was founded, or further ahead than anybody plans.
pub(super) fn check_day(unit: &Unit, day: NaiveDate, founded_on: NaiveDate) -> Outcome<()> {
    if day < founded_on {
        return Err(Problem::too_early("startsAt", founded_on).into());
    }
    if day > unit.today + AHEAD {
        return Err(Problem::too_late("startsAt", unit.today + AHEAD).into());
    }
    Ok(())
}

/// Refuses what looks like an activity that the org has already, its own or a joint one: it is the same one entered twice, unless
/// that one is named among those besides which this one is held (ADR 0088).
pub(super) async fn check_twice(unit: &Unit, row: &Activity, besides: &[String]) -> Outcome<()> {
    few(besides.len(), "besides")?;
    unit.write
        .hold_organizations(std::slice::from_ref(&row.host_id))
        .await?;
    let own = span_of(row);
    let near = (own.starts_at - Span::within(), own.end() + Span::within());
    let others = unit.write.at_about(&row.host_id, &row.kind, near).await?;
    let twin = |other: &Activity| other.id != row.id && !besides.contains(&other.id) && own.looks_like(&span_of(other));
    let Some(other) = others.into_iter().find(twin) else {
        return Ok(());
    };
    let code = if other.status == ActivityStatus::Scheduled.as_str() {
        ProblemCode::AlreadyScheduled
    } else {
        ProblemCode::AlreadyRecorded
    };
    Err(Problem::at(code, "startsAt")
        .with("activityId", other.id)
        .with("state", other.status)
        .with("startsAt", other.starts_at.to_rfc3339())
        .into())
}

fn span_of(row: &Activity) -> Span {
    Span {
        starts_at: row.starts_at,
        ends_at: row.ends_at,
    }
}

/// The lecturer's name and the links of a lecture, or of whatever names them.
pub(super) fn check_lecture(lecturer: Option<&str>, links: &[String]) -> Outcome<()> {
    limit(lecturer, TITLE, "lecturer")?;
    if links.len() > LINKS {
        return Err(Problem::at(ProblemCode::TooMany, "links").with("max", LINKS).into());
    }
    for (number, link) in links.iter().enumerate() {
        check_address(link, LINK, &format!("links.{number}"))?;
    }
    Ok(())
}

/// A web address: it is shown as a link, and anything else could run in the reader's page.
pub(super) fn check_address(address: &str, longest: usize, field: &str) -> Outcome<()> {
    limit(Some(address), longest, field)?;
    if address.starts_with("https://") || address.starts_with("http://") {
        Ok(())
    } else {
        Err(Problem::invalid(field, Flaw::Form).with("form", "https://…").into())
    }
}

/// The address of an online meeting; empty takes it away.
pub(super) fn check_online_address(address: Option<&str>) -> Outcome<()> {
    address
        .filter(|address| !address.is_empty())
        .map_or(Ok(()), |address| check_address(address, TITLE, "onlineAddress"))
}

/// How an activity may be offered; nobody holds one as a make-up study.
pub(super) fn check_offer(mode: AttendanceMode) -> Outcome<()> {
    use AttendanceMode as M;
    match mode {
        M::MakeUpStudy => Err(Problem::not_offered("mode", [M::OnSite, M::Online, M::Hybrid]).into()),
        M::OnSite | M::Online | M::Hybrid => Ok(()),
    }
}

/// The period that it makes up for, and the year that it is for: a period there is, a year that the rulebook takes it for.
pub(super) fn check_declared(row: &Activity, kind: ActivityKind, book: &Rulebook) -> Outcome<()> {
    if row
        .make_up_for
        .as_ref()
        .is_some_and(|code| code.parse::<Period>().is_err())
    {
        return Err(Problem::invalid("makeUpFor", Flaw::Form).with("form", "2026-Q3").into());
    }
    let year = row.for_year.and_then(|year| i32::try_from(year).ok());
    if year.is_some_and(|year| !book.takes_for_year(kind, row.local_date, year)) {
        return Err(Problem::invalid("forYear", Flaw::OutOfRange)
            .with("max", row.local_date.year())
            .by(&book.key, YEARLY_GRACE)
            .into());
    }
    Ok(())
}

fn check(draft: &Draft) -> Outcome<()> {
    check_agenda(draft.kind, &draft.agenda)?;
    check_lecture(draft.lecturer.as_deref(), &draft.links)?;
    limit(draft.title.as_deref(), TITLE, "title")?;
    limit(draft.place.as_deref(), TITLE, "place")?;
    check_online_address(draft.online_address.as_deref())?;
    few(draft.organizations.len(), "organizations")?;
    check_offer(draft.mode)?;
    if draft.ends_at.is_some_and(|end| end < draft.starts_at) {
        return Err(Problem::too_early("endsAt", draft.starts_at.to_rfc3339()).into());
    }
    if draft.noticed_at.is_some_and(|noticed| noticed > draft.starts_at) {
        return Err(Problem::invalid("noticedAt", Flaw::OutOfRange)
            .with("max", draft.starts_at.to_rfc3339())
            .into());
    }
    Ok(())
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

/// Refuses people whom the actor does not know: those named must stand in the actor's roster, or hold a post that the
/// directory names.
pub(super) async fn check_people(unit: &Unit, ids: &[(Option<&String>, &str)]) -> Outcome<()> {
    let wanted: Vec<String> = ids.iter().filter_map(|(id, _)| (*id).cloned()).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let scope = unit.rows_of(Subject::Roster);
    let known = unit.write.members(&scope, &wanted).await?;
    let heads = unit.write.heads_among(&wanted, unit.today).await?;
    for (id, field) in ids {
        let Some(id) = id else { continue };
        if !known.iter().any(|member| member.id == **id) && !heads.contains(id) {
            return Err(Problem::at(ProblemCode::NotFound, field).into());
        }
    }
    Ok(())
}

fn row(unit: &Unit, draft: &Draft) -> Activity {
    // Blanks say nothing.
    let said = |text: &Option<String>| {
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        text.map(ToOwned::to_owned)
    };
    Activity {
        id: unit.app.ids.next(EntityKind::Activity),
        kind: draft.kind.to_string(),
        title: said(&draft.title).unwrap_or_else(|| capabilities(draft.kind).label(Language::ZhCn).to_owned()),
        status: ActivityStatus::Scheduled.to_string(),
        host_id: draft.organization_id.clone(),
        unit_id: None,
        starts_at: draft.starts_at,
        ends_at: draft.ends_at,
        local_date: local_date(draft.starts_at, unit.app.zone),
        place: said(&draft.place),
        mode: draft.mode.to_string(),
        online_address: draft.online_address.clone(),
        noticed_at: draft.noticed_at,
        chair_id: draft.chair_id.clone(),
        recorder_id: draft.recorder_id.clone(),
        lecturer: said(&draft.lecturer),
        links: (!draft.links.is_empty()).then(|| serde_json::json!(draft.links).to_string()),
        check_in_code: None,
        check_in_expires_at: None,
        for_year: draft.for_year.map(i64::from),
        make_up_for: draft.make_up_for.clone(),
        cancel_reason: None,
        version: 1,
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
    let facts = unit.facts_of(&host.id).await?;
    let held_on = local_date(draft.starts_at, unit.app.zone);
    let book = unit.book_of(&host, held_on).await?;
    unit.stands_on_kind(&book, draft.kind, held_on);
    check_kind(draft, &host, facts.has_committee, &book)?;
    check(draft)?;
    check_people(
        unit,
        &[
            (draft.chair_id.as_ref(), "chairId"),
            (draft.recorder_id.as_ref(), "recorderId"),
        ],
    )
    .await?;
    let others = others(unit, (&host, draft.kind), &draft.organizations).await?;
    check_together(unit, (&host, draft.kind), &others, (&book, held_on)).await?;
    let mut row = row(unit, draft);
    row.unit_id = hosting(unit, draft.unit_id.as_deref(), &host.id).await?;
    change(&mut row);
    check_declared(&row, draft.kind, &book)?;
    check_day(unit, row.local_date, facts.founded_on)?;
    check_twice(unit, &row, &draft.besides).await?;
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
        others,
        own: None,
        orgs: Vec::new(),
        book,
        row,
        sight: unit.rows_of(Subject::Activities),
    };
    let attendance = expected(unit, &loaded, &people, draft.mode);
    let tallies = tallies(&attendance)?;
    loaded.orgs = org_ids
        .iter()
        .map(|org| participation(unit, &loaded.row, org, &tallies.get(org).copied().unwrap_or_default()))
        .collect();
    let agenda = agenda(unit, &loaded.row.id, &draft.agenda);
    unit.write
        .insert_activity(loaded.row.clone(), loaded.orgs.clone(), agenda)
        .await?;
    unit.write.insert_attendance(&attendance).await?;
    invite(unit, &loaded, &draft.guests).await?;
    Ok((permit, loaded, attendance))
}
