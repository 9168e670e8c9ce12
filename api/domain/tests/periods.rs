//! Periods: calendar, codes, labels; every day is in exactly one of each kind, in every zone.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use domain::period::{Period, local_date};
use domain::vocabulary::{Language, PeriodKind};
use proptest::prelude::*;

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (1900i32..2200, 1u32..=366).prop_filter_map("no such day", |(year, day)| NaiveDate::from_yo_opt(year, day))
}

fn any_kind() -> impl Strategy<Value = PeriodKind> {
    prop::sample::select(PeriodKind::ALL)
}

fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0i64..7_000_000_000).prop_map(|second| Utc.timestamp_opt(second, 0).unwrap())
}

proptest! {
    #[test]
    fn every_day_is_in_exactly_one_period_of_each_kind(kind in any_kind(), day in any_day()) {
        let period = Period::containing(kind, day);
        prop_assert!(period.contains(day));
        prop_assert!(!period.next().contains(day) && !period.previous().contains(day));
        prop_assert_eq!(period.next().start, period.end);
        prop_assert_eq!(period.previous().end, period.start);
        prop_assert_eq!(period.next().previous(), period);
        prop_assert_eq!(Period::containing(kind, period.last_day()), period);
    }

    #[test]
    fn every_instant_is_in_exactly_one_period_in_every_zone(kind in any_kind(), instant in any_instant()) {
        for zone in TZ_VARIANTS {
            let day = local_date(instant, zone);
            let around = Period::containing(kind, day);
            let holding = [around.previous(), around, around.next()].iter().filter(|period| period.contains(day)).count();
            prop_assert_eq!(holding, 1, "{}", zone);
        }
    }

    #[test]
    fn a_code_is_read_back(kind in any_kind(), day in any_day()) {
        let period = Period::containing(kind, day);
        prop_assert_eq!(period.code().parse::<Period>(), Ok(period));
        prop_assert_eq!(serde_json::from_str::<Period>(&serde_json::to_string(&period).unwrap()).unwrap(), period);
    }

    #[test]
    fn finer_periods_lie_within_coarser_ones(day in any_day()) {
        let month = Period::containing(PeriodKind::Month, day);
        for kind in PeriodKind::ALL {
            let coarse = Period::containing(*kind, day);
            prop_assert!(coarse.start <= month.start && month.end <= coarse.end);
        }
    }
}

#[test]
fn codes_and_labels() {
    let all = [
        ("2026-11", "2026年11月", "November 2026"),
        ("2026-B6", "2026年11—12月", "Nov–Dec 2026"),
        ("2026-Q4", "2026年第4季度", "Q4 2026"),
        ("2026-H2", "2026年下半年", "H2 2026"),
        ("2026", "2026年", "2026"),
    ];
    for (kind, (code, zh, en)) in PeriodKind::ALL.iter().zip(all) {
        let period = Period::containing(*kind, NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
        assert_eq!(
            (period.code().as_str(), period.label(Language::ZhCn).as_str()),
            (code, zh)
        );
        assert_eq!(period.label(Language::En), en);
    }
    for wrong in [
        "", "2026-13", "2026-00", "2026-Q5", "2026-B7", "2026-H3", "2026-1", "26", "2026-q1", "2026-Q1 ", "x",
    ] {
        assert!(wrong.parse::<Period>().is_err(), "{wrong}");
    }
}

#[test]
fn a_meeting_at_midnight_in_the_deployment_s_zone_belongs_to_its_local_date() {
    let shanghai: Tz = "Asia/Shanghai".parse().unwrap();
    let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    assert_eq!(
        local_date(instant("2026-09-30T15:59:59Z"), shanghai).to_string(),
        "2026-09-30"
    );
    assert_eq!(
        local_date(instant("2026-09-30T16:00:00Z"), shanghai).to_string(),
        "2026-10-01"
    );
}
