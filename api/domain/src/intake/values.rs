//! Cells as people type them, read as what they stand for: full-width digits, dates in the usual ways of writing, values of
//! closed lists by their words.

use std::str::FromStr;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::labels::Labelled;
use crate::vocabulary::Language;

/// The first and the last year that a date may lie in.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// Day 0 of a spreadsheet that counts from 1900 (with the day that never was), and of one that counts from 1904.
const EPOCH_1900: (i32, u32, u32) = (1899, 12, 30);
const EPOCH_1904: (i32, u32, u32) = (1904, 1, 1);

/// A text with full-width letters, digits and signs as narrow ones.
#[must_use]
pub fn narrow(text: &str) -> String {
    let one = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        _ => c,
    };
    text.chars().map(one).collect()
}

/// A cell without blanks and invisible signs at its ends.
#[must_use]
pub fn tidy(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}'))
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).filter(|day| YEARS.contains(&day.year()))
}

/// The numbers of a date, parted by a sign each: `2015-3-9`, `2015/3/9`, `2015.3.9`, `2015年3月9日`.
fn parted(text: &str) -> Option<NaiveDate> {
    let text = text
        .strip_suffix('日')
        .or_else(|| text.strip_suffix('号'))
        .unwrap_or(text);
    let mut parts = text.split(['-', '/', '.', '年', '月']);
    let mut next = |longest: usize| -> Option<u32> {
        let part = parts.next()?.trim();
        let fits = !part.is_empty() && part.len() <= longest && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse().ok()).flatten()
    };
    let (year, month, date) = (next(4)?, next(2)?, next(2)?);
    let over = parts.next().is_some();
    (!over && year >= 1000)
        .then(|| day(i32::try_from(year).ok()?, month, date))
        .flatten()
}

/// A civil date as people write it; a bare number of five digits is a spreadsheet's, counted from 1900.
#[must_use]
pub fn date(text: &str) -> Option<NaiveDate> {
    let text = narrow(tidy(text));
    let text = text.trim();
    // What was a date in a spreadsheet may carry midnight along.
    let text = [" 00:00:00", " 0:00:00", " 0:00", " 00:00", "T00:00:00"]
        .iter()
        .find_map(|midnight| text.strip_suffix(midnight))
        .unwrap_or(text);
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match (digits, text.len()) {
        (true, 8) => {
            let part = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse().ok());
            day(i32::try_from(part(0..4)?).ok()?, part(4..6)?, part(6..8)?)
        }
        (true, 5) => serial(text.parse().ok()?, false).map(|at| at.date()),
        (true, _) => None,
        (false, _) => parted(text),
    }
}

/// A day, with its time, as a spreadsheet counts it; `from_1904` says which of the two ways.
#[must_use]
pub fn serial(number: f64, from_1904: bool) -> Option<NaiveDateTime> {
    let (year, month, date) = if from_1904 { EPOCH_1904 } else { EPOCH_1900 };
    let epoch = NaiveDate::from_ymd_opt(year, month, date)?;
    // Before March 1900 the two ways of counting that spreadsheets have differ by a day that never was.
    if !number.is_finite() || !(61.0..200_000.0).contains(&number) {
        return None;
    }
    let seconds = (number.fract() * 86_400.0).round();
    let (days, seconds) = (number.trunc() as u64, seconds as u32);
    let (days, seconds) = if seconds >= 86_400 {
        (days + 1, 0)
    } else {
        (days, seconds)
    };
    let day = epoch.checked_add_days(Days::new(days))?;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?;
    YEARS.contains(&day.year()).then(|| day.and_time(time))
}

/// A point in time as a file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// With its distance from UTC.
    At(DateTime<Utc>),
    /// By the clocks of the deployment's zone.
    Local(NaiveDateTime),
}

/// A day and a time: `2026-03-09 14:00`, `2026年3月9日14时30分`, RFC 3339.
#[must_use]
pub fn moment(text: &str) -> Option<Moment> {
    let text = narrow(tidy(text));
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return YEARS.contains(&at.year()).then(|| Moment::At(at.with_timezone(&Utc)));
    }
    let (on, at) = text
        .split_once(['T', ' '])
        .or_else(|| text.find('日').map(|end| text.split_at(end + '日'.len_utf8())))?;
    Some(Moment::Local(date(on)?.and_time(clock(at)?)))
}

/// A time of day: `14:00`, `14:00:00`, `14时`, `14时30分`, `14点30分`.
fn clock(text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    let text = text.strip_suffix('分').unwrap_or(text);
    let text = text
        .strip_suffix(['时', '点'])
        .map_or_else(|| text.to_owned(), |hour| format!("{hour}:00"));
    let mut numbers = text.split([':', '时', '点']).map(|part| {
        let part = part.trim();
        let fits = !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<u32>().ok()).flatten()
    });
    let (hour, minute) = (numbers.next()??, numbers.next()??);
    let second = match numbers.next() {
        Some(second) => second?,
        None => 0,
    };
    (numbers.next().is_none())
        .then(|| NaiveTime::from_hms_opt(hour, minute, second))
        .flatten()
}

/// Yes or no.
#[must_use]
pub fn flag(text: &str) -> Option<bool> {
    match narrow(tidy(text)).to_lowercase().as_str() {
        "是" | "有" | "√" | "true" | "yes" | "y" | "1" => Some(true),
        "否" | "无" | "×" | "false" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// A value of a closed list by its code or its words in either language.
#[must_use]
pub fn value<T: Labelled + FromStr>(text: &str) -> Option<T> {
    let key = super::columns::header_key;
    let wanted = key(text);
    let fits = |value: &T| {
        let words = [Language::ZhCn, Language::En].map(|language| key(value.words(language)));
        key(value.code()) == wanted || words.contains(&wanted)
    };
    T::all().iter().copied().find(fits)
}

/// The parts of a list of names.
pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '，' | '；' | '、');
    text.split(between).map(tidy).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{Post, Standing};

    #[test]
    fn a_day_is_read_as_people_write_it() {
        let written = [
            "2015-03-09",
            "2015年3月9日",
            "2015年03月09日",
            "2015/3/9",
            "2015.3.9",
            "20150309",
            "２０１５年３月９日",
            "42072",
            " 2015-3-9 ",
            "2015-03-09 00:00:00",
        ];
        for text in written {
            assert_eq!(date(text), NaiveDate::from_ymd_opt(2015, 3, 9), "{text}");
        }
        for text in [
            "",
            "2015",
            "2015-02-30",
            "15-3-9",
            "2015-3",
            "09/03/2015",
            "二〇一五年",
            "2015-3-9-1",
            "20151309",
            "1e5",
            "420720",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn the_two_ways_of_counting_days_are_four_years_and_a_day_apart() {
        let day = |number, from_1904| serial(number, from_1904).map(|at| at.date());
        assert_eq!(day(42072.0, false), NaiveDate::from_ymd_opt(2015, 3, 9));
        assert_eq!(day(40610.0, true), NaiveDate::from_ymd_opt(2015, 3, 9));
        assert_eq!(serial(42072.5, false).unwrap().to_string(), "2015-03-09 12:00:00");
        assert_eq!(serial(f64::NAN, false), None);
        assert_eq!(serial(-1.0, false), None);
        assert_eq!(serial(60.0, false), None);
    }

    #[test]
    fn a_moment_has_a_day_and_a_time() {
        let local = |text: &str| match moment(text) {
            Some(Moment::Local(at)) => at.to_string(),
            other => panic!("{text}: {other:?}"),
        };
        for text in [
            "2026-03-09 14:30",
            "2026年3月9日14时30分",
            "2026年3月9日 14:30",
            "2026/3/9 14:30:00",
            "2026-03-09T14:30:00",
            "2026年3月9日14点30分",
        ] {
            assert_eq!(local(text), "2026-03-09 14:30:00", "{text}");
        }
        assert_eq!(local("2026年3月9日14时"), "2026-03-09 14:00:00");
        assert!(
            matches!(moment("2026-03-09T14:30:00+08:00"), Some(Moment::At(at)) if at.to_rfc3339() == "2026-03-09T06:30:00+00:00")
        );
        for text in ["2026-03-09", "14:30", "2026-03-09 25:00", "2026-03-09 14", ""] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_of_a_list_is_known_by_its_code_and_its_words() {
        for text in ["FULL", "full", "正式党员", " 正式党员 "] {
            assert_eq!(value::<Standing>(text), Some(Standing::Full), "{text}");
        }
        assert_eq!(value::<Post>("书记"), Some(Post::Secretary));
        assert_eq!(value::<Post>("DEPUTY SECRETARY"), Some(Post::DeputySecretary));
        assert_eq!(value::<Post>("主任"), None);
    }

    #[test]
    fn names_of_a_list_are_parted_by_whatever_people_put_between_them() {
        assert_eq!(parts("a, b；c、d\ne").collect::<Vec<_>>(), ["a", "b", "c", "d", "e"]);
        assert_eq!(parts(" ，").count(), 0);
    }
}
