//! A part of a write that may be refused while the rest goes on.

use std::sync::OnceLock;

use domain::problem::Problem;
use futures_util::future::BoxFuture;

use super::Unit;
use crate::ops::outcome::{Failure, Outcome};
use crate::store::transaction::Ledger;

/// How long a ledger was.
struct Length {
    events: usize,
    figures: usize,
    inbox: usize,
    trail: usize,
}

impl Length {
    fn of(ledger: &Ledger) -> Self {
        Self {
            events: ledger.events.len(),
            figures: ledger.figures.len(),
            inbox: ledger.inbox.len(),
            trail: ledger.trail.len(),
        }
    }

    fn cut_back(&self, ledger: &mut Ledger) {
        ledger.events.truncate(self.events);
        ledger.figures.truncate(self.figures);
        ledger.inbox.truncate(self.inbox);
        ledger.trail.truncate(self.trail);
    }
}

impl Unit {
    /// Tries a part of the write. Of one that is refused nothing remains but its lines of refusals in the trail; what was
    /// written before it stays. Each part rests on its own decision and its own rule.
    ///
    /// # Errors
    /// The database is away, or something else than a refusal ends the whole write.
    pub(in crate::ops) async fn attempt<T, F>(&mut self, work: F) -> Outcome<Result<T, Vec<Problem>>>
    where
        T: Send,
        F: for<'a> FnOnce(&'a mut Unit) -> BoxFuture<'a, Outcome<T>> + Send,
    {
        let length = Length::of(&self.ledger);
        let (decision, ground) = (
            self.decision.take(),
            std::mem::replace(&mut self.ground, OnceLock::new()),
        );
        self.write.mark().await?;
        let done = work(self).await;
        let own = std::mem::replace(&mut self.ground, ground);
        self.decision = decision;
        match done {
            Ok(value) => {
                self.write.leave_mark().await?;
                Ok(Ok(value))
            }
            Err(failure) => match failure.grounded(own.get()) {
                Failure::Problems(problems) => {
                    self.write.back_to_mark().await?;
                    length.cut_back(&mut self.ledger);
                    Ok(Err(problems))
                }
                other => Err(other),
            },
        }
    }
}
