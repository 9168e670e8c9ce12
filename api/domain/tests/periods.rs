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

/// Zones in which days were skipped, doubled, or have no midnight.
#[test]
fn skipped_doubled_and_odd_days_are_in_exactly_one_period_of_each_kind() {
    let spans = [
        ("Pacific/Apia", "2011-12-28T00:00:00Z", Some("2011-12-30")),
        ("Pacific/Kwajalein", "1993-08-19T00:00:00Z", Some("1993-08-21")),
        ("America/Sao_Paulo", "2018-11-02T00:00:00Z", None),
        ("Australia/Lord_Howe", "2026-04-03T00:00:00Z", None),
        ("Europe/Berlin", "2026-03-28T00:00:00Z", None),
        ("Asia/Shanghai", "1991-09-13T00:00:00Z", None),
    ];
    for (zone, from, skipped) in spans {
        let zone: Tz = zone.parse().unwrap();
        let from: DateTime<Utc> = from.parse().unwrap();
        let seen: std::collections::BTreeSet<NaiveDate> = (0..24 * 6 * 4)
            .map(|quarter| local_date(from + chrono::Duration::minutes(15 * quarter), zone))
            .collect();
        let skipped: Option<NaiveDate> = skipped.map(|day| day.parse().unwrap());
        assert!(
            skipped.is_none_or(|day| !seen.contains(&day)),
            "{zone}: no instant lies on it"
        );
        for kind in PeriodKind::ALL {
            // The skipped day belongs to a period like every other: deadlines may fall on it.
            for day in seen.iter().copied().chain(skipped) {
                let around = Period::containing(*kind, day);
                let neighbours = [around.previous(), around, around.next()];
                assert_eq!(
                    neighbours.iter().filter(|period| period.contains(day)).count(),
                    1,
                    "{zone} {kind} {day}"
                );
            }
            let codes: Vec<_> = seen.iter().map(|day| Period::containing(*kind, *day).start).collect();
            assert!(
                codes.is_sorted(),
                "{zone} {kind}: time never turns back to an earlier period"
            );
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
