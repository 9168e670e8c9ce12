//! Which lines stand, from the facts: of one activity, of some alerts, or of everything after a full re-judgement.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::audience::{Audience, Chair, decides_on};
use domain::vocabulary::{AlertLevelState, EntityKind, InboxKind, OrganizationKind};

use crate::app::App;
use crate::ops::activity::read;
use crate::ops::measure::to_decide;
use crate::ops::outcome::Outcome;
use crate::ops::writing::Unit;
use crate::store::inbox::{InboxChange, Line};
use crate::store::inbox_standing::{Asked, Bundle, LevelRow, Noticed};
use crate::store::transaction::{Event, Ledger, Write};

/// The kinds whose lines follow from the facts alone, besides notices of activities.
const STANDING: &[InboxKind] = &[
    InboxKind::MeasureToDecide,
    InboxKind::LeaveToDecide,
    InboxKind::DisputeToDecide,
    InboxKind::DeviationToDecide,
    InboxKind::ObligationOverdue,
    InboxKind::AlertUrged,
    InboxKind::TransferToDecide,
    InboxKind::AdmissionToDecide,
    InboxKind::AdmissionToPropose,
];

/// Subjects whose lines are set up at once.
const SUBJECTS: usize = 500;

type About<'a> = (InboxKind, EntityKind, &'a str);

pub(super) fn line(
    app: &App,
    audience: Audience,
    (kind, subject_kind, subject_id): About<'_>,
    organization_id: &str,
    (params, due_on, raised_at): (serde_json::Value, Option<NaiveDate>, DateTime<Utc>),
) -> Line {
    Line {
        id: app.ids.next(EntityKind::InboxItem),
        audience,
        kind,
        subject_kind,
        subject_id: subject_id.to_owned(),
        organization_id: organization_id.to_owned(),
        params,
        due_on,
        raised_at: Some(raised_at),
    }
}

/// Leave and disputes at an activity: a line for each that waits, none for the others.
///
/// # Errors
/// The database is away.
pub async fn asked_at(unit: &mut Unit, activity: &str) -> Outcome<()> {
    asked_at_all(unit, &[activity.to_owned()]).await
}

/// The same of several activities.
///
/// # Errors
/// The database is away.
pub async fn asked_at_all(unit: &mut Unit, activities: &[String]) -> Outcome<()> {
    let leaves = unit.write.asked_leaves(Some(activities)).await?;
    let disputes = unit.write.asked_disputes(Some(activities)).await?;
    let changes = asked(&unit.write, &unit.app, unit.today, &leaves, &disputes).await?;
    unit.ledger.inbox.extend(changes);
    Ok(())
}

/// Leave and disputes with these ids, wherever they are: their lines anew.
///
/// # Errors
/// The database is away.
pub async fn asked_again(unit: &mut Unit, ids: &[String]) -> Outcome<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let of_these = |rows: Vec<Asked>| rows.into_iter().filter(|row| ids.contains(&row.id)).collect::<Vec<_>>();
    let leaves = of_these(unit.write.asked_leaves(None).await?);
    let disputes = of_these(unit.write.asked_disputes(None).await?);
    let changes = asked(&unit.write, &unit.app, unit.today, &leaves, &disputes).await?;
    unit.ledger.inbox.extend(changes);
    Ok(())
}

/// Notice of an activity: a line for each who is expected, as long as it is to come.
///
/// # Errors
/// The database is away.
pub async fn noticed_at(unit: &mut Unit, activity: &str) -> Outcome<()> {
    noticed_at_all(unit, &[activity.to_owned()]).await
}

/// The same of several activities.
///
/// # Errors
/// The database is away.
pub async fn noticed_at_all(unit: &mut Unit, activities: &[String]) -> Outcome<()> {
    let rows = unit.write.noticed(activities).await?;
    let mut stands = notices(&unit.app, &rows);
    for activity in activities {
        stands.entry(activity.clone()).or_default();
    }
    unit.ledger.inbox.extend(of_subjects(InboxKind::ActivityNotice, stands));
    Ok(())
}

/// Alerts that changed: the line of the org itself, the bundles of the levels above, what is urged.
///
/// # Errors
/// The database is away.
pub async fn alerted(write: &Write, ledger: &mut Ledger, app: &App, ids: &[String]) -> Outcome<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let levels = write.levels_standing(Some(ids)).await?;
    let children: BTreeSet<String> = levels.iter().map(|level| level.organization_id.clone()).collect();
    let children: Vec<String> = children.into_iter().collect();
    let bundles = write.bundles(Some(&children)).await?;
    ledger.inbox.extend(alert_lines(app, &levels)?);
    ledger.inbox.extend(bundled(app, children, &bundles));
    Ok(())
}

/// Everything that should stand; what stands and should not goes. `told` hears the events, some subjects at a time.
///
/// # Errors
/// The database is away.
pub async fn all(write: &Write, app: &App, mut told: impl FnMut(Vec<Event>)) -> Outcome<()> {
    let now = app.clock.now();
    // By far the most lines: each who is expected at each activity to come.
    let activities = write.noticed_activities().await?;
    for some in activities.chunks(SUBJECTS) {
        let mut stands = notices(app, &write.noticed(some).await?);
        for id in some {
            stands.entry(id.clone()).or_default();
        }
        let changes = of_subjects(InboxKind::ActivityNotice, stands).collect();
        told(write.settle_inbox(changes, now).await?);
    }
    let mut changes = others(write, app).await?.into_iter().peekable();
    while changes.peek().is_some() {
        let some = changes.by_ref().take(SUBJECTS).collect();
        told(write.settle_inbox(some, now).await?);
    }
    Ok(())
}

/// Everything but notices.
async fn others(write: &Write, app: &App) -> Outcome<Vec<InboxChange>> {
    let today = app.today();
    let leaves = write.asked_leaves(None).await?;
    let disputes = write.asked_disputes(None).await?;
    let mut changes = asked(write, app, today, &leaves, &disputes).await?;
    let levels = write.levels_standing(None).await?;
    let children: BTreeSet<String> = levels.iter().map(|level| level.organization_id.clone()).collect();
    changes.extend(alert_lines(app, &levels)?);
    changes.extend(bundled(
        app,
        children.into_iter().collect(),
        &write.bundles(None).await?,
    ));
    changes.extend(measures(write, app, today).await?);
    changes.extend(deviations(write, app).await?);
    changes.extend(super::people::transfers(write, app).await?);
    changes.extend(super::people::admissions(write, app).await?);
    let known: HashSet<(String, InboxKind)> = changes.iter().filter_map(about).collect();
    for row in write.open_lines(STANDING).await? {
        let kind: InboxKind = read(&row.kind)?;
        if !known.contains(&(row.subject_id.clone(), kind)) {
            changes.push(InboxChange::Stand {
                subject_id: row.subject_id,
                kind,
                lines: Vec::new(),
            });
        }
    }
    Ok(changes)
}

fn about(change: &InboxChange) -> Option<(String, InboxKind)> {
    match change {
        InboxChange::Stand { subject_id, kind, .. } => Some((subject_id.clone(), *kind)),
        InboxChange::Raise(_) | InboxChange::Close { .. } => None,
    }
}

fn of_subjects(kind: InboxKind, subjects: BTreeMap<String, Vec<Line>>) -> impl Iterator<Item = InboxChange> {
    subjects.into_iter().map(move |(subject_id, lines)| InboxChange::Stand {
        subject_id,
        kind,
        lines,
    })
}

async fn asked(
    write: &Write,
    app: &App,
    today: NaiveDate,
    leaves: &[Asked],
    disputes: &[Asked],
) -> Outcome<Vec<InboxChange>> {
    let orgs: BTreeSet<String> = leaves
        .iter()
        .chain(disputes)
        .filter(|row| row.waits)
        .map(|row| row.organization_id.clone())
        .collect();
    let chairs = chairs(write, &orgs.into_iter().collect::<Vec<_>>(), today).await?;
    let kinds = [
        (InboxKind::LeaveToDecide, EntityKind::Leave, leaves),
        (InboxKind::DisputeToDecide, EntityKind::Attendance, disputes),
    ];
    let mut changes = Vec::new();
    for (kind, subject, rows) in kinds {
        for row in rows {
            let stands = row.waits.then(|| decider(row, kind, &chairs)).flatten();
            let params = serde_json::json!({"title": row.title, "date": row.local_date});
            let line = stands.map(|audience| {
                let what = (params, Some(row.local_date), row.at);
                line(app, audience, (kind, subject, &row.id), &row.organization_id, what)
            });
            changes.push(InboxChange::Stand {
                subject_id: row.id.clone(),
                kind,
                lines: line.into_iter().collect(),
            });
        }
    }
    Ok(changes)
}

/// Who decides on a matter of a member at an org; `None` for an org that is not there.
///
/// # Errors
/// The database is away.
pub async fn who_decides(write: &Write, org: &str, member: &str, today: NaiveDate) -> Outcome<Option<Audience>> {
    let chairs = chairs(write, &[org.to_owned()], today).await?;
    let own = chairs.get(org);
    let parent = own.and_then(|own| chairs.get(own.parent_id.as_ref()?));
    Ok(own.map(|own| decides_on(member, own, parent)))
}

type Chairs = HashMap<String, Chair>;

async fn chairs(write: &Write, orgs: &[String], today: NaiveDate) -> Outcome<Chairs> {
    if orgs.is_empty() {
        return Ok(Chairs::new());
    }
    let rows = write.deciding_orgs(orgs, today).await?;
    rows.into_iter()
        .map(|row| {
            let kind: OrganizationKind = read(&row.kind)?;
            let chair = Chair {
                organization_id: row.id.clone(),
                kind,
                head: row.head_id,
                deputy: row.deputy_id,
                parent_id: row.parent_id,
                dissolved: row.dissolved,
            };
            Ok((row.id, chair))
        })
        .collect()
}

/// A group's leader decides leave; disputes are the branch's.
fn decider(row: &Asked, kind: InboxKind, chairs: &Chairs) -> Option<Audience> {
    let org = chairs.get(&row.organization_id)?;
    let parent = org.parent_id.as_ref().and_then(|id| chairs.get(id));
    let at_group = org.kind == OrganizationKind::PartyGroup;
    Some(match parent {
        Some(branch) if at_group && kind == InboxKind::DisputeToDecide => decides_on(&row.member_id, branch, None),
        _ => decides_on(&row.member_id, org, parent),
    })
}

fn notices(app: &App, rows: &[Noticed]) -> BTreeMap<String, Vec<Line>> {
    let mut stands: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for row in rows {
        let about = (
            InboxKind::ActivityNotice,
            EntityKind::Activity,
            row.activity_id.as_str(),
        );
        let params = serde_json::json!({"title": row.title, "date": row.local_date});
        let what = (params, Some(row.local_date), row.noticed_at);
        let audience = Audience::Member(row.member_id.clone());
        let line = line(app, audience, about, &row.organization_id, what);
        stands.entry(row.activity_id.clone()).or_default().push(line);
    }
    stands
}

fn alert_lines(app: &App, levels: &[LevelRow]) -> Outcome<Vec<InboxChange>> {
    let mut overdue: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    let mut urged: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for row in levels {
        let state: AlertLevelState = read(&row.state)?;
        let (own, asked) = (
            overdue.entry(row.alert_id.clone()).or_default(),
            urged.entry(row.alert_id.clone()).or_default(),
        );
        if row.closed {
            continue;
        }
        let params = serde_json::json!({"rule": row.rule_key, "period": row.period, "rulebook": row.rulebook_id});
        let make = |kind, due_on| {
            let what = (params.clone(), due_on, row.since);
            let about = (kind, EntityKind::Alert, row.alert_id.as_str());
            line(
                app,
                Audience::Head(row.organization_id.clone()),
                about,
                &row.organization_id,
                what,
            )
        };
        match state {
            AlertLevelState::Open if row.level == 0 => own.push(make(InboxKind::ObligationOverdue, None)),
            AlertLevelState::Urged => asked.push(make(InboxKind::AlertUrged, row.due_on)),
            AlertLevelState::Open | AlertLevelState::Acknowledged | AlertLevelState::Closed => {}
        }
    }
    Ok(of_subjects(InboxKind::ObligationOverdue, overdue)
        .chain(of_subjects(InboxKind::AlertUrged, urged))
        .collect())
}

/// One line per child that leaves something unresolved, however much it is.
fn bundled(app: &App, children: Vec<String>, bundles: &[Bundle]) -> Vec<InboxChange> {
    let mut stands: BTreeMap<String, Vec<Line>> = children.into_iter().map(|child| (child, Vec::new())).collect();
    for row in bundles {
        let about = (
            InboxKind::ObligationOverdue,
            EntityKind::Organization,
            row.child_id.as_str(),
        );
        let params = serde_json::json!({"child": row.name, "count": row.number});
        let audience = Audience::Head(row.organization_id.clone());
        let line = line(app, audience, about, &row.organization_id, (params, None, row.since));
        stands.entry(row.child_id.clone()).or_default().push(line);
    }
    of_subjects(InboxKind::ObligationOverdue, stands).collect()
}

async fn measures(write: &Write, app: &App, today: NaiveDate) -> Outcome<Vec<InboxChange>> {
    let rows = write.measures_to_decide().await?;
    let branches: BTreeSet<String> = rows.iter().map(|row| row.branch_id.clone()).collect();
    let chairs = chairs(write, &branches.into_iter().collect::<Vec<_>>(), today).await?;
    rows.iter()
        .map(|row| {
            let parent = chairs
                .get(&row.branch_id)
                .and_then(|branch| branch.parent_id.as_deref());
            Ok(InboxChange::Stand {
                subject_id: row.id.clone(),
                kind: InboxKind::MeasureToDecide,
                lines: to_decide(row, parent, app)?.into_iter().collect(),
            })
        })
        .collect()
}

async fn deviations(write: &Write, app: &App) -> Outcome<Vec<InboxChange>> {
    let rows = write.open_deviations().await?;
    let stand = |row: &crate::store::inbox_standing::OpenDeviation| {
        let about = (InboxKind::DeviationToDecide, EntityKind::Deviation, row.id.as_str());
        let params = serde_json::json!({"rule": row.rule_key, "period": row.period, "rulebook": row.rulebook_id});
        let line = row.parent_id.clone().map(|above| {
            let what = (params, None, row.asked_at);
            line(app, Audience::Head(above), about, &row.organization_id, what)
        });
        InboxChange::Stand {
            subject_id: row.id.clone(),
            kind: InboxKind::DeviationToDecide,
            lines: line.into_iter().collect(),
        }
    };
    Ok(rows.iter().map(stand).collect())
}
