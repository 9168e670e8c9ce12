//! A row as a line of JSON, and as a line of comma-separated values.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;

use super::cell::csv_cell;
use super::shape::{Column, Value};

/// Before a file of comma-separated values, so that spreadsheets read it as UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Behind each line, as RFC 4180 has it.
const END: &str = "\r\n";

/// Rows of a kind as objects of the API, one a line. What stands before each value is made once for all of them.
pub struct JsonLines {
    before: Vec<String>,
}

impl JsonLines {
    /// For objects of a type: it stands before their fields.
    #[must_use]
    pub fn of(typename: &str, columns: &[Column]) -> Self {
        let first = format!("{{\"__typename\":\"{typename}\"");
        let parts = std::iter::once(first.as_str()).chain(std::iter::repeat(""));
        let before = columns.iter().zip(parts);
        let before = before.map(|(column, first)| format!("{first},\"{}\":", column.name));
        Self {
            before: before.collect(),
        }
    }

    /// Writes a row behind what is there already.
    pub fn write(&self, out: &mut Vec<u8>, row: &[Value<'_>]) {
        for (before, value) in self.before.iter().zip(row) {
            out.extend_from_slice(before.as_bytes());
            json_value(out, value);
        }
        out.extend_from_slice(b"}\n");
    }
}

/// Texts and numbers have a JSON form, always.
fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).unwrap_or_default();
}

fn json_value(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Text(text) => json(out, text.as_ref()),
        Value::Number(number) => json(out, number),
        Value::Flag(flag) => json(out, flag),
        Value::Day(day) => json_day(out, *day),
        Value::Reference(id) => json_reference(out, id),
        Value::References(ids) => json_list(out, ids, |out, id| json_reference(out, id)),
        Value::Names(names) => json_list(out, names, |out, (system, value)| {
            json_pair(out, ("{\"system\":", system), (",\"value\":", value));
        }),
        Value::Opened(value) => json_pair(out, ("{\"masked\":", &false), (",\"value\":", value)),
    }
}

fn json_reference(out: &mut Vec<u8>, id: &str) {
    out.extend_from_slice(b"{\"id\":");
    json(out, id);
    out.push(b'}');
}

fn json_pair(out: &mut Vec<u8>, first: (&str, &impl Serialize), second: (&str, &impl Serialize)) {
    out.extend_from_slice(first.0.as_bytes());
    json(out, first.1);
    out.extend_from_slice(second.0.as_bytes());
    json(out, second.1);
    out.push(b'}');
}

fn json_list<T>(out: &mut Vec<u8>, all: &[T], one: impl Fn(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (at, item) in all.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        one(out, item);
    }
    out.push(b']');
}

/// A day as `2015-03-09`. Rows have several of them, and what writes dates of any kind takes several times as long.
fn json_day(out: &mut Vec<u8>, day: NaiveDate) {
    let (Ok(year @ 0..=9999), month, on) = (u32::try_from(day.year()), day.month(), day.day()) else {
        return json(out, &day.to_string());
    };
    let digit = |number: u32| b"0123456789"[(number % 10) as usize];
    let two = |number: u32| [digit(number / 10), digit(number)];
    let ([a, b], [c, d], [e, f], [g, h]) = (two(year / 100), two(year), two(month), two(on));
    out.extend_from_slice(&[b'"', a, b, c, d, b'-', e, f, b'-', g, h, b'"']);
}

/// A value as the text of a flat file's cell, not guarded yet: ids of several objects are parted by spaces, names in other
/// systems are JSON as the API gives them.
#[must_use]
pub fn text<'a>(value: &'a Value<'_>) -> Cow<'a, str> {
    match value {
        Value::Null | Value::Opened(None) => Cow::Borrowed(""),
        Value::Text(text) | Value::Reference(text) => Cow::Borrowed(text),
        Value::Opened(Some(text)) => Cow::Borrowed(text),
        Value::Number(number) => number.to_string().into(),
        Value::Flag(flag) => flag.to_string().into(),
        Value::Day(day) => day.to_string().into(),
        Value::References(ids) => ids.join(" ").into(),
        Value::Names(names) if names.is_empty() => Cow::Borrowed(""),
        Value::Names(_) => {
            let mut out = Vec::new();
            json_value(&mut out, value);
            String::from_utf8(out).unwrap_or_default().into()
        }
    }
}

/// The first line of a file of comma-separated values.
#[must_use]
pub fn csv_header(columns: &[Column]) -> String {
    line(columns.iter().map(|column| Cow::Borrowed(column.flat)))
}

/// A row as a line of comma-separated values; cells are guarded.
#[must_use]
pub fn csv_line(row: &[Value<'_>]) -> String {
    line(row.iter().map(text))
}

fn line<'a>(cells: impl Iterator<Item = Cow<'a, str>>) -> String {
    let mut out = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        csv_cell(&mut out, &cell);
    }
    out.push_str(END);
    out
}

#[cfg(test)]
mod tests {
    use super::super::columns;
    use super::*;
    use crate::vocabulary::ExportKind;

    #[test]
    fn days_are_written_as_iso_8601_has_them() {
        for (day, written) in [
            ((2015, 3, 9), "2015-03-09"),
            ((42, 12, 31), "0042-12-31"),
            ((12_026, 1, 1), "+12026-01-01"),
        ] {
            let day = NaiveDate::from_ymd_opt(day.0, day.1, day.2).unwrap();
            let mut out = Vec::new();
            json_day(&mut out, day);
            assert_eq!(out, format!("\"{written}\"").into_bytes());
            assert_eq!(day.to_string(), written);
        }
    }

    #[test]
    fn a_row_reads_like_the_object_of_the_api() {
        let columns = columns(ExportKind::Organization, &[]);
        let row = [
            Value::Text("org_1".into()),
            Value::Number(3),
            Value::Text("=试,支部".into()),
            Value::Text("BRANCH".into()),
            Value::Null,
            Value::Reference("org_0".into()),
            Value::Day(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap()),
            Value::Names(vec![("hr".to_owned(), "7".to_owned())]),
        ];
        let mut line = Vec::new();
        JsonLines::of("Organization", &columns).write(&mut line, &row);
        assert_eq!(line.last(), Some(&b'\n'));
        let read: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(
            (&read["__typename"], &read["sector"]),
            (&"Organization".into(), &serde_json::Value::Null)
        );
        assert_eq!(
            (&read["version"], &read["foundedOn"]),
            (&3.into(), &"2020-01-01".into())
        );
        assert_eq!(read["parent"], serde_json::json!({ "id": "org_0" }));
        assert_eq!(read["name"], "=试,支部");
        assert_eq!(read["externalIds"][0]["value"], "7");
        let flat = csv_line(&row);
        assert!(
            flat.starts_with("org_1,3,\"'=试,支部\",BRANCH,,org_0,2020-01-01,"),
            "{flat}"
        );
        assert!(flat.ends_with("\r\n"));
        assert!(csv_header(&columns).starts_with("id,version,name,kind,sector,parentId,"));
    }
}
