//! The difference between what the attendance proposes and the measures on record, and what follows from it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::audience::Audience;
use domain::lifecycle::measure::{Command, DeciderPost, Standing, decider, step};
use domain::obligation::ladder::{self, MeasureChange, Proposal, RunStep, reconcile};
use domain::period::Period;
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, InboxKind, MeasureState, OrganizationKind, PeriodKind};

use super::sessions::Judged;
use crate::app::App;
use crate::ops::activity::read;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::Library;
use crate::store::figure::Delta;
use crate::store::inbox::{InboxChange, Line};
use crate::store::measure::{DecidingOrg, Measure, SessionRow, Since};
use crate::store::transaction::{Event, Ledger, Write};

/// By what and as of when is judged.
pub(super) struct Span<'a> {
    pub app: &'a App,
    pub library: &'a Library,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    pub cause: &'static str,
}

/// One member with what is proposed and what is on record.
struct Case<'a> {
    member_id: String,
    judged: Judged<'a>,
    changes: Vec<MeasureChange>,
    /// The orgs of the member's sessions by activity.
    orgs: HashMap<&'a str, &'a str>,
}

/// Judges these members, in a constant number of statements. Returns the ids of the measures that changed.
pub(super) async fn judge(
    write: &Write,
    ledger: &mut Ledger,
    span: &Span<'_>,
    members: &[String],
    since: &Since,
) -> Outcome<Vec<String>> {
    // Two records of one member's attendance at one time are judged one after the other.
    write.lock_members(members).await?;
    let rows = write.sessions(members, since).await?;
    let sessions = ladder::by_member(&rows, |row| &row.member_id);
    let mut existing: HashMap<String, Vec<Measure>> = HashMap::new();
    for row in write.measures_of(members).await? {
        existing.entry(row.member_id.clone()).or_default().push(row);
    }
    let mut cases = Vec::new();
    for (member, rows) in &sessions {
        let own = existing.get(member).map(Vec::as_slice).unwrap_or_default();
        cases.extend(case(member, rows, own, span.library)?);
    }
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let orgs = deciding(write, &cases, &existing, span.today).await?;
    let mut changed = Vec::new();
    for case in &cases {
        for change in &case.changes {
            let rows = existing.get(&case.member_id).map(Vec::as_slice).unwrap_or_default();
            changed.extend(settle(case, change, rows, &orgs, span, ledger)?);
        }
    }
    write.put_measures(&changed).await?;
    Ok(changed.into_iter().map(|row| row.id).collect())
}

fn case<'a>(
    member: &str,
    rows: &'a [SessionRow],
    existing: &[Measure],
    library: &'a Library,
) -> Outcome<Option<Case<'a>>> {
    let Some(first) = rows.first() else { return Ok(None) };
    let judged = Judged::of(rows, library)?;
    let known: Vec<ladder::Measure> = existing.iter().map(on_record).collect::<Outcome<_>>()?;
    let changes = reconcile(&known, &judged.proposals(), first.local_date);
    Ok((!changes.is_empty()).then(|| Case {
        member_id: member.to_owned(),
        judged,
        changes,
        orgs: rows
            .iter()
            .map(|row| (row.activity_id.as_str(), row.organization_id.as_str()))
            .collect(),
    }))
}

fn on_record(row: &Measure) -> Outcome<ladder::Measure> {
    Ok(ladder::Measure {
        id: row.id.clone(),
        kind: read(&row.kind)?,
        state: read(&row.state)?,
        run: run_of(row),
    })
}

/// The absences that a measure rests on, oldest first.
pub(in crate::ops) fn run_of(row: &Measure) -> Vec<RunStep> {
    serde_json::from_value(row.run.clone()).unwrap_or_default()
}

/// The orgs that decide, and those above them, by id.
async fn deciding(
    write: &Write,
    cases: &[Case<'_>],
    existing: &HashMap<String, Vec<Measure>>,
    today: NaiveDate,
) -> Outcome<HashMap<String, DecidingOrg>> {
    let mut ids: Vec<String> = cases
        .iter()
        .flat_map(|case| case.orgs.values().map(|id| (*id).to_owned()))
        .chain(existing.values().flatten().map(|row| row.branch_id.clone()))
        .collect();
    ids.sort();
    ids.dedup();
    let orgs = write.deciding_orgs(&ids, today).await?;
    Ok(orgs.into_iter().map(|org| (org.id.clone(), org)).collect())
}

type Orgs = HashMap<String, DecidingOrg>;

/// The row after a change, with its event, inbox lines and figures in the ledger.
fn settle(
    case: &Case<'_>,
    change: &MeasureChange,
    rows: &[Measure],
    orgs: &Orgs,
    span: &Span<'_>,
    ledger: &mut Ledger,
) -> Outcome<Option<Measure>> {
    let (id, command) = match change {
        MeasureChange::Open(proposal) => {
            let row = open(case, proposal, orgs, span, ledger);
            if let Some(row) = &row {
                raise(row, orgs, span, ledger)?;
            }
            return Ok(row);
        }
        MeasureChange::Supersede { id } => (id, Command::Supersede),
        MeasureChange::Withdraw { id } => (id, Command::Withdraw),
        MeasureChange::FlagForReview { id } => (id, Command::FlagForReview),
        MeasureChange::Restore { id } => (id, Command::Restore),
    };
    let Some(before) = rows.iter().find(|row| row.id == *id) else {
        return Ok(None);
    };
    // What the attendance calls for was found with this very state: anything else is left as it is.
    let Ok(step) = step(Some(read(&before.state)?), command) else {
        return Ok(None);
    };
    let row = Measure {
        state: step.state.to_string(),
        version: before.version + 1,
        ..before.clone()
    };
    ledger.inbox.push(InboxChange::Close {
        subject_id: id.clone(),
        kinds: vec![InboxKind::MeasureToDecide],
        audience: None,
    });
    if step.state == MeasureState::ForReview {
        raise(&row, orgs, span, ledger)?;
    }
    if let Some(branch) = orgs.get(&row.branch_id) {
        ledger.figures.extend(delta(before, &branch.path, -1));
        ledger.figures.extend(delta(&row, &branch.path, 1));
        ledger.events.push(event(&row, branch, step.fields, span.cause));
    }
    Ok(Some(row))
}

/// A proposal becomes a measure before who decides.
fn open(case: &Case<'_>, proposal: &Proposal, orgs: &Orgs, span: &Span<'_>, ledger: &mut Ledger) -> Option<Measure> {
    let last = proposal.run.last()?;
    let org = orgs.get(*case.orgs.get(last.activities.first()?.as_str())?)?;
    let is_group = org.kind == OrganizationKind::PartyGroup.as_str();
    let branch = if is_group {
        orgs.get(org.parent_id.as_ref()?)?
    } else {
        org
    };
    // Every absence was at the meetings of one and the same group.
    let one_group = is_group
        && proposal
            .run
            .iter()
            .flat_map(|step| &step.activities)
            .all(|activity| case.orgs.get(activity.as_str()).copied() == Some(org.id.as_str()));
    let standing = Standing {
        heads_branch: branch.head_id.as_deref() == Some(case.member_id.as_str()),
        group_is_led_by_another: one_group && org.head_id.as_ref().is_some_and(|head| *head != case.member_id),
    };
    let post = decider(proposal.decider, standing);
    let (book, entry, _) = span.library.ladder(case.judged.seat_on(last.date)?, last.date)?;
    let step = step(None, Command::Open).ok()?;
    let row = Measure {
        id: span.app.ids.next(EntityKind::Measure),
        member_id: case.member_id.clone(),
        branch_id: branch.id.clone(),
        decider_id: match post {
            DeciderPost::GroupLeader => org.id.clone(),
            DeciderPost::Secretary | DeciderPost::Superior => branch.id.clone(),
        },
        decider_post: post.to_string(),
        kind: proposal.kind.to_string(),
        state: step.state.to_string(),
        run: serde_json::json!(proposal.run),
        rulebook_id: format!("{}@{}", book.key, book.version),
        rule_key: entry.key.clone(),
        last_absence_on: last.date,
        proposed_at: span.now,
        decided_at: None,
        decided_by: None,
        talk: None,
        reason: None,
        version: 1,
    };
    ledger.figures.extend(delta(&row, &branch.path, 1));
    ledger.events.push(event(&row, branch, step.fields, span.cause));
    Some(row)
}

/// The line of who decides; `parent` is the org above the branch.
pub(in crate::ops) fn to_decide(row: &Measure, parent: Option<&str>, app: &App) -> Outcome<Option<Line>> {
    let head = match read::<DeciderPost>(&row.decider_post)? {
        DeciderPost::GroupLeader | DeciderPost::Secretary => Some(row.decider_id.as_str()),
        DeciderPost::Superior => parent,
    };
    Ok(head.map(|head| Line {
        id: app.ids.next(EntityKind::InboxItem),
        audience: Audience::Head(head.to_owned()),
        kind: InboxKind::MeasureToDecide,
        subject_kind: EntityKind::Measure,
        subject_id: row.id.clone(),
        organization_id: row.branch_id.clone(),
        params: serde_json::json!({"kind": row.kind, "state": row.state, "memberId": row.member_id,
            "rulebook": row.rulebook_id, "rule": row.rule_key}),
        due_on: None,
        raised_at: Some(row.proposed_at),
    }))
}

fn raise(row: &Measure, orgs: &Orgs, span: &Span<'_>, ledger: &mut Ledger) -> Outcome<()> {
    let parent = orgs.get(&row.branch_id).and_then(|branch| branch.parent_id.as_deref());
    let line = to_decide(row, parent, span.app)?;
    ledger.inbox.extend(line.map(InboxChange::Raise));
    Ok(())
}

/// One `UPSERT` for the log.
pub(super) fn event(row: &Measure, branch: &DecidingOrg, fields: &[&'static str], cause: &'static str) -> Event {
    Event {
        op: ChangeOp::Upsert,
        extent: ChangeExtent::Object,
        kind: EntityKind::Measure,
        id: row.id.clone(),
        version: Some(row.version),
        organization_id: Some(branch.id.clone()),
        path: Some(branch.path.clone()),
        old_path: None,
        member_id: Some(row.member_id.clone()),
        fields: fields.to_vec(),
        cause,
    }
}

/// The figure that a measure stands in: by kind and state, in the year of the last absence.
pub fn metric(kind: &str, state: &str, last_absence_on: NaiveDate) -> (String, String) {
    let year = Period::containing(PeriodKind::Year, last_absence_on);
    (format!("measure:{kind}:{state}"), year.code())
}

/// The change of that figure; what fell away is in no figure.
pub(super) fn delta(row: &Measure, path: &str, value: i64) -> Option<Delta> {
    let (metric, period) = metric(&row.kind, &row.state, row.last_absence_on);
    counts(&row.state).then(|| Delta {
        path: path.to_owned(),
        metric,
        period,
        value,
    })
}

/// Whether a state is shown in figures.
pub fn counts(state: &str) -> bool {
    [
        MeasureState::Open,
        MeasureState::Confirmed,
        MeasureState::Dismissed,
        MeasureState::ForReview,
    ]
    .iter()
    .any(|shown| shown.as_str() == state)
}
