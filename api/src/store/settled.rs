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
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbErr, RuntimeErr};
use tokio::sync::Mutex;

use super::StoreResult;
use super::connect::Database;
use super::transaction::statement;

/// A condition that always holds: with it the transaction's commit leaves the disk to [`Database::settle`].
pub(super) const ON_COMMIT: &str = "set_config('synchronous_commit', 'off', true) = 'off'";
/// The smallest transaction that writes; its commit waits for everything before it, the position that it reads included. It says
/// on which connection that was.
const WAIT: &str = "SELECT pg_backend_pid() AS pid, (SELECT position FROM log_counter WHERE id = 1) AS position \
     FROM (SELECT pg_logical_emit_message(true, 'orglife', '')) message";
/// Said where the server began anew while somebody waited.
const BEGAN_ANEW: &str = "the database began anew: whether what was last committed outlived it is not known";

/// How far the log is known to be on disk.
#[derive(Clone)]
pub(super) struct Settled {
    /// None where commits wait by themselves.
    own: Option<DatabaseConnection>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Everything up to here is on disk.
    done: AtomicI64,
    /// Raised whenever the connection is another one: the server may have crashed in between, and lost what nobody had waited for. Who
    /// saw something committed before that is told so, even where the server is back by the time of the wait.
    era: AtomicU64,
    /// The server's process behind the connection; 0 before the first wait.
    process: Mutex<i32>,
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

    /// The era of now: what is committed in it is known to be lost or not.
    pub(super) fn era(&self) -> u64 {
        self.shared.era.load(Ordering::SeqCst)
    }

    /// The database is away, and may have crashed: a new era. Who comes when it is back has nothing to fear from what was.
    pub(super) async fn broke(&self) {
        if self.own.is_some() {
            *self.shared.process.lock().await = 0;
            self.shared.era.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Waits until a position that was committed in an era is on disk, and everything before it. Those who wait at the same
    /// time share one wait.
    pub(super) async fn settle(&self, position: i64, era: u64) -> StoreResult<()> {
        let Some(own) = &self.own else { return Ok(()) };
        let shared = &self.shared;
        if shared.done.load(Ordering::SeqCst) >= position {
            return Ok(());
        }
        let mut process = shared.process.lock().await;
        if shared.done.load(Ordering::SeqCst) >= position {
            return Ok(());
        }
        if shared.era.load(Ordering::SeqCst) == era {
            let row = match own.query_one_raw(statement(own, WAIT, Vec::new())).await {
                Ok(row) => row,
                Err(error) => {
                    *process = 0;
                    shared.era.fetch_add(1, Ordering::SeqCst);
                    return Err(error.into());
                }
            };
            let (pid, reached) = match &row {
                Some(row) => (row.try_get("", "pid")?, row.try_get::<Option<i64>>("", "position")?),
                None => (0, None),
            };
            let before = std::mem::replace(&mut *process, pid);
            if before == 0 || before == pid {
                let reached = reached.unwrap_or(position);
                shared.done.fetch_max(reached, Ordering::SeqCst);
                if position <= reached {
                    return Ok(());
                }
            } else {
                shared.era.fetch_add(1, Ordering::SeqCst);
            }
        }
        Err(DbErr::Conn(RuntimeErr::Internal(BEGAN_ANEW.to_owned())).into())
    }
}

impl Database {
    /// Waits until everything up to a position that was seen committed is on disk: before it is acknowledged, and before
    /// anybody is given a cursor or an event of it.
    ///
    /// # Errors
    /// The database fails: whether the position outlives it is not known.
    pub async fn settle(&self, position: i64) -> StoreResult<()> {
        self.settled.settle(position, self.settled.era()).await
    }

    /// The database was found away.
    pub async fn broke(&self) {
        self.settled.broke().await;
    }

    /// The database was put back: positions come again.
    pub fn unsettle(&self) {
        self.settled.shared.done.store(0, Ordering::SeqCst);
    }
}
