//! Judging anew: some orgs after a change, all of them for the past.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{Days, Months, NaiveDate};
use domain::obligation::Headcount;
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, Standing};

use super::facts::headcount;
use super::judge::{Span, judge};
use crate::app::App;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::Library;
use crate::ops::writing::Unit;
use crate::store::member::Member;
use crate::store::oversight::MemberCount;
use crate::store::transaction::{Event, Ledger};

/// How far back a change is judged: every period whose grace and make-up days can still run touches these days.
pub(super) const BACK: Days = Days::new(200);
/// How far back the past is built.
const PAST: Months = Months::new(14);
/// Orgs per transaction.
pub(crate) const ORGS: usize = 300;

/// Judges the obligations of these orgs again, for the periods that contain `around` and those before it that it may
/// still settle; and of those above them, where a book has something owed for each org below or met by every group. Figures and events go into the ledger of the write. Returns the ids of the obligations that changed.
///
/// # Errors
/// The database is away.
pub async fn rejudge(unit: &mut Unit, organization_ids: &[String], around: NaiveDate) -> Outcome<Vec<String>> {
    let library = Library::load(&unit.write).await?;
    let app = unit.app.clone();
    let with_obligors = if library.looks_below() {
        Some(unit.write.with_obligors(organization_ids).await?)
    } else {
        None
    };
    let organization_ids = with_obligors.as_deref().unwrap_or(organization_ids);
    let span = Span {
        app: &app,
        now: unit.now,
        today: unit.today,
        from: back(around),
        until: around.max(unit.today).succ_opt().unwrap_or(around),
        builds_past: false,
        cause: "WRITE",
    };
    judge(&unit.write, &mut unit.ledger, &library, &span, organization_ids).await
}

/// How many people came to which branches and groups.
pub(in crate::ops) struct Came(BTreeMap<String, Headcount>);

impl Came {
    /// Of members who were entered just now: they are there, and nobody is exempt.
    pub(in crate::ops) fn of(entered: &[Member]) -> Self {
        let mut came: BTreeMap<String, Headcount> = BTreeMap::new();
        for row in entered {
            let full = u32::from(row.standing == Standing::Full.as_str());
            for org in std::iter::once(&row.branch_id).chain(&row.group_id) {
                let people = came.entry(org.clone()).or_default();
                people.members += 1;
                people.full_members += full;
                people.voting_members += full;
                people.unexempt_members += 1;
            }
        }
        Self(came)
    }
}

/// Judges orgs again to which people came, and which are else as they were: only those whose size then matters to a rule. Of a file of
/// members whose branches stay what they were nothing is judged.
///
/// # Errors
/// The database is away.
pub(in crate::ops) async fn rejudge_grown(unit: &mut Unit, came: &Came) -> Outcome<()> {
    let library = Library::load(&unit.write).await?;
    let ids: Vec<String> = came.0.keys().cloned().collect();
    let mut people: HashMap<String, Vec<MemberCount>> = HashMap::new();
    for row in unit.write.members_counted(&ids, unit.today).await? {
        people.entry(row.organization_id.clone()).or_default().push(row);
    }
    let now = |id: &String| headcount(people.get(id).into_iter().flatten());
    let grown = came.0.iter().filter(|(id, came)| {
        let after = now(id);
        after.matters(after.without(**came), library.every())
    });
    let grown: Vec<String> = grown.map(|(id, _)| id.clone()).collect();
    if !grown.is_empty() {
        rejudge(unit, &grown, unit.today).await?;
    }
    Ok(())
}

pub(super) fn back(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(BACK).unwrap_or(day)
}

/// What a full re-judgement changed. On a database in order: nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rejudged {
    /// Obligations that stand otherwise than stored.
    pub obligations: u64,
    /// Absence measures that had to be opened, withdrawn or flagged.
    pub measures: u64,
    /// Figures (org, metric, period) that were not what the rows sum up to.
    pub figures: u64,
}

/// Since when the past is built after an import of which nothing more is known, and how far back everything is judged again.
#[must_use]
pub fn past(app: &App) -> NaiveDate {
    let today = app.today();
    today.checked_sub_months(PAST).unwrap_or(today)
}

/// Judges every org for the last fourteen months and computes all figures afresh; a second run changes nothing.
/// `progress` is told (done, all) in orgs. With `builds_since` closed periods that have no row and touch the time since that
/// day get one: after a bulk import, for the demo city and for the city at scale.
///
/// # Errors
/// The database is away.
pub async fn rejudge_all(
    app: &Arc<App>,
    builds_since: Option<NaiveDate>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Outcome<Rejudged> {
    let (now, today) = (app.clock.now(), app.today());
    let write = app.database.write().await?;
    let ids = write.all_organizations().await?;
    let library = Library::load(&write).await?;
    let span = Span {
        app,
        now,
        today,
        from: builds_since.unwrap_or_else(|| past(app)),
        until: today.succ_opt().unwrap_or(today),
        builds_past: builds_since.is_some(),
        cause: "REJUDGE",
    };
    drop(write);
    let mut changed = 0u64;
    let mut done = 0u64;
    for chunk in ids.chunks(ORGS) {
        let write = app.database.write().await?;
        // Figures are computed as a whole at the end, and readers are told once.
        let mut ledger = Ledger::default();
        let judged = judge(&write, &mut ledger, &library, &span, chunk).await?;
        changed += count(judged.len());
        write.keep().await?;
        done += count(chunk.len());
        progress(done, count(ids.len()));
    }
    let measures = crate::ops::measure::rejudge::rejudge_all(app).await?;
    let figures = finish(app, ids.first(), changed + measures, builds_since.is_some()).await?;
    Ok(Rejudged {
        obligations: changed,
        measures,
        figures,
    })
}

/// Judges some orgs since a day, closed periods without a row included, before anybody has read anything.
///
/// # Errors
/// The database is away.
pub async fn build_past_of(app: &App, ids: &[String], since: NaiveDate) -> Outcome<()> {
    let write = app.database.write().await?;
    let library = Library::load(&write).await?;
    let today = app.today();
    let span = Span {
        app,
        now: app.clock.now(),
        today,
        from: since,
        until: today.succ_opt().unwrap_or(today),
        builds_past: true,
        cause: "REJUDGE",
    };
    judge(&write, &mut Ledger::default(), &library, &span, ids).await?;
    Ok(write.keep().await?)
}

/// Ids of the obligations that would change if every org were judged now, as of the last day that the tick has done.
/// Nothing is kept.
///
/// # Errors
/// The database is away.
pub async fn differences(app: &Arc<App>) -> Outcome<Vec<String>> {
    let write = app.database.write().await?;
    let ids = write.all_organizations().await?;
    let library = Library::load(&write).await?;
    let today = super::tick::last_day(&write).await?.unwrap_or_else(|| app.today());
    drop(write);
    let span = Span {
        app,
        now: app.clock.now(),
        today,
        from: back(today),
        until: today.succ_opt().unwrap_or(today),
        builds_past: false,
        cause: "REJUDGE",
    };
    let mut changed = Vec::new();
    for chunk in ids.chunks(ORGS) {
        // Dropped without its end: whatever it wrote is undone.
        let write = app.database.write().await?;
        changed.extend(judge(&write, &mut Ledger::default(), &library, &span, chunk).await?);
    }
    Ok(changed)
}

pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// All figures and inbox lines afresh, and one event for readers of the log where anything changed. Where the past is built
/// nobody has read anything yet: that event stands for all. Returns how many figures were wrong.
async fn finish(app: &Arc<App>, root: Option<&String>, changed: u64, builds_past: bool) -> Outcome<u64> {
    let write = app.database.write().await?;
    let mut wrong = 0;
    super::headcount::recount(&write, async |figures| {
        wrong += count(figures.len());
        let right: Vec<_> = figures.into_iter().map(|one| one.right).collect();
        Ok(write.set_figures(&right).await?)
    })
    .await?;
    let mut lines = 0;
    let mut ledger = Ledger::default();
    crate::ops::inbox::standing::all(&write, app, |events| {
        lines += events.len();
        if !builds_past {
            ledger.events.extend(events);
        }
    })
    .await?;
    if wrong == 0 && changed == 0 && lines == 0 {
        return Ok(0);
    }
    if let Some(root) = root {
        ledger.events.push(resync(root));
    }
    write.finish(ledger, app.clock.now()).await?;
    Ok(wrong)
}

fn resync(root: &str) -> Event {
    Event {
        op: ChangeOp::Resync,
        extent: ChangeExtent::Subtree,
        kind: EntityKind::Organization,
        id: root.to_owned(),
        version: None,
        organization_id: Some(root.to_owned()),
        path: Some(domain::place::child_path(None, root)),
        old_path: None,
        member_id: None,
        fields: Vec::new(),
        cause: "REJUDGE",
    }
}
