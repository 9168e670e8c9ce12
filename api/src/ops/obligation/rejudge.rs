//! Judging anew: some orgs after a change, all of them for the past.

use std::sync::Arc;

use chrono::{Days, Months, NaiveDate};
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind};

use super::headcount;
use super::judge::{Span, judge};
use crate::app::App;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::Library;
use crate::ops::writing::Unit;
use crate::store::transaction::{Event, Ledger};

/// How far back a change is judged: every period whose grace and make-up days can still run touches these days.
pub(super) const BACK: Days = Days::new(200);
/// How far back the past is built.
const PAST: Months = Months::new(14);
/// Orgs per transaction.
pub(super) const ORGS: usize = 300;

/// Judges the obligations of these orgs again, for the periods that contain `around` and those before it that it may
/// still settle. Figures and events go into the ledger of the write. Returns the ids of the obligations that changed.
///
/// # Errors
/// The database is away.
pub async fn rejudge(unit: &mut Unit, organization_ids: &[String], around: NaiveDate) -> Outcome<Vec<String>> {
    let library = Library::load(&unit.write).await?;
    let app = unit.app.clone();
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

pub(super) fn back(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(BACK).unwrap_or(day)
}

/// Judges every org for the last fourteen months and computes all figures afresh; a second run changes nothing.
/// `progress` is told (done, all) in orgs. Returns how many obligations changed.
///
/// # Errors
/// The database is away.
pub async fn rejudge_all(app: &Arc<App>, progress: &(dyn Fn(u64, u64) + Sync)) -> Outcome<u64> {
    let (now, today) = (app.clock.now(), app.today());
    let write = app.database.write().await?;
    let ids = write.all_organizations().await?;
    let library = Library::load(&write).await?;
    let span = Span {
        app,
        now,
        today,
        from: today.checked_sub_months(PAST).unwrap_or(today),
        until: today.succ_opt().unwrap_or(today),
        builds_past: true,
        cause: "REJUDGE",
    };
    drop(write);
    let mut changed = 0u64;
    let mut done = 0u64;
    for chunk in ids.chunks(ORGS) {
        let write = app.database.write().await?;
        // Figures are computed as a whole at the end, and readers are told once.
        let mut ledger = Ledger::default();
        let ids = judge(&write, &mut ledger, &library, &span, chunk).await?;
        changed += count(ids.len());
        write.keep().await?;
        done += count(chunk.len());
        progress(done, count(ids.len()));
    }
    changed += crate::ops::measure::rejudge::rejudge_all(app).await?;
    finish(app, ids.first(), changed).await?;
    Ok(changed)
}

pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// All figures afresh, and one event for readers of the log where anything changed.
async fn finish(app: &Arc<App>, root: Option<&String>, changed: u64) -> Outcome<()> {
    let write = app.database.write().await?;
    let mut ledger = Ledger {
        figures: headcount::all(&write).await?,
        ..Ledger::default()
    };
    if let Some(root) = root.filter(|_| changed > 0) {
        ledger.events.push(resync(root));
    }
    write.finish(ledger, app.clock.now()).await?;
    Ok(())
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
