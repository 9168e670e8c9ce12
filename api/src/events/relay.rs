//! Follows the log: one per node, whatever the number of readers.
//!
//! It starts where the log stands, and every batch begins exactly where the one before ended. Positions are given in
//! commit order by the counter row, so whatever is read is complete up to there; a failure of the database is waited
//! out, never skipped.

use std::sync::Arc;
use std::time::Duration;

use domain::policy::{Scope, SystemScope};

use tokio::time::Instant;

use super::Live;
use super::catalogue::entries;
use super::hub::Head;
use crate::store::StoreResult;
use crate::store::feed::{Point, Wake};

/// Longest time between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// Shortest time between the beginnings of two looks: what is committed meanwhile is read, told to other nodes and handed out
/// together. A change in quiet times is looked at at once.
const PAUSE: Duration = Duration::from_millis(20);
/// Events in one batch.
const BATCH: u64 = 500;

pub(super) async fn follow(live: &Arc<Live>) {
    let wakes = live.database.wakes();
    let mut failing = false;
    let mut wake = Wake::Other;
    loop {
        let looked = Instant::now();
        match advance(live, wake).await {
            Ok(()) => {
                failing = false;
                live.progress.is_abreast();
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "the log cannot be read; trying on");
                    live.database.broke().await;
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        tokio::time::sleep_until(looked + PAUSE).await;
        wake = wakes.next(LOOK).await;
    }
}

/// Publishes whatever was committed since the last look.
async fn advance(live: &Arc<Live>, wake: Wake) -> StoreResult<()> {
    let Some(reach) = live.database.log_reach().await? else {
        return Ok(());
    };
    let here = Head {
        epoch: reach.epoch.into(),
        end: Point::after(reach.position),
    };
    if live.hub.head().as_ref() != Some(&here) {
        live.database.remember(&here.epoch, reach.position);
    }
    let Some(mut head) = live.hub.head() else {
        live.hub.begin(here);
        return Ok(());
    };
    if head.epoch != here.epoch || here.end < head.end {
        tracing::warn!(
            position = reach.position,
            "the database was restored: readers are told to read anew"
        );
        live.database.unsettle();
        if head.epoch == here.epoch {
            live.database.leave_epoch(&here.epoch).await?;
        }
        let Some(reach) = live.database.log_reach().await? else {
            return Ok(());
        };
        live.rights.renew_all(live).await;
        live.hub.restart(Head {
            epoch: reach.epoch.into(),
            end: Point::after(reach.position),
        });
        return Ok(());
    }
    if here.end == head.end {
        return Ok(());
    }
    if wake == Wake::Own {
        // Others first: they read while this node reads.
        if let Err(error) = live.database.wake_others().await {
            tracing::debug!(%error, "other nodes will see it at their next look");
        }
    }
    if live.rights.is_idle()
        && !live
            .database
            .speaks_of_webhooks((head.end.position, reach.position))
            .await?
        && live.hub.pass(here.end)
    {
        return Ok(());
    }
    while head.end < here.end {
        let scope = Scope::system(SystemScope::Feed);
        let excerpt = live.database.log_after(&scope, head.end, (BATCH, live.today())).await?;
        let (end, read) = (excerpt.end, excerpt.events.len() + excerpt.unreadable);
        let entries: Vec<_> = entries(excerpt, live.today()).into_iter().map(Arc::new).collect();
        live.progress.passed_over(read - entries.len());
        // Before anybody sees the batch: rights that it changes hold for its own events already.
        live.rights.renew_after(live, &entries).await;
        live.hub.publish(entries, end);
        head.end = end;
    }
    Ok(())
}
