//! The template 导入模板 of a kind: a header, and one row that shows how cells are filled in.

use anyhow::Context as _;
use domain::export::{BYTE_ORDER_MARK, csv_cell};
use domain::intake::columns::{Column, Holds, columns};
use domain::vocabulary::{ImportFormat, ImportKind, Language};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// A template as a file; of JSON Lines its one line.
///
/// # Errors
/// The workbook cannot be put together.
pub fn template(kind: ImportKind, format: ImportFormat, language: Language) -> anyhow::Result<Vec<u8>> {
    let offered: Vec<&Column> = columns(kind).iter().filter(|column| column.is_offered()).collect();
    match format {
        ImportFormat::Csv => Ok(separated(&offered, language).into_bytes()),
        ImportFormat::Xlsx => workbook(&offered, language).context("a template cannot be put together"),
        ImportFormat::Jsonl => Ok(line(&offered, language).into_bytes()),
    }
}

fn separated(columns: &[&Column], language: Language) -> String {
    let row = |cell: fn(&Column, Language) -> &'static str| {
        let mut line = String::new();
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                line.push(',');
            }
            csv_cell(&mut line, cell(column, language));
        }
        line
    };
    let (header, example) = (row(Column::header), row(Column::example));
    format!("{BYTE_ORDER_MARK}{header}\r\n{example}\r\n")
}

fn line(columns: &[&Column], language: Language) -> String {
    let filled = columns.iter().filter(|column| !column.example.is_empty());
    let cells = filled.map(|column| (column.key.to_owned(), column.example(language).into()));
    let object: serde_json::Map<String, serde_json::Value> = cells.collect();
    format!("{}\n", serde_json::Value::Object(object))
}

fn workbook(columns: &[&Column], language: Language) -> Result<Vec<u8>, XlsxError> {
    let (heading, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (place, column) in (0u16..).zip(columns) {
        // As texts: what is typed below is kept as it is typed, long numbers too.
        if !matches!(column.holds, Holds::Day | Holds::Moment) {
            sheet.set_column_format(place, &text)?;
        }
        sheet.write_string_with_format(0, place, column.header(language), &heading)?;
        let example = column.example(language);
        if !example.is_empty() {
            sheet.write_string_with_format(1, place, example, &text)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}
