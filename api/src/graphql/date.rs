//! Civil dates, without a time of day and without a zone.

use std::ops::RangeInclusive;

use async_graphql::{CustomValidator, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

/// Years of the dates and instants that are taken: births and joinings of the oldest members, and far more future than
/// anybody plans. Within them every calculation holds, and both databases keep every day.
const YEARS: RangeInclusive<i32> = 1900..=2999;
const OUT_OF_RANGE: &str = "dates are from 1900 to 2999";

/// Refuses instants out of range.
pub struct InRange;

impl CustomValidator<DateTime<Utc>> for InRange {
    fn check(&self, instant: &DateTime<Utc>) -> Result<(), InputValueError<DateTime<Utc>>> {
        if YEARS.contains(&instant.year()) {
            Ok(())
        } else {
            Err(InputValueError::custom(OUT_OF_RANGE))
        }
    }
}

/// A civil date in the deployment's time zone, written `2026-11-24`, from 1900 to 2999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A civil date in the deployment's time zone, written `2026-11-24`, from 1900 to 2999.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        // Exactly this form: chrono alone would take `2026-1-1` as well.
        let date = text.parse::<NaiveDate>().ok().filter(|date| date.to_string() == *text);
        let date = date.ok_or_else(|| InputValueError::custom("a date is written YYYY-MM-DD"))?;
        if YEARS.contains(&date.year()) {
            Ok(Self(date))
        } else {
            Err(InputValueError::custom(OUT_OF_RANGE))
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<NaiveDate> for Date {
    fn from(date: NaiveDate) -> Self {
        Self(date)
    }
}

impl From<Date> for NaiveDate {
    fn from(date: Date) -> Self {
        date.0
    }
}
