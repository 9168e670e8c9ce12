//! What we write is read back: templates in both languages, and files of our exports.

use domain::export::{JsonLines, Value, columns as exported, csv_header, csv_line};
use domain::intake::columns::columns;
use domain::intake::record::Record;
use domain::intake::rows::activity::ActivityRow;
use domain::intake::rows::appointment::AppointmentRow;
use domain::intake::rows::member::MemberRow;
use domain::intake::rows::organization::OrganizationRow;
use domain::problem::Problem;
use domain::vocabulary::{ExportKind, ImportFormat, ImportKind, Language, SealedField};

use super::{Limits, read_as};
use crate::intake::template;

fn typed(kind: ImportKind, record: &Record) -> Result<(), Vec<Problem>> {
    match kind {
        ImportKind::Organization => OrganizationRow::of(record).map(drop),
        ImportKind::Member => MemberRow::of(record).map(drop),
        ImportKind::Appointment => AppointmentRow::of(record).map(drop),
        ImportKind::Activity => ActivityRow::of(record).map(drop),
    }
}

#[test]
fn every_template_is_read_back_as_a_row_that_does() {
    for kind in ImportKind::ALL {
        for format in ImportFormat::ALL {
            for language in [Language::ZhCn, Language::En] {
                let file = template(*kind, *format, language).unwrap();
                let rows = read_as(*kind, *format, &file, Limits::default()).unwrap();
                assert_eq!(rows.len(), 1, "{kind} {format}");
                let record = rows[0].as_ref().unwrap();
                assert_eq!(typed(*kind, record), Ok(()), "{kind} {format}");
                let filled = columns(*kind)
                    .iter()
                    .filter(|column| !column.example.is_empty())
                    .count();
                assert_eq!(record.cells.len(), filled, "{kind} {format}");
            }
        }
    }
}

fn id(head: &str) -> String {
    format!("{head}_00000000000000000000000000")
}

/// A row of our exports, as one would have it.
fn row(kind: ExportKind) -> Vec<Value<'static>> {
    let text = |text: &'static str| Value::Text(text.into());
    let names = Value::Names(vec![("hr".to_owned(), "7".to_owned())]);
    let (day, moment) = (text("2015-03-09"), text("2026-03-09T06:00:00+00:00"));
    match kind {
        ExportKind::Organization => vec![
            Value::Text(id("org").into()),
            Value::Number(3),
            text("=试,支部"),
            text("BRANCH"),
            text("VILLAGE"),
            Value::Reference(id("org").into()),
            day,
            names,
        ],
        ExportKind::Member => vec![
            Value::Text(id("mbr").into()),
            Value::Number(3),
            text("安禾屿"),
            text("FULL"),
            text("ACTIVE"),
            day.clone(),
            day,
            Value::Reference(id("org").into()),
            Value::Null,
            Value::Null,
            text("@unit"),
            names,
            Value::Opened(Some("+8657388880000".to_owned())),
        ],
        ExportKind::Appointment => vec![
            Value::Text(id("apt").into()),
            Value::Number(1),
            text("SECRETARY"),
            Value::Reference(id("mbr").into()),
            Value::Reference(id("org").into()),
            day,
            Value::Null,
            Value::Null,
            Value::Flag(false),
        ],
        ExportKind::Activity => vec![
            Value::Text(id("act").into()),
            Value::Number(1),
            text("BRANCH_GENERAL_MEETING"),
            text("-例会"),
            text("FILED"),
            moment,
            Value::Null,
            text("会议室"),
            text("ON_SITE"),
            Value::References(vec![id("org")]),
            names,
        ],
    }
}

#[test]
fn a_file_of_our_exports_is_read_back_as_rows_that_do() {
    for kind in ExportKind::ALL {
        let as_import: ImportKind = kind.as_str().parse().unwrap();
        let columns = exported(*kind, &[SealedField::Phone]);
        let values = row(*kind);
        assert_eq!(columns.len(), values.len(), "{kind}");
        let csv = format!("\u{feff}{}{}", csv_header(&columns), csv_line(&values));
        let mut jsonl = Vec::new();
        JsonLines::of("Any", &columns).write(&mut jsonl, &values);
        let read = |format, file: &[u8]| {
            let rows = read_as(as_import, format, file, Limits::default());
            let rows = rows.unwrap_or_else(|fault| panic!("{kind}: {fault:?}"));
            rows[0].clone().unwrap_or_else(|fault| panic!("{kind}: {fault:?}"))
        };
        let (flat, lines) = (
            read(ImportFormat::Csv, csv.as_bytes()),
            read(ImportFormat::Jsonl, &jsonl),
        );
        assert_eq!(flat.cells, lines.cells, "{kind}");
        assert_eq!(typed(as_import, &flat), Ok(()), "{kind}");
        let title = flat.cells.get("name").or_else(|| flat.cells.get("title"));
        assert!(title.is_none_or(|title| ["=试,支部", "安禾屿", "-例会"].contains(&title.as_str())));
    }
}
