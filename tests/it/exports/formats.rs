//! Files that other programs read: comma-separated values and workbooks, with cells that no spreadsheet takes for formulas.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use super::{SYNC, content, export, program, rows};

const UPSERT: &str = "mutation($input: UpsertMembersInput!) { upsertMembers(input: $input) { results { userErrors { code path params } } userErrors { code } } }";
/// Names that are formulas to a spreadsheet, need quoting, or look as if they had been guarded.
const NAMES: [&str; 6] = ["=HYPERLINK(1)", "+甘", "＝甘", "'甘", "甘,\"禾\"", "-1@甘"];

/// A line of comma-separated values as RFC 4180 reads it.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut table, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && signs.peek() == Some(&'\n') => {
                signs.next();
                row.push(std::mem::take(&mut cell));
                table.push(std::mem::take(&mut row));
            }
            _ => cell.push(sign),
        }
    }
    assert!(!quoted && cell.is_empty() && row.is_empty(), "the last line has an end");
    table
}

/// A text as it was before it was guarded.
fn read_back(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

/// All tables of an export in another format, the rows of one kind behind another, each with its header.
async fn exported(client: &Client, branch: &str, format: &str) -> (Value, Vec<Vec<u8>>) {
    let input = json!({"kinds": ["ORGANIZATION", "MEMBER"], "within": {"subtreeOf": branch}, "format": format, "idempotencyKey": format});
    let job = export(client, input).await;
    let mut files = Vec::new();
    for part in job["parts"].as_array().expect("parts") {
        files.push(content(client, part).await);
    }
    (job, files)
}

/// The value of a row of JSON as a flat cell has it.
fn flat(row: &Value, column: &str) -> String {
    let value = match column.strip_suffix("Id").filter(|_| row.get(column).is_none()) {
        Some(object) => &row[object]["id"],
        None => &row[column],
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => String::new(),
        other => other.to_string(),
    }
}

fn compare(table: &[Vec<String>], right: &[Value]) {
    assert_eq!(table.len(), right.len() + 1, "a header and the rows");
    assert!(!right.is_empty() && table[0].len() > 5, "{:?}", table[0]);
    for column in ["id", "name"] {
        assert!(table[0].iter().any(|title| title == column), "{column}: {:?}", table[0]);
    }
    for (cells, row) in table[1..].iter().zip(right) {
        assert_eq!(cells.len(), table[0].len(), "{cells:?}");
        for (column, cell) in table[0].iter().zip(cells) {
            let first = cell.chars().next().unwrap_or('x');
            assert!(
                !"=+-@＝＋－＠\t\r".contains(first),
                "{column} begins as a formula: {cell}"
            );
            assert_eq!(read_back(cell), flat(row, column), "{column}");
        }
    }
}

both_databases!(
    each_format_can_be_read_back_and_holds_no_formula,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let row = |(number, name): (usize, &&str)| {
            json!({"member": {"external": {"system": "=cmd", "value": format!("+{number}")}}, "branch": {"id": branch}, "name": name,
                "standing": "PROBATIONARY", "joinedOn": "2026-03-02"})
        };
        let input =
            json!({"rows": NAMES.iter().enumerate().map(row).collect::<Vec<_>>(), "idempotencyKey": "odd names"});
        let done = server
            .client("branch-secretary")
            .data(UPSERT, json!({"input": input}))
            .await["upsertMembers"]
            .clone();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let (_, client) = program(&server, &branch, "reader", &SYNC).await;
        let (job, _) = exported(&client, &branch, "JSONL").await;
        let right = rows(&client, &job).await;
        for name in NAMES {
            assert!(right.iter().any(|row| row["name"] == name), "{name}");
        }
        let of = |kind: &str| -> Vec<Value> { right.iter().filter(|row| row["__typename"] == kind).cloned().collect() };
        let (job, files) = exported(&client, &branch, "CSV").await;
        assert_eq!(job["parts"][1]["name"], "0002-member.csv");
        assert_eq!(files.len(), 2);
        for (file, kind) in files.iter().zip(["Organization", "Member"]) {
            let text = std::str::from_utf8(file)
                .expect("UTF-8")
                .strip_prefix('\u{feff}')
                .expect("a mark");
            compare(&cells(text), &of(kind));
        }
        let (_, files) = exported(&client, &branch, "XLSX").await;
        assert_eq!(files.len(), 2);
        for (file, kind) in files.into_iter().zip(["Organization", "Member"]) {
            let mut book = Xlsx::new(Cursor::new(file)).expect("a workbook");
            assert_eq!(book.sheet_names(), [kind]);
            assert!(
                book.worksheet_formula(kind).expect("a sheet").is_empty(),
                "no cell is a formula"
            );
            let range = book.worksheet_range(kind).expect("a sheet");
            let text = |cell: &Data| match cell {
                Data::Empty => String::new(),
                Data::Float(number) => number.to_string(),
                other => other.to_string(),
            };
            let table: Vec<Vec<String>> = range.rows().map(|row| row.iter().map(text).collect()).collect();
            compare(&table, &of(kind));
        }
    }
);
