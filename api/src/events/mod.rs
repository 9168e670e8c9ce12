//! The one log, live: read once for the whole node, cut to each reader at delivery, resumable on any node.
//!
//! [`relay`] follows the log and publishes it, [`hub`] hands it to everybody who follows, [`rights`] knows what each of
//! them may see now, [`catalogue`] says what an event is to rights, [`cut`] what is told
//! of it to whom, [`resume`] finds the way in from a cursor,
//! [`follower`] is one stream, [`stretch`] reads for who works through the log at their own pace, [`progress`] says how the node gets on, [`delta`] pages the log for who keeps a copy, and
//! [`unfold`] tells them row by row what moved or came into sight.

pub mod catalogue;
pub mod cut;
pub mod delta;
pub mod follower;
pub mod hub;
mod progress;
mod relay;
pub mod resume;
pub mod rights;
pub mod stretch;
pub mod unfold;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::app::Clock;
use crate::store::connect::Database;

/// Fewer than the connections of the feed: when everybody comes back at once, they wait for one another, and neither the
/// relay nor the look at rights waits for them.
const ENTRANCES: usize = 2;
/// Half of the connections for reading, by database: a change that thousands hear at once leaves the others to queries.
const TURNS_EMBEDDED: usize = 2;
const TURNS: usize = 8;

/// What a node needs to tell its readers of changes.
pub struct Live {
    pub database: Database,
    pub hub: hub::Hub,
    pub rights: rights::RightsBook,
    pub progress: progress::Progress,
    /// Streams that find their way in at the same time; the others wait in turn.
    entrances: Semaphore,
    /// Streams that read at the same time.
    turns: Arc<Semaphore>,
    clock: Clock,
    zone: chrono_tz::Tz,
}

impl Live {
    /// `backlog`: batches that a stream may be behind, at least 2.
    #[must_use]
    pub fn new(database: Database, clock: Clock, zone: chrono_tz::Tz, backlog: usize) -> Self {
        let turns = if database.is_postgres() { TURNS } else { TURNS_EMBEDDED };
        Self {
            turns: Arc::new(Semaphore::new(turns)),
            database,
            hub: hub::Hub::new(backlog),
            rights: rights::RightsBook::default(),
            progress: progress::Progress::default(),
            entrances: Semaphore::new(ENTRANCES),
            clock,
            zone,
        }
    }

    /// The turn of a stream to read: however many hear of a change, they wait in the order in which they came, for as long as
    /// it takes, and never for a connection that may not come in time. `None` once the node has ended.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.turns.clone().acquire_owned().await.ok()
    }

    fn today(&self) -> chrono::NaiveDate {
        self.clock.now().with_timezone(&self.zone).date_naive()
    }

    /// Follows the log until the node goes down.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = relay::follow(&self) => {}
            () = rights::watch(&self) => {}
        }
    }
}
