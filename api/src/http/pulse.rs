//! Whether the database still answers. One that stalls in the middle of a statement says nothing at all, and whoever waits
//! for it would wait for as long as an operation may take.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::code::{Code, Refusal};

/// Between two glances at the count of answers.
const GLANCE: Duration = Duration::from_millis(250);
/// So many glances without an answer are silence: two seconds, so that who waits is answered within three. Glances are
/// counted, not the clock, so that a process that got no time itself does not take its own absence for the database's.
const SILENT: u32 = 8;
/// After which it is worth trying again.
const RETRY_AFTER_MS: u64 = 1_000;

/// Tells whether the database has fallen silent.
#[derive(Debug, Clone)]
pub struct Pulse(Option<watch::Receiver<bool>>);

impl Pulse {
    /// Of a database that lives in this process.
    #[must_use]
    pub fn steady() -> Self {
        Self(None)
    }

    /// Of a database whose answers are counted; and the work that watches the count, to be run for as long as the node
    /// serves.
    pub fn of(answers: impl Fn() -> u64 + Send + 'static) -> (Self, impl Future<Output = ()> + Send) {
        let (tell, told) = watch::channel(false);
        (Self(Some(told)), watch_count(answers, tell))
    }

    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.0.as_ref().is_some_and(|silent| *silent.borrow())
    }

    /// What the work gives, or a refusal as soon as the database has fallen silent.
    ///
    /// # Errors
    /// `UNAVAILABLE`; the work is dropped then, so that a write belongs into a task of its own.
    pub async fn answered<T>(&self, work: impl Future<Output = T>) -> Result<T, Refusal> {
        tokio::select! {
            biased;
            () = self.silence() => Err(unavailable()),
            done = work => Ok(done),
        }
    }

    async fn silence(&self) {
        let Some(mut silent) = self.0.clone() else {
            return std::future::pending().await;
        };
        // The watcher ends with the node only.
        if silent.wait_for(|silent| *silent).await.is_err() {
            std::future::pending().await
        }
    }
}

/// The refusal of what the database would have to answer.
pub fn unavailable() -> Refusal {
    let message = "the database does not answer; a mutation may still succeed: ask again with the same idempotencyKey";
    Refusal::new(Code::Unavailable, message).retry_after_ms(RETRY_AFTER_MS)
}

async fn watch_count(answers: impl Fn() -> u64, tell: watch::Sender<bool>) {
    let mut glances = interval(GLANCE);
    glances.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut last, mut without) = (answers(), 0);
    loop {
        glances.tick().await;
        let now = answers();
        without = if now == last { without + 1 } else { 0 };
        last = now;
        let silent = without >= SILENT;
        let changed = tell.send_if_modified(|before| std::mem::replace(before, silent) != silent);
        match (changed, silent) {
            (true, true) => tracing::warn!("the database has fallen silent"),
            (true, false) => tracing::info!("the database answers again"),
            (false, _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[tokio::test]
    async fn silence_ends_what_waits_and_an_answer_ends_the_silence() {
        let count = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&count);
        let (pulse, watching) = Pulse::of(move || counted.load(Ordering::Relaxed));
        let watching = tokio::spawn(watching);
        for _ in 0..4 {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert!(!pulse.is_silent());
        }
        let began = tokio::time::Instant::now();
        let refused = pulse.answered(std::future::pending::<()>()).await.unwrap_err();
        assert_eq!(refused.code, Code::Unavailable);
        assert!(began.elapsed() <= Duration::from_secs(3), "{:?}", began.elapsed());
        assert!(pulse.answered(async {}).await.is_err(), "nothing begins in silence");
        count.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(GLANCE * 2).await;
        assert!(pulse.answered(async {}).await.is_ok());
        watching.abort();
    }

    #[tokio::test]
    async fn a_database_in_this_process_is_never_silent() {
        let pulse = Pulse::steady();
        let waiting = pulse.answered(std::future::pending::<()>());
        assert!(tokio::time::timeout(Duration::from_secs(3), waiting).await.is_err());
        assert!(!pulse.is_silent());
    }
}
