//! Escalation (G3.1a, 一级抓一级): from the responsible person upward, one level at a time, to the root.

use chrono::NaiveDate;

/// How far up an unresolved finding has come: 0 is the org itself, 1 the level above it, and so on.
///
/// `since` is its first overdue day; every `escalate_after_days` it goes one level higher. `levels` is the number of
/// orgs from the obligor to the root, both included; the last one is `levels - 1`.
#[must_use]
pub fn level(since: NaiveDate, today: NaiveDate, escalate_after_days: u32, levels: usize) -> usize {
    let days = (today - since).num_days().max(0);
    let steps = days / i64::from(escalate_after_days.max(1));
    usize::try_from(steps)
        .unwrap_or(usize::MAX)
        .min(levels.saturating_sub(1))
}

/// The level of an alert after a day's look: a new one stands with the org itself, later it goes up by one at most, and
/// never down.
#[must_use]
pub fn climbs(
    present: Option<usize>,
    since: NaiveDate,
    today: NaiveDate,
    escalate_after_days: u32,
    levels: usize,
) -> usize {
    match present {
        None => 0,
        Some(present) => level(since, today, escalate_after_days, levels).clamp(present, present + 1),
    }
}

/// The day on which a finding reaches a level, `None` past the end of the calendar.
#[must_use]
pub fn reaches(since: NaiveDate, escalate_after_days: u32, level: u32) -> Option<NaiveDate> {
    let days = u64::from(escalate_after_days.max(1)) * u64::from(level);
    since.checked_add_days(chrono::Days::new(days))
}
