//! A row as a line of JSON, and as a line of comma-separated values.

use serde_json::{Map, Value as Json, json};

use super::cell::csv_cell;
use super::shape::{Column, Value};

/// Before a file of comma-separated values, so that spreadsheets read it as UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Behind each line, as RFC 4180 has it.
const END: &str = "\r\n";

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => json!(text),
        Value::Number(number) => json!(number),
        Value::Flag(flag) => json!(flag),
        Value::Reference(id) => json!({ "id": id }),
        Value::References(ids) => ids.iter().map(|id| json!({ "id": id })).collect(),
        Value::Names(names) => named(names),
        Value::Opened(value) => json!({ "masked": false, "value": value }),
    }
}

fn named(names: &[(String, String)]) -> Json {
    let one = |(system, value): &(String, String)| json!({ "system": system, "value": value });
    names.iter().map(one).collect()
}

/// A row as an object of the API in one line, with its type before its fields.
#[must_use]
pub fn json_line(typename: &str, columns: &[Column], row: &[Value]) -> String {
    let mut object = Map::new();
    object.insert("__typename".to_owned(), json!(typename));
    for (column, value) in columns.iter().zip(row) {
        object.insert(column.name.to_owned(), json(value));
    }
    let mut line = Json::Object(object).to_string();
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
        Value::Names(names) => named(names).to_string(),
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
        let read: Json = serde_json::from_str(&line).unwrap();
        assert_eq!(read["parent"], json!({ "id": "org_0" }));
        assert_eq!(read["name"], "=试,支部");
        assert_eq!(read["externalIds"][0]["value"], "7");
        let flat = csv_line(&row);
        assert!(flat.starts_with("org_1,3,\"'=试,支部\",BRANCH,,org_0,2020-01-01,"), "{flat}");
        assert!(flat.ends_with("\r\n"));
        assert!(csv_header(&columns).starts_with("id,version,name,kind,sector,parentId,"));
    }
}
