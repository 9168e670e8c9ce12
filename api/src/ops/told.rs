//! Secrets that are told once: a program's, behind which those before it go on for a while, and a person's link.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use domain::problem::{Flaw, Problem, ProblemCode};

use super::outcome::Outcome;

/// An older secret goes on at most so long beside a new one.
const LONGEST_OVERLAP_HOURS: i64 = 168;
/// Secrets that work at a time, the new one included: a message carries a signature by each, and each is one more to be stolen.
const MOST_SECRETS: u64 = 5;

/// Where a use case leaves a new secret for the answer; it is never given again. A write that is tried twice leaves that of the
/// last try.
#[derive(Debug)]
pub struct Told<T = String>(Arc<Mutex<Option<T>>>);

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Told<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Told<T> {
    /// Leaves a secret.
    pub fn leave(&self, secret: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret);
    }

    /// The secret that was left, this once.
    #[must_use]
    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// When the secrets until now end, so many hours after an instant.
///
/// # Errors
/// `INVALID` of the overlap.
pub fn overlap_ends(now: DateTime<Utc>, hours: i64) -> Outcome<DateTime<Utc>> {
    if (0..=LONGEST_OVERLAP_HOURS).contains(&hours) {
        return Ok(now + Duration::hours(hours));
    }
    Err(Problem::invalid("overlapHours", Flaw::OutOfRange)
        .with("min", 0)
        .with("max", LONGEST_OVERLAP_HOURS)
        .into())
}

/// Refuses one more secret beside so many that go on; asked with what they belong to held. Who rotates without an overlap always may.
///
/// # Errors
/// `TOO_MANY`.
pub fn one_more(going_on: u64, field: &str) -> Outcome<()> {
    if going_on < MOST_SECRETS {
        return Ok(());
    }
    Err(Problem::at(ProblemCode::TooMany, field)
        .with("max", MOST_SECRETS)
        .into())
}
