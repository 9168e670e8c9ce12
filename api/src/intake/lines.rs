//! JSON Lines: an object a line, under the keys of the columns or their headers; also as our exports write them.

use std::io::{self, BufRead as _, Read};

use domain::intake::columns::Column;
use domain::intake::columns::heading;
use domain::intake::flaw::IntakeFlaw;
use domain::intake::record::Record;
use domain::problem::Problem;
use domain::vocabulary::ImportKind;
use serde_json::{Map, Value};

use super::Limits;
use super::cells::Gathered;
use super::decoded::Decoded;
use super::fault::{FileFault, RowFault, flaw_of};

pub(super) struct Lines<R> {
    kind: ImportKind,
    source: Decoded<R>,
    limits: Limits,
    line: Vec<u8>,
    row: u64,
    /// The last line's end may have a second sign.
    returned: bool,
    over: bool,
}

/// How a line came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Line,
    File,
    TooLong,
}

impl<R: Read> Lines<R> {
    pub(super) fn begin(kind: ImportKind, source: R, limits: Limits) -> Result<Self, FileFault> {
        Ok(Self {
            kind,
            source: Decoded::begin(source)?,
            limits,
            line: Vec::new(),
            row: 0,
            returned: false,
            over: false,
        })
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, RowFault>> {
        while !self.over {
            self.line.clear();
            self.row += 1;
            let end = match self.advance() {
                Ok(end) => end,
                Err(error) => {
                    self.over = true;
                    return Some(Err(RowFault::fatal(self.row, flaw_of(&error).of_row())));
                }
            };
            self.over = end == End::File;
            if end == End::TooLong {
                let problem = IntakeFlaw::TooLongRow.of_row().with("max", self.limits.row_bytes);
                return Some(Err(RowFault::one(self.row, problem)));
            }
            if self.line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match self.object(end) {
                Ok(object) => {
                    if let Some(row) = self.gathered(&object).done() {
                        return Some(row);
                    }
                }
                Err(fault) => return Some(Err(fault)),
            }
        }
        None
    }

    /// Reads on to the end of a line, of which no more is kept than a row may have.
    fn advance(&mut self) -> io::Result<End> {
        let mut long = false;
        loop {
            let ready = self.source.fill_buf()?;
            if ready.is_empty() {
                return Ok(if long { End::TooLong } else { End::File });
            }
            if std::mem::take(&mut self.returned) && ready.first() == Some(&b'\n') {
                self.source.consume(1);
                continue;
            }
            let end = ready.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let part = ready.get(..end.unwrap_or(ready.len())).unwrap_or_default();
            long = long || self.line.len() + part.len() > self.limits.row_bytes;
            if !long {
                self.line.extend_from_slice(part);
            }
            let taken = part.len();
            match end {
                Some(_) => {
                    self.returned = ready.get(taken) == Some(&b'\r');
                    self.source.consume(taken + 1);
                    return Ok(if long { End::TooLong } else { End::Line });
                }
                None => self.source.consume(taken),
            }
        }
    }

    fn object(&mut self, end: End) -> Result<Map<String, Value>, RowFault> {
        match serde_json::from_slice::<Value>(&self.line) {
            Ok(Value::Object(object)) => Ok(object),
            Err(error) if error.is_eof() && end == End::File => {
                Err(RowFault::fatal(self.row, IntakeFlaw::Cut.of_row()))
            }
            _ => Err(RowFault::one(self.row, IntakeFlaw::NotJson.of_row())),
        }
    }

    fn gathered(&self, object: &Map<String, Value>) -> Gathered {
        let mut gathered = Gathered::of(self.row);
        let mut seen: Vec<&'static str> = Vec::new();
        for (name, value) in object {
            match heading(self.kind, name, &self.limits.mapping) {
                Err(problem) => gathered.refuse(problem),
                Ok(None) => {}
                Ok(Some(column)) if seen.contains(&column.key) => {
                    gathered.refuse(IntakeFlaw::ColumnTwice.of_column(name));
                }
                Ok(Some(column)) => {
                    seen.push(column.key);
                    match text(column, name, value) {
                        Ok(text) => gathered.take(Some(column), name, &text),
                        Err(problem) => gathered.refuse(problem),
                    }
                }
            }
        }
        gathered
    }
}

/// A value as the text of a cell. An object of our exports stands for its id, or for the value that is no secret there.
fn text(column: &Column, name: &str, value: &Value) -> Result<String, Problem> {
    let flaw = |flaw: IntakeFlaw| flaw.of_cell(column.key, name);
    if !column.is_offered() {
        return Ok(String::new());
    }
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        // What was whole once and is too long to be kept as an amount.
        Value::Number(number)
            if number
                .as_f64()
                .is_some_and(|number| number.abs() >= super::workbook::LOST) =>
        {
            Err(flaw(IntakeFlaw::DigitsLost))
        }
        Value::Number(number) => Ok(number.to_string()),
        Value::Object(object) => match object.get("id").or_else(|| object.get("value")) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Null) => Ok(String::new()),
            _ => Err(flaw(IntakeFlaw::NotText)),
        },
        Value::Array(items) => {
            let parts: Result<Vec<String>, Problem> = items
                .iter()
                .map(|item| match item {
                    Value::Array(_) => Err(flaw(IntakeFlaw::NotText)),
                    item => text(column, name, item),
                })
                .collect();
            Ok(parts?.join("\n"))
        }
    }
}
