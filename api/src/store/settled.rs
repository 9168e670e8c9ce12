//! Commits that are on disk.
//!
//! On PostgreSQL the row lock on the log's counter lasts until its transaction is over. Were a commit to wait for the disk
//! with that lock, one write at a time would wait for the disk, on all nodes together. So the commit itself does not wait
//! ([`ON_COMMIT`]), and the wait comes behind it, without any lock, shared by all who wait: whoever acknowledges a write, or
//! gives out its place in the log, waits for [`Database::settle`] first. The database writes its own log in order: what is
//! lost in a crash is its end, and nobody was told of that.
//!
//! SQLite's one writer has nobody to hold up: there a commit waits by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tokio::sync::Mutex;

use super::StoreResult;
use super::connect::Database;

/// A condition that always holds: with it the transaction's commit leaves the disk to [`Database::settle`].
pub(super) const ON_COMMIT: &str = "set_config('synchronous_commit', 'off', true) = 'off'";
/// The smallest transaction that writes; its commit waits for everything before it.
const WAIT: &str = "SELECT pg_logical_emit_message(true, 'orglife', '')";

/// How far the log is known to be on disk.
#[derive(Clone)]
pub(super) struct Settled {
    /// None where commits wait by themselves.
    own: Option<DatabaseConnection>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The highest position that somebody has seen committed.
    seen: AtomicI64,
    /// Everything up to here is on disk.
    done: AtomicI64,
    turn: Mutex<()>,
}

impl Settled {
    /// With a connection of its own, so that the wait never stands behind a burst of writes.
    pub(super) fn with(own: Option<DatabaseConnection>) -> Self {
        Self {
            own,
            shared: Arc::default(),
        }
    }

    pub(super) async fn close(&self) {
        if let Some(own) = &self.own {
            let _ = own.close_by_ref().await;
        }
    }

    /// Waits until a position that was seen committed is on disk, and everything before it. Those who wait at the same
    /// time share one wait.
    pub(super) async fn settle(&self, position: i64) -> StoreResult<()> {
        let Some(own) = &self.own else { return Ok(()) };
        let shared = &self.shared;
        shared.seen.fetch_max(position, Ordering::SeqCst);
        if shared.done.load(Ordering::SeqCst) >= position {
            return Ok(());
        }
        let _turn = shared.turn.lock().await;
        if shared.done.load(Ordering::SeqCst) >= position {
            return Ok(());
        }
        let all = shared.seen.load(Ordering::SeqCst);
        own.execute_unprepared(WAIT).await?;
        shared.done.fetch_max(all, Ordering::SeqCst);
        Ok(())
    }
}

impl Database {
    /// Waits until everything up to a position that was seen committed is on disk: before it is acknowledged, and before
    /// anybody is given a cursor or an event of it.
    ///
    /// # Errors
    /// The database fails: whether the position outlives it is not known.
    pub async fn settle(&self, position: i64) -> StoreResult<()> {
        self.settled.settle(position).await
    }

    /// The database was put back: positions come again.
    pub fn unsettle(&self) {
        self.settled.shared.seen.store(0, Ordering::SeqCst);
        self.settled.shared.done.store(0, Ordering::SeqCst);
    }
}
