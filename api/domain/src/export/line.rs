//! A row as a line of JSON, and as a line of comma-separated values.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::cell::csv_cell;
use super::shape::{Column, Value};

/// Before a file of comma-separated values, so that spreadsheets read it as UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Behind each line, as RFC 4180 has it.
const END: &str = "\r\n";

/// An object that is referred to.
struct Reference<'a>(&'a str);

impl Serialize for Reference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("id", self.0)])
    }
}

/// A name in another system.
struct Name<'a>(&'a str, &'a str);

impl Serialize for Name<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("system", self.0), ("value", self.1)])
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Reference(id) => Reference(id).serialize(serializer),
            Self::References(ids) => serializer.collect_seq(ids.iter().map(|id| Reference(id))),
            Self::Names(names) => serializer.collect_seq(names.iter().map(|(system, value)| Name(system, value))),
            Self::Opened(value) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("masked", &false)?;
                map.serialize_entry("value", value)?;
                map.end()
            }
        }
    }
}

/// A row as an object of the API, with its type before its fields.
struct Object<'a> {
    typename: &'a str,
    columns: &'a [Column],
    row: &'a [Value],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len() + 1))?;
        map.serialize_entry("__typename", self.typename)?;
        for (column, value) in self.columns.iter().zip(self.row) {
            map.serialize_entry(column.name, value)?;
        }
        map.end()
    }
}

/// A row as an object of the API in one line.
#[must_use]
pub fn json_line(typename: &str, columns: &[Column], row: &[Value]) -> String {
    let object = Object { typename, columns, row };
    // Texts and numbers have a JSON form, always.
    let mut line = serde_json::to_string(&object).unwrap_or_default();
    line.push('\n');
    line
}

/// A value as the text of a flat file's cell, not guarded yet: ids of several objects are parted by spaces, names in other
/// systems are JSON as the API gives them.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::Null | Value::Opened(None) => String::new(),
        Value::Text(text) | Value::Reference(text) | Value::Opened(Some(text)) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::References(ids) => ids.join(" "),
        Value::Names(names) if names.is_empty() => String::new(),
        Value::Names(_) => serde_json::to_string(value).unwrap_or_default(),
    }
}

/// The first line of a file of comma-separated values.
#[must_use]
pub fn csv_header(columns: &[Column]) -> String {
    line(columns.iter().map(|column| column.flat.to_owned()))
}

/// A row as a line of comma-separated values; cells are guarded.
#[must_use]
pub fn csv_line(row: &[Value]) -> String {
    line(row.iter().map(text))
}

fn line(cells: impl Iterator<Item = String>) -> String {
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
    fn a_row_reads_like_the_object_of_the_api() {
        let columns = columns(ExportKind::Organization, &[]);
        let row = [
            Value::Text("org_1".to_owned()),
            Value::Number(3),
            Value::Text("=试,支部".to_owned()),
            Value::Text("BRANCH".to_owned()),
            Value::Null,
            Value::Reference("org_0".to_owned()),
            Value::Text("2020-01-01".to_owned()),
            Value::Names(vec![("hr".to_owned(), "7".to_owned())]),
        ];
        let line = json_line("Organization", &columns, &row);
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
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
