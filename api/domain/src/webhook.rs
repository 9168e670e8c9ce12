//! How webhooks are told: when a message is tried again, what an answer means, how a message is named. Time and chance are
//! arguments.

use chrono::{DateTime, TimeDelta, Utc};

use crate::vocabulary::{ChangeOp, DeliveryFailure, EntityKind};

/// Longest wait between two attempts.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(30);
/// Longest wait that a receiver may ask for with `Retry-After`.
const LONGEST_ASKED: TimeDelta = TimeDelta::hours(1);

/// How a message that was not taken is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Wait before the second attempt; it doubles with each further one, up to half an hour.
    pub first_wait: TimeDelta,
    /// For so long a message is tried; then the webhook is paused.
    pub give_up_after: TimeDelta,
}

/// What comes after an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The next attempt is due then.
    Again(DateTime<Utc>),
    /// The retry time is over.
    GiveUp,
    /// The receiver wants no more.
    Gone,
}

impl Retries {
    /// When the next attempt is due. `failing_since`: when the message was first not taken; `attempts`: how often it was tried,
    /// this time included; `chance`: 0 to 1000, so that many endpoints of one receiver do not come back at one moment; `asked`: what
    /// the receiver's `Retry-After` says.
    #[must_use]
    pub fn after(
        &self,
        failure: DeliveryFailure,
        (now, failing_since): (DateTime<Utc>, DateTime<Utc>),
        attempts: u32,
        chance: u16,
        asked: Option<TimeDelta>,
    ) -> After {
        if failure == DeliveryFailure::Gone {
            return After::Gone;
        }
        let end = failing_since + self.give_up_after;
        if now >= end {
            return After::GiveUp;
        }
        let wait = self
            .wait(attempts, chance)
            .max(asked.unwrap_or_default().min(LONGEST_ASKED));
        // The last attempt is at the very end, whatever the wait.
        After::Again((now + wait).min(end))
    }

    /// Doubles from the first wait on, spread over a fifth to either side.
    fn wait(&self, attempts: u32, chance: u16) -> TimeDelta {
        let doubled = self
            .first_wait
            .checked_mul(1_i32 << attempts.saturating_sub(1).min(20))
            .map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT));
        let spread = doubled.num_milliseconds() * (8_000 + 4 * i64::from(chance.min(1_000))) / 10_000;
        TimeDelta::milliseconds(spread)
    }
}

/// What a status says: taken (`None`), or why not.
#[must_use]
pub fn judged(status: u16) -> Option<DeliveryFailure> {
    match status {
        200..=299 => None,
        410 => Some(DeliveryFailure::Gone),
        429 | 500.. => Some(DeliveryFailure::Unavailable),
        400..=499 => Some(DeliveryFailure::Refused),
        300..=399 => Some(DeliveryFailure::Redirected),
        _ => Some(DeliveryFailure::BrokenAnswer),
    }
}

/// The `type` of a message about a change, as the Standard Webhooks specification wants it: `member.upsert`.
#[must_use]
pub fn type_of(kind: EntityKind, op: ChangeOp) -> String {
    format!("{}.{}", kind.as_str(), op.as_str()).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRIES: Retries = Retries {
        first_wait: TimeDelta::seconds(5),
        give_up_after: TimeDelta::hours(24),
    };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn after(now: i64, attempts: u32, chance: u16) -> After {
        RETRIES.after(DeliveryFailure::TimedOut, (at(now), at(0)), attempts, chance, None)
    }

    #[test]
    fn waits_double_up_to_half_an_hour_and_are_spread() {
        assert_eq!(after(0, 1, 500), After::Again(at(5)));
        assert_eq!(after(0, 2, 500), After::Again(at(10)));
        assert_eq!(after(0, 5, 500), After::Again(at(80)));
        assert_eq!(after(0, 40, 500), After::Again(at(1800)));
        assert_eq!(after(0, 1, 0), After::Again(at(4)));
        assert_eq!(after(0, 1, 1000), After::Again(at(6)));
        assert_eq!(
            after(0, 40, 7000),
            After::Again(at(2160)),
            "chance beyond its range counts as its end"
        );
    }

    #[test]
    fn the_last_attempt_is_at_the_end_and_then_no_more() {
        let day = 24 * 3600;
        assert_eq!(after(day - 60, 40, 500), After::Again(at(day)));
        assert_eq!(after(day, 41, 500), After::GiveUp);
        let gone = RETRIES.after(DeliveryFailure::Gone, (at(0), at(0)), 1, 500, None);
        assert_eq!(gone, After::Gone);
    }

    #[test]
    fn a_receiver_may_ask_for_longer_but_not_for_ever() {
        let asked = |seconds| {
            let asked = Some(TimeDelta::seconds(seconds));
            RETRIES.after(DeliveryFailure::Unavailable, (at(0), at(0)), 1, 500, asked)
        };
        assert_eq!(asked(60), After::Again(at(60)));
        assert_eq!(asked(1), After::Again(at(5)), "never sooner than by itself");
        assert_eq!(asked(100_000), After::Again(at(3600)));
    }

    #[test]
    fn only_a_status_of_success_is_taken() {
        for (status, judgement) in [
            (200, None),
            (204, None),
            (199, Some(DeliveryFailure::BrokenAnswer)),
            (301, Some(DeliveryFailure::Redirected)),
            (400, Some(DeliveryFailure::Refused)),
            (404, Some(DeliveryFailure::Refused)),
            (410, Some(DeliveryFailure::Gone)),
            (429, Some(DeliveryFailure::Unavailable)),
            (503, Some(DeliveryFailure::Unavailable)),
        ] {
            assert_eq!(judged(status), judgement, "{status}");
        }
    }

    #[test]
    fn types_are_names_with_full_stops() {
        assert_eq!(
            type_of(EntityKind::ActivityUnit, ChangeOp::LeaveScope),
            "activity_unit.leave_scope"
        );
    }
}
