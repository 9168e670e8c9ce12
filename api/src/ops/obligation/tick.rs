//! What the passing of a day changes: obligations that become due soon, overdue, missed; alerts that go up.

use std::sync::Arc;

use chrono::{Datelike as _, Days, NaiveDate, TimeDelta, TimeZone as _, Utc};

use domain::vocabulary::EntityKind;

use super::judge::{Span, judge};
use super::rejudge::{ORGS, back, count};
use crate::app::App;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::Library;
use crate::ops::writing::upsert;
use crate::store::job::Lease;
use crate::store::transaction::{Ledger, Write};

/// Name of the work in the table of leases.
const KIND: &str = "TICK";
const LAST_DAY: &str = "lastDay";
/// How long a holder keeps the tick without a sign of life: far longer than a chunk takes, and no longer than a day's
/// judgement may wait for a node that died with the lock.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// Days that are caught up one by one; what is older is settled by the first of them.
const MOST_DAYS: u64 = 400;

/// Brings the obligations up to today, day by day since the last day done. Only one holder works at a time; a second
/// call on one day changes nothing. Returns how many obligations changed, `None` where another holder is at work.
///
/// # Errors
/// The database is away.
pub async fn tick(app: &Arc<App>) -> Outcome<Option<u64>> {
    let holder = app.ids.plain();
    let today = app.today();
    let Some(last) = acquire(app, &holder).await? else {
        return Ok(None);
    };
    let first = match last {
        Some(last) => last.succ_opt().unwrap_or(last),
        None => today,
    };
    let earliest = today.checked_sub_days(Days::new(MOST_DAYS)).unwrap_or(today);
    let days = first.max(earliest).iter_days().take_while(|day| *day <= today);
    let mut changed = 0;
    for day in days {
        match pass(app, &holder, day).await? {
            Some(number) => changed += number,
            // Somebody else took over.
            None => return Ok(None),
        }
    }
    let write = app.database.write().await?;
    write.release(&lease(app, &holder)).await?;
    write.keep().await?;
    Ok(Some(changed))
}

/// How long until the next local midnight, from which a new day counts.
#[must_use]
pub fn until_midnight(app: &App) -> std::time::Duration {
    let now = app.clock.now();
    let tomorrow = app.today().succ_opt().and_then(|day| day.and_hms_opt(0, 0, 0));
    // A zone that skips midnight begins its day an hour later.
    let begins = tomorrow.and_then(|at| {
        let at = app.zone.from_local_datetime(&at);
        at.earliest()
    });
    let left = begins.map_or(TimeDelta::hours(1), |begins| begins.with_timezone(&Utc) - now);
    left.to_std().unwrap_or_default()
}

/// Takes the lock; `None` where another holder has it, else the last day done.
async fn acquire(app: &Arc<App>, holder: &str) -> Outcome<Option<Option<NaiveDate>>> {
    let write = app.database.write().await?;
    let taken = write.take(&lease(app, holder)).await?;
    write.keep().await?;
    Ok(taken.map(|progress| day_of(&progress)))
}

fn lease<'a>(app: &App, holder: &'a str) -> Lease<'a> {
    let now = app.clock.now();
    Lease {
        kind: KIND,
        holder,
        now,
        until: now + LEASE,
    }
}

fn day_of(progress: &serde_json::Value) -> Option<NaiveDate> {
    progress.get(LAST_DAY)?.as_str()?.parse().ok()
}

/// The last day that the tick has done; `None` where it never ran.
///
/// # Errors
/// The database is away.
pub(crate) async fn last_day(write: &Write) -> Outcome<Option<NaiveDate>> {
    Ok(write.progress(KIND).await?.as_ref().and_then(day_of))
}

/// An acting post ends with its day, without anybody's write: those who follow the log are told.
async fn end_acting_posts(app: &Arc<App>, day: NaiveDate) -> Outcome<()> {
    let write = app.database.write().await?;
    let mut ledger = Ledger::default();
    for (post, path) in write.acting_posts_ending(day).await? {
        let at = (post.organization_id.as_str(), path.as_str());
        let mut event = upsert(EntityKind::Appointment, &post.id, post.version, at, &["until"]);
        event.member_id = Some(post.member_id);
        event.cause = "TICK";
        ledger.events.push(event);
    }
    if !ledger.events.is_empty() {
        write.finish(ledger, app.clock.now()).await?;
    }
    Ok(())
}

/// One day; `None` where the lock was lost.
async fn pass(app: &Arc<App>, holder: &str, day: NaiveDate) -> Outcome<Option<u64>> {
    let write = app.database.write().await?;
    // With a month, new periods begin for every org; else only what is open can change.
    let ids = if day.day() == 1 {
        write.all_organizations().await?
    } else {
        write.organizations_that_owe().await?
    };
    let library = Library::load(&write).await?;
    drop(write);
    end_acting_posts(app, day).await?;
    let span = Span {
        app,
        now: app.clock.now(),
        today: day,
        from: back(day),
        until: day.succ_opt().unwrap_or(day),
        builds_past: false,
        cause: "TICK",
    };
    let mut changed = 0;
    for chunk in ids.chunks(ORGS) {
        let write = app.database.write().await?;
        if !write.hold(&lease(app, holder)).await? {
            return Ok(None);
        }
        let mut ledger = Ledger::default();
        changed += count(judge(&write, &mut ledger, &library, &span, chunk).await?.len());
        if ledger.events.is_empty() {
            write.keep().await?;
        } else {
            write.finish(ledger, span.now).await?;
        }
    }
    let write = app.database.write().await?;
    let progress = serde_json::json!({LAST_DAY: day.to_string()});
    let held = write.note_progress(&lease(app, holder), progress).await?;
    write.keep().await?;
    Ok(held.then_some(changed))
}
