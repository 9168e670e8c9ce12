//! How this node gets on with the log, for those who watch it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub struct Progress {
    /// When the log was last read to its end.
    abreast: Mutex<Instant>,
    unreadable: AtomicU64,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            abreast: Mutex::new(Instant::now()),
            unreadable: AtomicU64::default(),
        }
    }
}

impl Progress {
    pub(super) fn is_abreast(&self) {
        *self.abreast.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    pub(super) fn passed_over(&self, events: usize) {
        self.unreadable
            .fetch_add(u64::try_from(events).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Since when the log was not read to its end: no reader of this node is further behind because of it.
    #[must_use]
    pub fn behind(&self) -> Duration {
        self.abreast.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Events since the start that could not be understood and were told to nobody.
    #[must_use]
    pub fn unreadable(&self) -> u64 {
        self.unreadable.load(Ordering::Relaxed)
    }
}
