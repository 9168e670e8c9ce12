//! Calendar periods on civil dates of the deployment's time zone (spec 2): half-open, aligned to the calendar.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::vocabulary::{Language, PeriodKind};

/// One calendar period: `start` belongs to it, `end` is the first day after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    pub start: NaiveDate,
    /// Exclusive.
    pub end: NaiveDate,
    pub kind: PeriodKind,
}

/// A text that names no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no period; allowed are 2026-11, 2026-B6 (two months), 2026-Q4, 2026-H2 and 2026")]
pub struct UnknownPeriod(pub String);

/// How many months a period of this kind lasts.
#[must_use]
pub fn months(kind: PeriodKind) -> u32 {
    match kind {
        PeriodKind::Month => 1,
        PeriodKind::TwoMonths => 2,
        PeriodKind::Quarter => 3,
        PeriodKind::HalfYear => 6,
        PeriodKind::Year => 12,
    }
}

/// The civil date of an instant in a zone: an activity belongs to the local date on which it began.
#[must_use]
pub fn local_date(instant: DateTime<Utc>, zone: Tz) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

/// The instant at which a civil day begins in a zone.
#[must_use]
pub fn begins_at(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let local = zone.from_local_datetime(&midnight).earliest();
    // A zone that skips its midnight begins the day with the hour after it.
    local.map_or_else(|| midnight.and_utc(), |instant| instant.with_timezone(&Utc))
}

impl Period {
    /// The one period of `kind` that contains `date`.
    #[must_use]
    pub fn containing(kind: PeriodKind, date: NaiveDate) -> Self {
        let first_month = date.month0() / months(kind) * months(kind) + 1;
        let start = NaiveDate::from_ymd_opt(date.year(), first_month, 1).unwrap_or(NaiveDate::MIN);
        Self::starting(kind, start)
    }

    fn starting(kind: PeriodKind, start: NaiveDate) -> Self {
        let end = start
            .checked_add_months(Months::new(months(kind)))
            .unwrap_or(NaiveDate::MAX);
        Self { start, end, kind }
    }

    /// The period of the same kind after this one.
    #[must_use]
    pub fn next(&self) -> Self {
        Self::starting(self.kind, self.end)
    }

    /// The period of the same kind before this one.
    #[must_use]
    pub fn previous(&self) -> Self {
        let start = self.start.checked_sub_months(Months::new(months(self.kind)));
        Self::starting(self.kind, start.unwrap_or(NaiveDate::MIN))
    }

    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.start <= date && date < self.end
    }

    /// The last day that belongs to the period.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.end.pred_opt().unwrap_or(self.end)
    }

    /// The last day on which at least half of the period is still to come.
    #[must_use]
    pub fn middle(&self) -> NaiveDate {
        self.start + (self.end - self.start) / 2
    }

    #[must_use]
    pub fn year(&self) -> i32 {
        self.start.year()
    }

    /// The number of the period within its year, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.start.month0() / months(self.kind) + 1
    }

    /// A stable code that sorts by time within a kind; [`std::str::FromStr`] reads it back.
    #[must_use]
    pub fn code(&self) -> String {
        let (year, number) = (self.year(), self.number());
        match self.kind {
            PeriodKind::Month => format!("{year:04}-{number:02}"),
            PeriodKind::TwoMonths => format!("{year:04}-B{number}"),
            PeriodKind::Quarter => format!("{year:04}-Q{number}"),
            PeriodKind::HalfYear => format!("{year:04}-H{number}"),
            PeriodKind::Year => format!("{year:04}"),
        }
    }

    /// The period's name for people.
    #[must_use]
    pub fn label(&self, language: Language) -> String {
        match language {
            Language::ZhCn => self.label_zh(),
            Language::En => self.label_en(),
        }
    }

    fn label_zh(&self) -> String {
        let (year, number) = (self.year(), self.number());
        match self.kind {
            PeriodKind::Month => format!("{year}年{number}月"),
            PeriodKind::TwoMonths => format!("{year}年{}—{}月", number * 2 - 1, number * 2),
            PeriodKind::Quarter => format!("{year}年第{number}季度"),
            PeriodKind::HalfYear => {
                format!("{year}年{}半年", if number == 1 { "上" } else { "下" })
            }
            PeriodKind::Year => format!("{year}年"),
        }
    }

    fn label_en(&self) -> String {
        let (year, number) = (self.year(), self.number());
        match self.kind {
            PeriodKind::Month => self.start.format("%B %Y").to_string(),
            PeriodKind::TwoMonths => format!("{}–{} {year}", self.start.format("%b"), self.last_day().format("%b")),
            PeriodKind::Quarter => format!("Q{number} {year}"),
            PeriodKind::HalfYear => format!("H{number} {year}"),
            PeriodKind::Year => format!("{year}"),
        }
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code())
    }
}

impl std::str::FromStr for Period {
    type Err = UnknownPeriod;

    fn from_str(code: &str) -> Result<Self, UnknownPeriod> {
        parse(code)
            .filter(|period| period.code() == code)
            .ok_or_else(|| UnknownPeriod(code.to_owned()))
    }
}

fn parse(code: &str) -> Option<Period> {
    let (year, rest) = match code.split_once('-') {
        Some((year, rest)) => (year, Some(rest)),
        None => (code, None),
    };
    let (kind, number) = match rest {
        None => (PeriodKind::Year, 1),
        Some(rest) => match (rest.strip_prefix('B'), rest.strip_prefix('Q'), rest.strip_prefix('H')) {
            (Some(number), _, _) => (PeriodKind::TwoMonths, number.parse().ok()?),
            (_, Some(number), _) => (PeriodKind::Quarter, number.parse().ok()?),
            (_, _, Some(number)) => (PeriodKind::HalfYear, number.parse().ok()?),
            (None, None, None) => (PeriodKind::Month, rest.parse().ok()?),
        },
    };
    let month: u32 = u32::checked_sub(number, 1)?.checked_mul(months(kind))?.checked_add(1)?;
    let start = NaiveDate::from_ymd_opt(year.parse().ok()?, month, 1)?;
    Some(Period::starting(kind, start))
}

impl serde::Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Period {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}
