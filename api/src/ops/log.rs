//! Upkeep of the log: how long it is kept, and how a restored database is told from the one that clients knew.

use std::sync::Arc;

use chrono::TimeDelta;

use super::outcome::Outcome;
use crate::app::App;
use crate::store::job::Lease;

/// Name of the work in the table of leases.
const KIND: &str = "LOG_TRIM";
/// How long a holder keeps the work without a sign of life.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// Events in one transaction.
const CHUNK: u64 = 2_000;

/// Removes events that are older than the log is kept, and what was noted of deliveries as long ago, a chunk at a time; the
/// audit trail stays. Only one process removes events at a time. How many of them went.
///
/// # Errors
/// The database is away.
pub async fn trim(app: &Arc<App>) -> Outcome<u64> {
    let cutoff = || app.clock.now() - TimeDelta::days(app.log_days);
    super::webhook::tell::trim(app, CHUNK).await?;
    let oldest = app.database.snapshot().await?.oldest_event().await?;
    if oldest.is_none_or(|at| at >= cutoff()) {
        return Ok(0);
    }
    let holder = app.ids.plain();
    let lease = || {
        let now = app.clock.now();
        Lease {
            kind: KIND,
            holder: &holder,
            now,
            until: now + LEASE,
        }
    };
    let write = app.database.write().await?;
    let taken = write.take(&lease()).await?;
    write.keep().await?;
    if taken.is_none() {
        return Ok(0);
    }
    let mut gone = 0;
    loop {
        let write = app.database.write().await?;
        if !write.hold(&lease()).await? {
            return Ok(gone);
        }
        let trimmed = write.trim_log(cutoff(), CHUNK).await?;
        if trimmed == 0 {
            write.release(&lease()).await?;
            write.keep().await?;
            return Ok(gone);
        }
        write.keep().await?;
        gone += trimmed;
    }
}

/// Begins a new epoch: every cursor given out so far answers `RESTORED`. The new epoch.
///
/// # Errors
/// The database is away.
pub async fn begin_epoch(app: &App) -> Outcome<String> {
    let epoch = app.ids.plain();
    let write = app.database.write().await?;
    write.begin_epoch(&epoch).await?;
    write.keep().await?;
    app.database.remember_reach().await?;
    Ok(epoch)
}
