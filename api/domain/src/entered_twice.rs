//! Whether two activities of one org and kind are the same one entered twice (ADR 0088).

use chrono::{DateTime, Duration, Utc};

/// Starts that lie no further apart than this, in minutes, are of one activity: who enters it a second time remembers the hour
/// and not the minute.
pub const WITHIN_MINUTES: i64 = 30;

/// When an activity takes place; often nobody types an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
}

impl Span {
    /// How far apart two starts of one activity may lie.
    #[must_use]
    pub fn within() -> Duration {
        Duration::minutes(WITHIN_MINUTES)
    }

    /// The end; of what has none, the start.
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.ends_at.map_or(self.starts_at, |end| end.max(self.starts_at))
    }

    /// Whether both look like one activity: they begin at about the same time, or one begins before the other is over.
    #[must_use]
    pub fn looks_like(&self, other: &Self) -> bool {
        let apart = (self.starts_at - other.starts_at).abs();
        apart <= Self::within() || (self.starts_at < other.end() && other.starts_at < self.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A span that begins and ends so many minutes after an instant.
    fn span(starts: i64, ends: Option<i64>) -> Span {
        let at = |minutes: i64| DateTime::UNIX_EPOCH + Duration::minutes(minutes);
        Span {
            starts_at: at(starts),
            ends_at: ends.map(at),
        }
    }

    #[test]
    fn g1_1f_what_begins_at_about_the_same_time_or_overlaps_is_one_activity() {
        let meeting = span(600, Some(720));
        for (other, same) in [
            (span(600, None), true),
            (span(605, None), true),
            (span(630, None), true),
            (span(570, None), true),
            // Nobody knows how long it took, but the other one is still going on.
            (span(700, None), true),
            (span(500, Some(601)), true),
            (span(500, Some(569)), false),
            // One after the other.
            (span(720, Some(800)), false),
            (span(569, None), false),
            (span(720, None), false),
            (span(500, Some(600)), false),
            (span(0, Some(10_000)), true),
        ] {
            assert_eq!(meeting.looks_like(&other), same, "{other:?}");
            assert_eq!(other.looks_like(&meeting), same, "{other:?}");
        }
    }

    #[test]
    fn an_end_before_the_start_counts_as_none() {
        assert_eq!(span(10, Some(5)).end(), span(10, None).starts_at);
    }
}
