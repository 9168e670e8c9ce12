//! Readers of single values: each says what it allows.

use chrono::NaiveDate;
use toml::de::DeValue;

use super::section::{Section, Value};
use crate::rulebook::quantity::{MonthDay, Share, Span, Text};
use crate::rulebook::words::Denominator;
use crate::vocabulary::ClosedList;

impl<'a> Section<'a> {
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some(text.clone().into_owned()),
            _ => {
                self.wrong(value, key, "must be a text that is not empty");
                None
            }
        }
    }

    /// A whole number from 0.
    pub(super) fn number(&self, key: &'static str) -> Option<u32> {
        let value = self.value(key)?;
        let number = whole(value.get_ref());
        if number.is_none() {
            self.wrong(value, key, "must be a whole number from 0");
        }
        number
    }

    /// A whole number from 1.
    pub(super) fn count(&self, key: &'static str) -> Option<u32> {
        let value = self.value(key)?;
        let count = whole(value.get_ref()).filter(|count| *count > 0);
        if count.is_none() {
            self.wrong(value, key, "must be a whole number from 1");
        }
        count
    }

    pub(super) fn numbers(&self, key: &'static str) -> Option<Vec<u32>> {
        let value = self.value(key)?;
        let numbers = value.get_ref().as_array();
        let numbers = numbers.and_then(|items| {
            items
                .iter()
                .map(|item| whole(item.get_ref()))
                .collect::<Option<Vec<_>>>()
        });
        if numbers.is_none() {
            self.wrong(value, key, "must be an array of whole numbers");
        }
        numbers
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(value, key, "must be true or false");
        }
        flag
    }

    /// A day of the calendar, written bare: `2015-03-09`.
    pub(super) fn date(&self, key: &'static str) -> Option<NaiveDate> {
        let value = self.value(key)?;
        let date = value.get_ref().as_datetime().filter(|date| date.time.is_none());
        let date = date.and_then(|date| date.to_string().parse().ok());
        if date.is_none() {
            self.wrong(value, key, "must be a day without quotes, such as 2015-03-09");
        }
        date
    }

    pub(super) fn choice<C: ClosedList>(&self, key: &'static str) -> Option<C> {
        let value = self.value(key)?;
        self.choice_of(value, key)
    }

    pub(super) fn choices<C: ClosedList>(&self, key: &'static str) -> Option<Vec<C>> {
        let value = self.value(key)?;
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(value, key, "must be an array of codes");
            return None;
        };
        let read: Vec<Option<C>> = items.iter().map(|item| self.choice_of(item, key)).collect();
        let codes: Vec<C> = read.into_iter().collect::<Option<_>>()?;
        let twice = codes
            .iter()
            .enumerate()
            .find(|(at, code)| codes.iter().take(*at).any(|earlier| earlier.code() == code.code()));
        if let Some((_, code)) = twice {
            self.wrong(value, key, format!("names {} twice", code.code()));
            return None;
        }
        Some(codes)
    }

    /// Codes of which there must be one.
    pub(super) fn some_choices<C: ClosedList>(&self, key: &'static str) -> Option<Vec<C>> {
        let codes = self.choices::<C>(key)?;
        if codes.is_empty() {
            let allowed: Vec<_> = C::all().iter().map(|choice| choice.code()).collect();
            self.refuse(key, format!("must name at least one of {}", allowed.join(", ")));
            return None;
        }
        Some(codes)
    }

    /// A whole number of months in a row, up to five years.
    pub(super) fn months(&self, key: &'static str) -> Option<u32> {
        let value = self.value(key)?;
        let months = whole(value.get_ref()).filter(|months| (1..=60).contains(months));
        if months.is_none() {
            self.wrong(value, key, "must be a whole number of months from 1 to 60");
        }
        months
    }

    /// Names, each once.
    pub(super) fn names(&self, key: &'static str) -> Option<Vec<String>> {
        let value = self.value(key)?;
        let items = value.get_ref().as_array().map(|items| {
            let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>()
        });
        let names = items.flatten();
        if names.is_none() {
            self.wrong(value, key, "must be an array of names");
        }
        names
    }

    fn choice_of<C: ClosedList>(&self, value: &Value<'_>, key: &str) -> Option<C> {
        let code = value.get_ref().as_str();
        let found = C::all().iter().copied().find(|choice| Some(choice.code()) == code);
        if found.is_none() {
            let codes: Vec<_> = C::all().iter().map(|choice| choice.code()).collect();
            self.wrong(
                value,
                key,
                format!("is no {}; allowed are {}", C::NAME, codes.join(", ")),
            );
        }
        found
    }

    pub(super) fn span_of_time(&self, key: &'static str) -> Option<Span> {
        let value = self.value(key)?;
        let span = value.get_ref().as_str().and_then(|text| text.parse().ok());
        if span.is_none() {
            self.wrong(value, key, "must be a span such as P7D, P6M or P1Y");
        }
        span
    }

    pub(super) fn month_day(&self, key: &'static str) -> Option<MonthDay> {
        let value = self.value(key)?;
        let day = value.get_ref().as_str().and_then(|text| text.parse().ok());
        if day.is_none() {
            self.wrong(value, key, "must be a day of the year such as 03-31");
        }
        day
    }

    /// A text in both languages.
    pub(super) fn bilingual(&self, key: &'static str) -> Option<Text> {
        let section = self.section(key)?;
        let zh_cn = section.required("zh-CN", Section::text);
        let en = section.required("en", Section::text);
        section.finish();
        Some(Text { zh_cn: zh_cn?, en: en? })
    }

    /// A share of one of these.
    pub(super) fn share_of(&self, key: &'static str, allowed: &[Denominator]) -> Option<Share> {
        self.section(key)?.into_share(allowed)
    }

    /// `{ at_least = "1/2", of = "DUE" }` or `{ more_than = "1/2", of = "DUE" }`.
    pub(super) fn into_share(self, allowed: &[Denominator]) -> Option<Share> {
        let of = self.required("of", Section::choice::<Denominator>);
        if let Some(of) = of.filter(|of| !allowed.contains(of)) {
            let codes: Vec<_> = allowed.iter().map(|of| of.as_str()).collect();
            self.refuse(
                "of",
                format!("{of} has no meaning here; allowed are {}", codes.join(", ")),
            );
        }
        let at_least = self.optional("at_least", Section::fraction)?;
        let more_than = self.optional("more_than", Section::fraction)?;
        self.finish();
        let (fraction, strict) = match (at_least, more_than) {
            (Some(fraction), None) => (fraction, false),
            (None, Some((numerator, denominator))) if numerator == denominator => {
                self.refuse(
                    "more_than",
                    "can never be reached; write at_least = \"1/1\" for all of them",
                );
                return None;
            }
            (None, Some(fraction)) => (fraction, true),
            (Some(_), Some(_)) | (None, None) => {
                self.log
                    .report(self.span(), self.path(), "must have either at_least or more_than");
                return None;
            }
        };
        Some(Share {
            numerator: fraction.0,
            denominator: fraction.1,
            strict,
            of: of?,
        })
    }

    fn fraction(&self, key: &'static str) -> Option<(u32, u32)> {
        let value = self.value(key)?;
        let fraction = value.get_ref().as_str().and_then(|text| {
            let (numerator, denominator) = text.split_once('/')?;
            Some((numerator.parse::<u32>().ok()?, denominator.parse::<u32>().ok()?))
        });
        let fraction = fraction.filter(|(numerator, denominator)| *denominator > 0 && numerator <= denominator);
        if fraction.is_none() {
            self.wrong(
                value,
                key,
                "must be a fraction from \"0/1\" to \"1/1\", such as \"1/2\"",
            );
        }
        fraction
    }
}

/// A whole number that fits.
pub(super) fn whole(value: &DeValue<'_>) -> Option<u32> {
    let integer = value.as_integer()?;
    u32::from_str_radix(integer.as_str(), integer.radix()).ok()
}
