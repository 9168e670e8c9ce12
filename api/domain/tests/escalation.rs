//! Escalation (G3.1a, 一级抓一级): one level at a time.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{Days, NaiveDate};
use domain::obligation::escalation;
use domain::rulebook::{JIAXING_2015, Rulebook, load};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn book() -> Rulebook {
    load(JIAXING_2015).unwrap()
}

#[test]
fn g3_1a_what_stays_overdue_goes_up_one_level_every_seven_days_to_the_root() {
    let days = book().escalate_after_days(day("2026-11-24")).unwrap();
    let at = |today| escalation::level(day("2026-10-01"), day(today), days, 4);
    assert_eq!((at("2026-09-01"), at("2026-10-01"), at("2026-10-07")), (0, 0, 0));
    assert_eq!((at("2026-10-08"), at("2026-10-14"), at("2026-10-15")), (1, 1, 2));
    assert_eq!((at("2026-10-22"), at("2027-10-22")), (3, 3), "the root is the last");
    assert_eq!(escalation::reaches(day("2026-10-01"), days, 2), Some(day("2026-10-15")));
}

#[test]
fn g3_1a_a_new_alert_stands_with_the_org_itself_and_goes_up_by_one_at_most() {
    let since = day("2026-10-01");
    let climbs = |present, today| escalation::climbs(present, since, day(today), 7, 4);
    assert_eq!(climbs(None, "2026-12-31"), 0, "whatever the day on which it is known");
    assert_eq!(climbs(Some(0), "2026-12-31"), 1);
    assert_eq!(climbs(Some(1), "2026-12-31"), 2);
    assert_eq!(climbs(Some(3), "2026-12-31"), 3, "the root is the last");
    assert_eq!(climbs(Some(2), "2026-10-02"), 2, "and never down");
}

/// Day by day as the tick looks: each level has its days, no level is left out, whatever was acknowledged.
#[test]
fn g3_1a_the_clock_runs_on_day_by_day_to_the_root() {
    let since = day("2026-10-01");
    let mut present = None;
    let mut reached = Vec::new();
    for after in 0..40 {
        let today = since + Days::new(after);
        let level = escalation::climbs(present, since, today, 7, 5);
        if present != Some(level) {
            reached.push((after, level));
        }
        present = Some(level);
    }
    assert_eq!(reached, [(0, 0), (7, 1), (14, 2), (21, 3), (28, 4)]);
    for (after, level) in reached {
        let on = escalation::reaches(since, 7, u32::try_from(level).unwrap());
        assert_eq!(on, Some(since + Days::new(after)));
    }
}

#[test]
fn g3_1a_a_rulebook_that_lets_nothing_go_up_says_so() {
    let text = JIAXING_2015.replace("then = \"ESCALATE\"", "then = \"ALERT\"");
    let quiet = load(&text).unwrap();
    assert_eq!(quiet.escalate_after_days(day("2026-10-01")), None);
    let monthly = JIAXING_2015.replace(
        "from = \"OVERDUE\"\ndefault = \"P7D\"",
        "from = \"OVERDUE\"\ndefault = \"P1M\"",
    );
    assert_eq!(load(&monthly).unwrap().escalate_after_days(day("2026-02-01")), Some(28));
}
