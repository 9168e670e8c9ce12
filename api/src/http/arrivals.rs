//! Who comes new, when many come at once: they wait in the listener's queue, not between a query and its answer.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Connections that are taken before the first request of an earlier one is answered.
const AT_ONCE: usize = 16;
/// A connection that asks nothing, or waits for its answer, for so long holds up nobody any more.
const PATIENCE: Duration = Duration::from_millis(10);

/// Turns for those who come.
pub struct Arrivals(Arc<Semaphore>);

/// A connection whose first request is not answered yet.
#[derive(Clone)]
pub struct Arrival(Arc<Mutex<Option<oneshot::Sender<()>>>>);

impl Default for Arrivals {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Arrivals {
    /// The next turn.
    ///
    /// # Errors
    /// Never: nobody closes the turns.
    pub async fn turn(&self) -> io::Result<OwnedSemaphorePermit> {
        self.0.clone().acquire_owned().await.map_err(io::Error::other)
    }
}

impl Arrival {
    /// A connection that was just taken, in its turn.
    pub fn of(turn: OwnedSemaphorePermit) -> Self {
        let (answered, first) = oneshot::channel();
        tokio::spawn(async move {
            let _ = tokio::time::timeout(PATIENCE, first).await;
            drop(turn);
        });
        Self(Arc::new(Mutex::new(Some(answered))))
    }

    /// A request of it is answered.
    pub fn is_answered(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
