//! How the rows of a part become the bytes of a file.

use anyhow::Context as _;
use domain::export::{BYTE_ORDER_MARK, Column, JsonLines, Value, csv_header, csv_line, guarded, text};
use domain::vocabulary::{ExportFormat, ExportKind};
use rust_xlsxwriter::{Workbook, XlsxError};

use super::super::outcome::Outcome;

/// Characters that a cell of a workbook holds.
const CELL: usize = 32_767;

/// A file that is being written.
pub enum File {
    Jsonl(JsonLines),
    Csv,
    /// Put together in memory: its rows are few enough, and nothing of them comes to rest on the node's disk.
    Xlsx {
        book: Box<Workbook>,
        row: u32,
    },
}

/// The name of a kind's type in the API.
fn typename(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Organization => "Organization",
        ExportKind::Member => "Member",
        ExportKind::Appointment => "Appointment",
        ExportKind::Activity => "Activity",
    }
}

/// What a file is, for who fetches it.
#[must_use]
pub fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Jsonl => "application/x-ndjson",
        ExportFormat::Csv => "text/csv; charset=utf-8",
        ExportFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
}

/// How a file is called when it is saved: number, kind, format.
#[must_use]
pub fn file_name(number: i64, kind: &str, format: ExportFormat) -> String {
    let (kind, format) = (kind.to_lowercase(), format.as_str().to_lowercase());
    format!("{number:04}-{kind}.{format}")
}

impl File {
    /// An empty file; what stands before its first row goes to `out`, as what follows does.
    ///
    /// # Errors
    /// The workbook cannot be begun.
    pub fn begin(format: ExportFormat, kind: ExportKind, columns: &[Column], out: &mut Vec<u8>) -> Outcome<Self> {
        Ok(match format {
            ExportFormat::Jsonl => Self::Jsonl(JsonLines::of(typename(kind), columns)),
            ExportFormat::Csv => {
                out.extend_from_slice(BYTE_ORDER_MARK.as_bytes());
                out.extend_from_slice(csv_header(columns).as_bytes());
                Self::Csv
            }
            ExportFormat::Xlsx => {
                let book = sheet(kind, columns).context("a workbook cannot be begun")?;
                Self::Xlsx {
                    book: Box::new(book),
                    row: 0,
                }
            }
        })
    }

    /// Writes a row; a workbook's bytes come at its end.
    ///
    /// # Errors
    /// The workbook does not take it.
    pub fn row(&mut self, out: &mut Vec<u8>, values: &[Value<'_>]) -> Outcome<()> {
        match self {
            Self::Jsonl(lines) => lines.write(out, values),
            Self::Csv => out.extend_from_slice(csv_line(values).as_bytes()),
            Self::Xlsx { book, row } => {
                *row += 1;
                cells(book, *row, values).context("a row does not fit into a workbook")?;
            }
        }
        Ok(())
    }

    /// Writes what stands behind the last row.
    ///
    /// # Errors
    /// The workbook cannot be put together.
    pub fn end(self, out: &mut Vec<u8>) -> Outcome<()> {
        if let Self::Xlsx { mut book, .. } = self {
            let packed = book.save_to_buffer().context("a workbook cannot be put together")?;
            out.extend_from_slice(&packed);
        }
        Ok(())
    }
}

fn sheet(kind: ExportKind, columns: &[Column]) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(typename(kind))?;
    for (place, column) in (0u16..).zip(columns) {
        sheet.write_string(0, place, column.flat)?;
    }
    Ok(book)
}

fn cells(book: &mut Workbook, row: u32, values: &[Value<'_>]) -> Result<(), XlsxError> {
    let sheet = book.worksheet_from_index(0)?;
    for (place, value) in (0u16..).zip(values) {
        let number = match value {
            Value::Number(number) => i32::try_from(*number).ok(),
            _ => None,
        };
        if let Some(number) = number {
            sheet.write_number(row, place, f64::from(number))?;
        } else if let Value::Flag(flag) = value {
            sheet.write_boolean(row, place, *flag)?;
        } else {
            let text = text(value);
            if !text.is_empty() {
                let held: String = guarded(&text).chars().take(CELL).collect();
                sheet.write_string(row, place, held)?;
            }
        }
    }
    Ok(())
}
