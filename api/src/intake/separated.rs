//! Values parted by commas, semicolons or tabs (CSV).

use std::collections::VecDeque;
use std::io::{self, Read};

use csv::{ByteRecord, ReaderBuilder};
use domain::intake::columns::{Column, Headings, headings};
use domain::intake::flaw::IntakeFlaw;
use domain::intake::record::Record;
use domain::vocabulary::ImportKind;

use super::Limits;
use super::cells::Gathered;
use super::decoded::Decoded;
use super::fault::{FileFault, Flawed, RowFault, flaw_of};

/// What may part values.
const BETWEEN: [u8; 3] = *b",;\t";

pub(super) struct Separated<R> {
    reader: csv::Reader<Watched<R>>,
    headers: Vec<String>,
    columns: Headings,
    record: ByteRecord,
    row: u64,
    row_bytes: usize,
    over: bool,
}

impl<R: Read> Separated<R> {
    pub(super) fn begin(kind: ImportKind, source: R, limits: &Limits) -> Result<Self, FileFault> {
        let decoded = Decoded::begin(source)?;
        let between = separator(decoded.rest());
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(between)
            .from_reader(Watched::of(decoded, between));
        let mut separated = Self {
            reader,
            headers: Vec::new(),
            columns: Vec::new(),
            record: ByteRecord::new(),
            row: 0,
            row_bytes: limits.row_bytes,
            over: false,
        };
        let mut headers: Vec<String> = Vec::new();
        // The first row with something in it.
        while headers.iter().all(String::is_empty) {
            let found = separated.advance().map_err(|fault| FileFault {
                problems: fault.problems,
            })?;
            if !found {
                return Err(IntakeFlaw::Empty.into());
            }
            let cells = separated.record.iter();
            headers = cells
                .map(|cell| String::from_utf8_lossy(cell).trim().to_owned())
                .collect();
        }
        while headers.last().is_some_and(String::is_empty) {
            headers.pop();
        }
        if headers.len() > limits.columns {
            return Err(IntakeFlaw::TooManyColumns.of_file().with("max", limits.columns).into());
        }
        separated.columns = headings(kind, &headers, &limits.mapping)?;
        separated.headers = headers;
        Ok(separated)
    }

    /// Reads the next row; says whether there was one.
    fn advance(&mut self) -> Result<bool, RowFault> {
        let place = self.reader.get_mut();
        place.left = self.row_bytes + WINDOW;
        let read = self.reader.read_byte_record(&mut self.record);
        let end = self.reader.position().byte();
        let watched = self.reader.get_mut();
        let passed = watched.pass(end);
        match read {
            Ok(found) => {
                self.row += passed;
                if found && self.record.as_slice().len() > self.row_bytes {
                    return Err(self.end(IntakeFlaw::TooLongRow));
                }
                Ok(found)
            }
            Err(error) => {
                self.row += passed + 1;
                let flaw = match error.kind() {
                    csv::ErrorKind::Io(error) => flaw_of(error),
                    _ => IntakeFlaw::Encoding,
                };
                Err(self.end(flaw))
            }
        }
    }

    fn end(&mut self, flaw: IntakeFlaw) -> RowFault {
        self.over = true;
        let problem = match flaw {
            IntakeFlaw::TooLongRow => flaw.of_row().with("max", self.row_bytes),
            _ => flaw.of_row(),
        };
        RowFault::fatal(self.row, problem)
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, RowFault>> {
        while !self.over {
            match self.advance() {
                Ok(true) => {}
                Ok(false) => {
                    self.over = true;
                    return None;
                }
                Err(fault) => return Some(Err(fault)),
            }
            if self.is_cut() {
                return Some(Err(self.end(IntakeFlaw::Cut)));
            }
            if let Some(row) = self.gathered().done() {
                return Some(row);
            }
        }
        None
    }

    /// The last row ends in the middle: within quotes, or without a line's end and with fewer cells than there are columns.
    fn is_cut(&self) -> bool {
        let watched = self.reader.get_ref();
        if !watched.ended || !watched.ends.is_empty() {
            return false;
        }
        watched.state == State::Quoted || (watched.unended && self.record.len() < self.headers.len())
    }

    fn gathered(&self) -> Gathered {
        let mut gathered = Gathered::of(self.row);
        for (place, cell) in self.record.iter().enumerate() {
            let Ok(text) = std::str::from_utf8(cell) else {
                gathered.refuse(IntakeFlaw::Encoding.of_row());
                continue;
            };
            match self.columns.get(place) {
                Some(column) => {
                    let header = self.headers.get(place).map_or("", String::as_str);
                    if column.is_none() && header.is_empty() && !text.trim().is_empty() {
                        gathered.refuse(beyond(place));
                    }
                    gathered.take(*column, header, text);
                }
                None if text.trim().is_empty() => {}
                None => gathered.refuse(beyond(place)),
            }
        }
        gathered
    }
}

/// A cell with no header above it.
pub(super) fn beyond(place: usize) -> domain::problem::Problem {
    IntakeFlaw::BeyondHeader.of_row().with("detail", letters(place))
}

/// A column as spreadsheets call it: `A`, `B`, …, `AA`.
fn letters(place: usize) -> String {
    let (mut left, mut name) = (place + 1, Vec::new());
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or_default();
        name.push(char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    name.iter().rev().collect()
}

/// The header of a place, or the letters of its column.
pub(super) fn header_at(column: Option<&'static Column>, headers: &[String], place: usize) -> String {
    let header = headers.get(place).filter(|header| !header.is_empty());
    header
        .cloned()
        .or_else(|| column.map(|column| column.key.to_owned()))
        .unwrap_or_else(|| letters(place))
}

/// What parts the values of the first row: whichever of the signs stands there most, outside of quotes.
fn separator(text: &[u8]) -> u8 {
    let mut counts = [0usize; BETWEEN.len()];
    let mut quoted = false;
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted && counts.iter().any(|count| *count > 0) => break,
            _ if quoted => {}
            _ => {
                if let Some(place) = BETWEEN.iter().position(|sign| sign == byte) {
                    counts[place] += 1;
                }
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let place = counts.iter().position(|count| *count == most).unwrap_or_default();
    BETWEEN[place]
}

/// What the reader of values may have taken and not yet given out.
const WINDOW: usize = 64 * 1024;

/// Where a row of values stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a row.
    Row,
    /// At the beginning of a cell.
    Cell,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end of the cell, or a quote itself.
    Quote,
}

/// The text on its way to the reader of values, watched: how long a row gets, where rows end, whether it ends within quotes.
struct Watched<R> {
    source: Decoded<R>,
    between: u8,
    /// So many bytes more may the row have.
    left: usize,
    state: State,
    /// The last byte was the first of a line's end that may have two.
    returned: bool,
    /// Where the rows end that were given out to the reader and not yet read by it.
    ends: VecDeque<u64>,
    given: u64,
    ended: bool,
    /// The text ended without a line's end.
    unended: bool,
}

impl<R> Watched<R> {
    fn of(source: Decoded<R>, between: u8) -> Self {
        Self {
            source,
            between,
            left: usize::MAX,
            state: State::Row,
            returned: false,
            ends: VecDeque::new(),
            given: 0,
            ended: false,
            unended: false,
        }
    }

    /// How many rows end before this byte, since this was asked last.
    fn pass(&mut self, end: u64) -> u64 {
        let mut passed = 0;
        while self.ends.front().is_some_and(|at| *at < end) {
            self.ends.pop_front();
            passed += 1;
        }
        passed
    }

    fn watch(&mut self, byte: u8) {
        let returned = std::mem::take(&mut self.returned);
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::Quote,
            (State::Quoted, _) => State::Quoted,
            (_, b'\n') if returned => State::Row,
            (_, b'\r' | b'\n') => {
                self.returned = byte == b'\r';
                self.ends.push_back(self.given);
                State::Row
            }
            (_, byte) if byte == self.between => State::Cell,
            (State::Row | State::Cell | State::Quote, b'"') => State::Quoted,
            _ => State::Plain,
        };
        self.given += 1;
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(place)?;
        if read > self.left {
            return Err(Flawed(IntakeFlaw::TooLongRow).into());
        }
        self.left -= read;
        for byte in place.get(..read).unwrap_or_default() {
            self.watch(*byte);
        }
        if read == 0 && !self.ended {
            self.ended = true;
            if self.state != State::Row {
                self.unended = true;
                self.ends.push_back(self.given.saturating_sub(1));
            }
        }
        Ok(read)
    }
}
