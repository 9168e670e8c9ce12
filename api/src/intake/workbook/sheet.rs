//! One sheet of a workbook, cell by cell.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::sync::mpsc::SyncSender;

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
use domain::intake::columns::{Column, Headings, Holds, headings};
use domain::intake::flaw::IntakeFlaw;
use domain::intake::values::serial;
use domain::problem::Problem;
use domain::vocabulary::ImportKind;

use super::archive::Looked;
use super::{LOST, Said};
use crate::intake::Limits;
use crate::intake::cells::Gathered;
use crate::intake::fault::{FileFault, RowFault};
use crate::intake::separated::{beyond, header_at};

/// A cell with something in it.
struct Cell {
    row: u32,
    place: usize,
    held: Held,
}

enum Held {
    Text(String),
    Number(f64),
    /// A day, counted as the workbook counts.
    Day(f64),
    Flaw(IntakeFlaw),
}

/// Rows on which cells are merged: from, to.
type Merged = Vec<(u32, u32)>;

/// Reads a sheet and says its rows. Gives back what is wrong with the file as a whole.
pub(super) fn rows<R: Read + Seek>(
    kind: ImportKind,
    source: R,
    (looked, limits): (Looked, &Limits),
    say: &SyncSender<Said>,
) -> Result<(), FileFault> {
    let mut book = Xlsx::new(source).map_err(|error| flaw(&error))?;
    let name = sheet(&book, limits)?;
    let from_1904 = book.has_1904_epoch();
    let merged = if looked.merged {
        merged(&mut book, &name)?
    } else {
        Vec::new()
    };
    let cells = book.worksheet_cells_reader(&name).map_err(|error| flaw(&error))?;
    let mut sheet = Sheet {
        cells,
        left: limits.cells,
        waiting: None,
        ended: false,
        from_1904,
    };
    let Some((row, header)) = sheet.row().map_err(|flaw| file(flaw, limits))? else {
        return Err(IntakeFlaw::Empty.into());
    };
    let headers = header_row(header, limits)?;
    if is_merged(&merged, row) {
        return Err(IntakeFlaw::Merged
            .of_column(headers.first().map_or("", String::as_str))
            .into());
    }
    let columns = headings(kind, &headers, &limits.mapping)?;
    if say.send(Said::Begun).is_err() {
        return Ok(());
    }
    let mut last = row;
    loop {
        let said = match sheet.row() {
            Ok(None) => return Ok(()),
            Ok(Some((row, cells))) => {
                last = row;
                gathered(&sheet, (row, cells), (&columns, &headers), &merged).done()
            }
            Err(flaw) => Some(Err(RowFault::fatal(number(last) + 1, row_problem(flaw, limits)))),
        };
        let Some(said) = said else { continue };
        let over = said.as_ref().is_err_and(|fault| fault.fatal);
        if say.send(Said::Row(said)).is_err() || over {
            return Ok(());
        }
    }
}

fn flaw(error: &XlsxError) -> IntakeFlaw {
    match error {
        XlsxError::Password => IntakeFlaw::Encrypted,
        XlsxError::WorksheetNotFound(_) => IntakeFlaw::NoSuchSheet,
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => IntakeFlaw::NotAWorkbook,
        _ => IntakeFlaw::Broken,
    }
}

fn file(flaw: IntakeFlaw, limits: &Limits) -> FileFault {
    match flaw {
        IntakeFlaw::TooManyCells => flaw.of_file().with("max", limits.cells).into(),
        _ => flaw.into(),
    }
}

fn row_problem(flaw: IntakeFlaw, limits: &Limits) -> Problem {
    match flaw {
        IntakeFlaw::TooManyCells => flaw.of_row().with("max", limits.cells),
        _ => flaw.of_row(),
    }
}

/// As people count rows.
fn number(row: u32) -> u64 {
    u64::from(row) + 1
}

/// The sheet that was asked for, or the first one that is shown.
fn sheet<R: Read + Seek>(book: &Xlsx<R>, limits: &Limits) -> Result<String, FileFault> {
    let sheets = book.sheets_metadata();
    let mut tables = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let found = match &limits.sheet {
        Some(wanted) => tables.find(|sheet| sheet.name == *wanted),
        None => tables.find(|sheet| sheet.visible == SheetVisible::Visible),
    };
    match (found, &limits.sheet) {
        (Some(sheet), _) => Ok(sheet.name.clone()),
        (None, Some(wanted)) => {
            let told: String = wanted.chars().filter(|c| !c.is_control()).take(60).collect();
            Err(IntakeFlaw::NoSuchSheet.of_file().with("detail", told).into())
        }
        (None, None) => Err(IntakeFlaw::NotAWorkbook.into()),
    }
}

fn merged<R: Read + Seek>(book: &mut Xlsx<R>, name: &str) -> Result<Merged, FileFault> {
    let found = book.merge_cells_by_sheet_name(name).map_err(|error| flaw(&error))?;
    let mut rows: Merged = found.iter().map(|place| (place.start.0, place.end.0)).collect();
    rows.sort_unstable();
    // One stretch for those that touch, so that a look-up finds the only one that can hold a row.
    rows.dedup_by(|next, before| {
        let touches = next.0 <= before.1;
        if touches {
            before.1 = before.1.max(next.1);
        }
        touches
    });
    Ok(rows)
}

fn is_merged(merged: &Merged, row: u32) -> bool {
    let behind = merged.partition_point(|(from, _)| *from <= row);
    let before = behind.checked_sub(1).and_then(|place| merged.get(place));
    before.is_some_and(|(_, to)| row <= *to)
}

fn header_row(cells: Vec<Cell>, limits: &Limits) -> Result<Vec<String>, FileFault> {
    let mut headers: Vec<String> = Vec::new();
    for cell in cells {
        if cell.place >= limits.columns {
            return Err(IntakeFlaw::TooManyColumns.of_file().with("max", limits.columns).into());
        }
        if headers.len() <= cell.place {
            headers.resize(cell.place + 1, String::new());
        }
        let text = match cell.held {
            Held::Text(text) => text.trim().to_owned(),
            Held::Number(number) | Held::Day(number) => number.to_string(),
            Held::Flaw(flaw) => {
                let header = header_at(None, &[], cell.place);
                return Err(flaw.of_column(&header).into());
            }
        };
        if let Some(header) = headers.get_mut(cell.place) {
            *header = text;
        }
    }
    Ok(headers)
}

/// The cells of a sheet, row by row.
struct Sheet<'a, R: Read + Seek> {
    cells: XlsxCellReader<'a, R>,
    left: u64,
    /// The first cell of the next row.
    waiting: Option<Cell>,
    /// Behind the last cell the reader would read on in what is no table any more.
    ended: bool,
    from_1904: bool,
}

impl<R: Read + Seek> Sheet<'_, R> {
    fn cell(&mut self) -> Result<Option<Cell>, IntakeFlaw> {
        while !self.ended {
            let next = self.cells.next_cell_with_formula_metadata();
            let Some(next) = next.map_err(|error| flaw(&error))? else {
                self.ended = true;
                break;
            };
            self.left = self.left.checked_sub(1).ok_or(IntakeFlaw::TooManyCells)?;
            let held = match (next.formula, next.value) {
                (Some(_), _) => Held::Flaw(IntakeFlaw::Formula),
                (None, DataRef::Empty) => continue,
                (None, DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text)) => {
                    Held::Text(text)
                }
                (None, DataRef::SharedString(text)) => Held::Text(text.to_owned()),
                (None, DataRef::Bool(flag)) => Held::Text(flag.to_string()),
                (None, DataRef::Float(number)) => Held::Number(number),
                (None, DataRef::Int(number)) => Held::Number(number as f64),
                (None, DataRef::DateTime(at)) => day(&at),
                (None, DataRef::Error(_)) => Held::Flaw(IntakeFlaw::ErrorValue),
            };
            if matches!(&held, Held::Text(text) if text.trim().is_empty()) {
                continue;
            }
            let (row, place) = next.pos;
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            return Ok(Some(Cell { row, place, held }));
        }
        Ok(None)
    }

    /// The next row that has something in it.
    fn row(&mut self) -> Result<Option<(u32, Vec<Cell>)>, IntakeFlaw> {
        let first = match self.waiting.take() {
            Some(cell) => cell,
            None => match self.cell()? {
                Some(cell) => cell,
                None => return Ok(None),
            },
        };
        let row = first.row;
        // By their place: however often a place is named, it is kept once.
        let mut cells = BTreeMap::from([(first.place, first)]);
        while let Some(cell) = self.cell()? {
            if cell.row < row {
                return Err(IntakeFlaw::Broken);
            }
            if cell.row > row {
                self.waiting = Some(cell);
                break;
            }
            cells.insert(cell.place, cell);
        }
        Ok(Some((row, cells.into_values().collect())))
    }
}

fn day(at: &ExcelDateTime) -> Held {
    if at.is_duration() {
        Held::Number(at.as_f64())
    } else {
        Held::Day(at.as_f64())
    }
}

fn gathered<R: Read + Seek>(
    sheet: &Sheet<'_, R>,
    (row, cells): (u32, Vec<Cell>),
    (columns, headers): (&Headings, &[String]),
    merged: &Merged,
) -> Gathered {
    let mut gathered = Gathered::of(number(row));
    if is_merged(merged, row) {
        gathered.refuse(IntakeFlaw::Merged.of_row());
    }
    for cell in cells {
        let column = columns.get(cell.place).copied().flatten();
        let header = header_at(column, headers, cell.place);
        let unnamed = headers.get(cell.place).is_none_or(String::is_empty);
        if unnamed {
            gathered.refuse(beyond(cell.place));
            continue;
        }
        let Some(column) = column.filter(|column| column.is_offered()) else {
            continue;
        };
        match text(column, cell.held, sheet.from_1904) {
            Ok(text) => gathered.take(Some(column), &header, &text),
            Err(flaw) => gathered.refuse(flaw.of_cell(column.key, &header)),
        }
    }
    gathered
}

/// What a cell says, as the column takes it: dates as ISO texts, numbers as their digits.
fn text(column: &Column, held: Held, from_1904: bool) -> Result<String, IntakeFlaw> {
    let dated = matches!(column.holds, Holds::Day | Holds::Moment);
    match held {
        Held::Text(text) => Ok(text),
        Held::Flaw(flaw) => Err(flaw),
        Held::Number(number) if dated => Ok(iso(number, from_1904).unwrap_or_else(|| digits(number))),
        Held::Day(number) => Ok(iso(number, from_1904).unwrap_or_else(|| digits(number))),
        Held::Number(number) if number.abs() >= LOST => Err(IntakeFlaw::DigitsLost),
        Held::Number(number) => Ok(digits(number)),
    }
}

fn digits(number: f64) -> String {
    number.to_string()
}

fn iso(number: f64, from_1904: bool) -> Option<String> {
    let at = serial(number, from_1904)?;
    let midnight = at.time() == chrono::NaiveTime::MIN;
    Some(if midnight {
        at.date().to_string()
    } else {
        at.format("%Y-%m-%dT%H:%M:%S").to_string()
    })
}
