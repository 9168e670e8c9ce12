//! Hands what the relay reads to everybody who follows.
//!
//! One ring of batches serves all: publishing costs the same for one reader as for ten thousand, memory is bounded by the
//! ring, and whoever falls behind it is told so and holds up nobody.

use std::sync::Arc;

use tokio::sync::{broadcast, watch};

use super::catalogue::Entry;
use crate::store::feed::Point;

/// Batches that a reader may be behind.
const RING: usize = 256;

/// How far the node has read the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub epoch: Arc<str>,
    pub end: Point,
}

/// What is published.
#[derive(Debug)]
pub enum News {
    /// Events in order, without a hole to the batch before.
    Entries { entries: Vec<Arc<Entry>>, end: Point },
    /// The database was restored: what readers keep is of another time.
    Restored(Head),
}

pub struct Hub {
    ring: broadcast::Sender<Arc<News>>,
    head: watch::Sender<Option<Head>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self::with_room(RING)
    }
}

impl Hub {
    /// A hub that keeps `batches` for those who are behind.
    #[must_use]
    pub fn with_room(batches: usize) -> Self {
        Self {
            ring: broadcast::Sender::new(batches),
            head: watch::Sender::new(None),
        }
    }

    /// Joins: everything behind the head that is returned will be received.
    pub async fn join(&self) -> (Head, broadcast::Receiver<Arc<News>>) {
        let mut heads = self.head.subscribe();
        loop {
            // The guard keeps the publisher out between the look at the head and the seat in the ring.
            if let Some(head) = &*heads.borrow_and_update() {
                return (head.clone(), self.ring.subscribe());
            }
            if heads.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// How far the node has read; `None` before its first look.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head.borrow().clone()
    }

    pub(super) fn begin(&self, head: Head) {
        self.head.send_replace(Some(head));
    }

    pub(super) fn publish(&self, entries: Vec<Arc<Entry>>, end: Point) {
        self.head.send_modify(|head| {
            if let Some(head) = head {
                head.end = end;
            }
            // Nobody there is no failure.
            let _ = self.ring.send(Arc::new(News::Entries { entries, end }));
        });
    }

    pub(super) fn restart(&self, new: Head) {
        self.head.send_modify(|head| {
            *head = Some(new.clone());
            let _ = self.ring.send(Arc::new(News::Restored(new)));
        });
    }

    /// Streams that follow now.
    #[must_use]
    pub fn followers(&self) -> usize {
        self.ring.receiver_count()
    }
}
