//! Exact quantities of a rulebook: shares, spans of time, days of a year, labels.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::Serialize;

use crate::rulebook::words::Denominator;
use crate::vocabulary::Language;

/// A share of something, exact: `part / whole` against `numerator / denominator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Share {
    pub numerator: u32,
    /// Never zero.
    pub denominator: u32,
    /// `true`: more than the fraction 超过; `false`: at least the fraction 以上.
    pub strict: bool,
    pub of: Denominator,
}

impl Share {
    /// Whether `part` of `whole` reaches the share; never of nothing.
    #[must_use]
    pub fn is_reached(&self, part: u32, whole: u32) -> bool {
        whole > 0 && part >= self.needed(whole)
    }

    /// The least number out of `whole` that reaches the share.
    #[must_use]
    pub fn needed(&self, whole: u32) -> u32 {
        let product = u64::from(self.numerator) * u64::from(whole);
        let denominator = u64::from(self.denominator.max(1));
        let least = if self.strict {
            product / denominator + 1
        } else {
            product.div_ceil(denominator)
        };
        u32::try_from(least).unwrap_or(u32::MAX)
    }
}

/// A span of civil time, written as ISO 8601: `P1Y`, `P6M`, `P7D`, `P1Y6M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub months: u32,
    pub days: u32,
}

impl Span {
    /// The day that lies this span after `day`; the end of a shorter month stands for its missing days.
    #[must_use]
    pub fn after(&self, day: NaiveDate) -> NaiveDate {
        day.checked_add_months(Months::new(self.months))
            .and_then(|shifted| shifted.checked_add_days(Days::new(u64::from(self.days))))
            .unwrap_or(NaiveDate::MAX)
    }

    /// Days at most, for comparing two spans of one document.
    #[must_use]
    pub fn approximate_days(&self) -> u64 {
        u64::from(self.months) * 31 + u64::from(self.days)
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.months, self.days) {
            (0, days) => write!(f, "P{days}D"),
            (months, 0) if months % 12 == 0 => write!(f, "P{}Y", months / 12),
            (months, 0) => write!(f, "P{months}M"),
            (months, days) => write!(f, "P{months}M{days}D"),
        }
    }
}

impl std::str::FromStr for Span {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(())?;
        let mut span = Self::default();
        for (unit, months, days) in [('Y', 12, 0), ('M', 1, 0), ('D', 0, 1)] {
            if let Some((number, tail)) = rest.split_once(unit) {
                let number: u16 = number.parse().map_err(|_| ())?;
                span.months += u32::from(number) * months;
                span.days += u32::from(number) * days;
                rest = tail;
            }
        }
        if rest.is_empty() { Ok(span) } else { Err(()) }
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A day of the year, written `03-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthDay {
    pub month: u32,
    pub day: u32,
}

impl MonthDay {
    /// The day in a year; 29 February falls on the 28th of a common year.
    #[must_use]
    pub fn within(&self, year: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, self.month, self.day)
            .or_else(|| NaiveDate::from_ymd_opt(year, self.month, 28))
            .unwrap_or(NaiveDate::MAX)
    }
}

impl std::fmt::Display for MonthDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl std::str::FromStr for MonthDay {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        // 2000 is a leap year, so 02-29 is a day.
        let date: NaiveDate = format!("2000-{text}").parse().map_err(|_| ())?;
        let day = Self {
            month: date.month(),
            day: date.day(),
        };
        if day.to_string() == text { Ok(day) } else { Err(()) }
    }
}

impl Serialize for MonthDay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
    pub en: String,
}

impl Text {
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::ZhCn => &self.zh_cn,
            Language::En => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(strict: bool) -> Share {
        Share {
            numerator: 1,
            denominator: 2,
            strict,
            of: Denominator::Due,
        }
    }

    #[test]
    fn half_of_an_even_number_is_enough_only_when_inclusive() {
        assert!(half(false).is_reached(5, 10));
        assert!(!half(true).is_reached(5, 10));
        assert!(half(true).is_reached(6, 10));
        assert!(!half(false).is_reached(5, 11));
        assert!(!half(false).is_reached(0, 0));
    }

    #[test]
    fn spans_follow_the_calendar() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        let span = |text: &str| text.parse::<Span>().unwrap_or_default();
        assert_eq!(span("P1Y").after(day("2024-02-29")), day("2025-02-28"));
        assert_eq!(span("P6M").after(day("2026-08-31")), day("2027-02-28"));
        assert_eq!(span("P7D").after(day("2026-12-28")), day("2027-01-04"));
        assert!("1Y".parse::<Span>().is_err() && "P1X".parse::<Span>().is_err() && "P".parse::<Span>().is_err());
    }
}
