//! One row of an export: its cells by their place, texts where the database gives them so.

use std::borrow::Cow;
use std::str::FromStr;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use domain::export::{Form, Value};
use sea_orm::{DbErr, QueryResult, RuntimeErr};
use serde::de::DeserializeOwned;
use sqlx::Row as _;

use super::StoreResult;

/// A row with its cells in the order of the columns that were asked for.
pub struct ExportRow(Kept);

enum Kept {
    /// A line as `COPY` writes it: cells parted by tabs.
    Copied(Bytes),
    Read(QueryResult),
}

/// The cells of a row.
pub struct Cells<'a>(Found<'a>);

enum Found<'a> {
    Copied(Vec<&'a str>),
    Read(&'a QueryResult),
}

impl ExportRow {
    /// A line of `COPY … TO STDOUT` in its text format.
    pub(super) fn copied(line: Bytes) -> Self {
        Self(Kept::Copied(line))
    }

    pub(super) fn read(row: QueryResult) -> Self {
        Self(Kept::Read(row))
    }

    /// The cells.
    ///
    /// # Errors
    /// They are no text.
    pub fn cells(&self) -> StoreResult<Cells<'_>> {
        Ok(Cells(match &self.0 {
            Kept::Copied(line) => {
                let line = std::str::from_utf8(line).map_err(|error| broken(&error))?;
                let mut cells = Vec::with_capacity(16);
                cells.extend(line.trim_end_matches('\n').split('\t'));
                Found::Copied(cells)
            }
            Kept::Read(row) => Found::Read(row),
        }))
    }
}

impl<'a> Cells<'a> {
    /// The text at a place; none where nothing is entered.
    ///
    /// # Errors
    /// There is no text.
    pub fn text(&self, at: usize) -> StoreResult<Option<Cow<'a, str>>> {
        match &self.0 {
            Found::Copied(cells) => {
                let cell = cells.get(at).ok_or_else(|| missing(at, cells.len()))?;
                Ok((*cell != NOTHING).then(|| unescaped(cell)))
            }
            Found::Read(row) => {
                let row = row.try_as_sqlite_row().ok_or_else(|| missing(at, 0))?;
                let text: Option<&str> = row.try_get_unchecked(at).map_err(read)?;
                Ok(text.map(Cow::Borrowed))
            }
        }
    }

    /// The value at a place; what is sealed as the text that it is kept as.
    ///
    /// # Errors
    /// The cell is of another form.
    pub fn value(&self, at: usize, form: Form) -> StoreResult<Value<'a>> {
        let value = match form {
            Form::Text | Form::Sealed(_) => self.text(at)?.map(Value::Text),
            Form::Reference | Form::Org => self.text(at)?.map(Value::Reference),
            Form::Number => self.number(at)?.map(Value::Number),
            Form::Flag => self.flag(at)?.map(Value::Flag),
            Form::Day => self.day(at)?.map(Value::Day),
            Form::Instant => self.instant(at)?.map(|at| Value::Text(at.to_rfc3339().into())),
            Form::Orgs => Some(Value::References(self.list(at)?)),
            Form::Names => {
                let mut names: Vec<(String, String)> = self.list(at)?;
                names.sort_unstable();
                Some(Value::Names(names))
            }
        };
        Ok(value.unwrap_or(Value::Null))
    }

    fn number(&self, at: usize) -> StoreResult<Option<i64>> {
        match &self.0 {
            Found::Copied(_) => self.parsed(at, |text| i64::from_str(text).ok()),
            Found::Read(row) => Ok(row.try_get_by_index(at)?),
        }
    }

    fn flag(&self, at: usize) -> StoreResult<Option<bool>> {
        match &self.0 {
            Found::Copied(_) => self.parsed(at, |text| match text {
                "t" => Some(true),
                "f" => Some(false),
                _ => None,
            }),
            Found::Read(row) => Ok(row.try_get_by_index(at)?),
        }
    }

    fn day(&self, at: usize) -> StoreResult<Option<NaiveDate>> {
        match &self.0 {
            Found::Copied(_) => self.parsed(at, day),
            Found::Read(row) => Ok(row.try_get_by_index(at)?),
        }
    }

    fn instant(&self, at: usize) -> StoreResult<Option<DateTime<Utc>>> {
        match &self.0 {
            Found::Copied(_) => self.parsed(at, instant),
            Found::Read(row) => Ok(row.try_get_by_index(at)?),
        }
    }

    fn parsed<T>(&self, at: usize, parse: impl Fn(&str) -> Option<T>) -> StoreResult<Option<T>> {
        let Some(text) = self.text(at)? else { return Ok(None) };
        let value = parse(&text);
        Ok(Some(value.ok_or_else(|| broken(&format!("the cell at {at}")))?))
    }

    /// A list that the database put together as JSON; empty where there is none.
    fn list<T: DeserializeOwned>(&self, at: usize) -> StoreResult<Vec<T>> {
        let Some(list) = self.text(at)? else {
            return Ok(Vec::new());
        };
        Ok(serde_json::from_str(&list).map_err(|error| broken(&error))?)
    }
}

/// What `COPY` writes where nothing is entered; a text that looks so has its backslash doubled.
const NOTHING: &str = "\\N";

/// A cell without what `COPY` puts in the place of signs that would end it.
fn unescaped(cell: &str) -> Cow<'_, str> {
    if !cell.contains('\\') {
        return Cow::Borrowed(cell);
    }
    let mut text = String::with_capacity(cell.len());
    let mut signs = cell.chars();
    while let Some(sign) = signs.next() {
        let escaped = if sign == '\\' { signs.next() } else { None };
        text.push(match escaped {
            None => sign,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some(other) => other,
        });
    }
    Cow::Owned(text)
}

/// `2015-03-09`; rows have several, and what reads dates of any kind takes several times as long.
fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    NaiveDate::from_ymd_opt(year, month, parts.next()?.parse().ok()?)
}

/// `2015-03-09 08:00:00.5+00`, as PostgreSQL writes an instant in UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let parsed = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok()?;
    Some(parsed.with_timezone(&Utc))
}

pub(super) fn read(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn missing(at: usize, len: usize) -> DbErr {
    read(sqlx::Error::ColumnIndexOutOfBounds { index: at, len })
}

fn broken(why: &impl ToString) -> DbErr {
    DbErr::Type(format!("a row cannot be read: {}", why.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_copied_line_are_what_was_kept() {
        let line = "a\\tb\\\\N\\nc\t\\N\t\t-5\tt\t2015-03-09\t2015-03-09 08:00:00.5+00\t[[\"s\",\"z\"],[\"s\",\"a\\\\\\\\b\"]]\n";
        let row = ExportRow::copied(line.into());
        let cells = row.cells().unwrap();
        let value = |at, form| cells.value(at, form).unwrap();
        assert_eq!(value(0, Form::Text), Value::Text("a\tb\\N\nc".into()));
        assert_eq!(value(1, Form::Day), Value::Null);
        assert_eq!(value(1, Form::Names), Value::Names(Vec::new()));
        assert_eq!(value(2, Form::Reference), Value::Reference("".into()));
        assert_eq!(value(3, Form::Number), Value::Number(-5));
        assert_eq!(value(4, Form::Flag), Value::Flag(true));
        let on = NaiveDate::from_ymd_opt(2015, 3, 9).unwrap();
        assert_eq!(value(5, Form::Day), Value::Day(on));
        assert_eq!(
            value(6, Form::Instant),
            Value::Text("2015-03-09T08:00:00.500+00:00".into())
        );
        let pair = |value: &str| ("s".to_owned(), value.to_owned());
        assert_eq!(value(7, Form::Names), Value::Names(vec![pair("a\\b"), pair("z")]));
        assert!(cells.value(8, Form::Text).is_err());
        assert!(cells.value(0, Form::Number).is_err());
        assert!(ExportRow::copied(vec![0xff].into()).cells().is_err());
    }
}
