//! How the rows of a part become the bytes of a file.

use anyhow::Context as _;
use domain::export::{BYTE_ORDER_MARK, Column, Value, csv_header, csv_line, guarded, json_line, text};
use domain::vocabulary::{ExportFormat, ExportKind};
use rust_xlsxwriter::{Workbook, XlsxError};

use super::super::outcome::Outcome;

/// Characters that a cell of a workbook holds.
const CELL: usize = 32_767;

/// A file that is being written.
pub struct File {
    columns: Vec<Column>,
    kind: ExportKind,
    form: Form,
}

enum Form {
    Jsonl,
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
    /// An empty file, and the bytes that stand before its first row.
    ///
    /// # Errors
    /// The workbook cannot be begun.
    pub fn begin(format: ExportFormat, kind: ExportKind, columns: Vec<Column>) -> Outcome<(Self, String)> {
        let (form, before) = match format {
            ExportFormat::Jsonl => (Form::Jsonl, String::new()),
            ExportFormat::Csv => (Form::Csv, format!("{BYTE_ORDER_MARK}{}", csv_header(&columns))),
            ExportFormat::Xlsx => {
                let book = sheet(kind, &columns).context("a workbook cannot be begun")?;
                let book = Box::new(book);
                (Form::Xlsx { book, row: 0 }, String::new())
            }
        };
        Ok((Self { columns, kind, form }, before))
    }

    /// Writes a row; the bytes that it adds, where the format gives them row by row.
    ///
    /// # Errors
    /// The workbook does not take it.
    pub fn row(&mut self, values: &[Value]) -> Outcome<String> {
        match &mut self.form {
            Form::Jsonl => Ok(json_line(typename(self.kind), &self.columns, values)),
            Form::Csv => Ok(csv_line(values)),
            Form::Xlsx { book, row } => {
                *row += 1;
                cells(book, *row, values).context("a row does not fit into a workbook")?;
                Ok(String::new())
            }
        }
    }

    /// The bytes behind the last row.
    ///
    /// # Errors
    /// The workbook cannot be put together.
    pub async fn end(self) -> Outcome<Vec<u8>> {
        match self.form {
            Form::Jsonl | Form::Csv => Ok(Vec::new()),
            Form::Xlsx { mut book, .. } => {
                let packed = tokio::task::spawn_blocking(move || book.save_to_buffer()).await;
                let packed = packed.context("packing a workbook ended early")?;
                Ok(packed.context("a workbook cannot be put together")?)
            }
        }
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

fn cells(book: &mut Workbook, row: u32, values: &[Value]) -> Result<(), XlsxError> {
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
