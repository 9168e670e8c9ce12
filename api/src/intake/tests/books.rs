use domain::vocabulary::{ImportFormat, ImportKind};
use rust_xlsxwriter::{Format, Formula, Workbook};

use super::{ALONE, Limits, Row, alone, cell, members, memory, one, read_as, records, refused, told};

const HEADER: [&str; 5] = ["外部系统", "外部编号", "姓名", "入党日期", "身份证号"];

pub(super) fn book(
    fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet) -> Result<(), rust_xlsxwriter::XlsxError>,
) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (place, header) in (0u16..).zip(HEADER) {
        sheet.write_string(0, place, header).unwrap();
    }
    fill(sheet).unwrap();
    book.save_to_buffer().unwrap()
}

fn rows(file: &[u8]) -> Vec<Row> {
    members(ImportFormat::Xlsx, file).expect("a workbook that is read")
}

#[test]
fn dates_are_read_whatever_the_cell_was_made_as() {
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let rows = rows(&book(|sheet| {
        for row in 1..=5 {
            sheet.write_string(row, 0, "hr")?;
            sheet.write_number(row, 1, f64::from(row))?;
        }
        sheet.write_number_with_format(1, 3, 42072.0, &day)?;
        sheet.write_number(2, 3, 42072.0)?;
        sheet.write_number(3, 3, 20_150_309.0)?;
        sheet.write_string(4, 3, "2015年3月9日")?;
        sheet.write_number_with_format(5, 3, 42072.5, &day)?;
        Ok(())
    }));
    let days: Vec<&str> = rows.iter().map(|row| cell(row, "joinedOn")).collect();
    assert_eq!(
        days,
        [
            "2015-03-09",
            "2015-03-09",
            "20150309",
            "2015年3月9日",
            "2015-03-09T12:00:00"
        ]
    );
    // A number is a text, too.
    assert_eq!(cell(&rows[0], "externalId"), "1");
}

#[test]
fn a_long_number_kept_as_an_amount_has_lost_digits() {
    let rows = rows(&book(|sheet| {
        sheet.write_string(1, 0, "hr")?.write_string(1, 1, "1")?;
        sheet.write_number(1, 4, 330_402_198_001_010_000.0)?;
        Ok(())
    }));
    assert_eq!(told(&rows[0]), (2, one("CELL_REFUSED", "DIGITS_LOST")));
    let text = rows[0].as_ref().unwrap_err().problems[0].message(domain::vocabulary::Language::ZhCn);
    assert!(text.contains("身份证号") && !text.contains("3304"), "{text}");
}

#[test]
fn a_formula_is_never_computed_and_its_kept_value_not_trusted() {
    let rows = rows(&book(|sheet| {
        sheet.write_string(1, 0, "hr")?.write_string(1, 1, "1")?;
        sheet.write_formula(1, 2, Formula::new("=A1").set_result("甲"))?;
        sheet.write_string(2, 0, "hr")?.write_string(2, 1, "2")?;
        sheet.write_formula(2, 2, Formula::new("=1/0").set_result("#DIV/0!"))?;
        sheet
            .write_string(3, 0, "hr")?
            .write_string(3, 1, "3")?
            .write_boolean(3, 2, true)?;
        Ok(())
    }));
    for (number, row) in [(0, 2), (1, 3)] {
        assert_eq!(told(&rows[number]), (row, one("CELL_REFUSED", "FORMULA")));
    }
    assert_eq!(cell(&rows[2], "name"), "true");
}

#[test]
fn merged_cells_refuse_their_rows_and_no_others() {
    let plain = Format::new();
    let rows = rows(&book(|sheet| {
        for row in 1..=4 {
            sheet.write_string(row, 0, "hr")?.write_number(row, 1, f64::from(row))?;
        }
        sheet.merge_range(2, 2, 3, 2, "甲", &plain)?;
        Ok(())
    }));
    assert!(rows[0].is_ok() && rows[3].is_ok());
    assert_eq!(told(&rows[1]), (3, one("CELL_REFUSED", "MERGED")));
    assert_eq!(told(&rows[2]), (4, one("CELL_REFUSED", "MERGED")));
    let header = book(|sheet| {
        sheet.merge_range(0, 5, 0, 6, "联系电话", &plain)?;
        sheet.write_string(1, 0, "hr")?.write_string(1, 1, "1")?;
        Ok(())
    });
    assert_eq!(
        refused(members(ImportFormat::Xlsx, &header)),
        one("COLUMN_REFUSED", "MERGED")
    );
}

#[test]
fn a_cell_at_the_sheets_last_corner_is_a_row_that_is_refused() {
    let rows = rows(&book(|sheet| {
        sheet.write_string(1, 0, "hr")?.write_string(1, 1, "1")?;
        sheet.write_string(1_048_575, 16_383, "x")?;
        Ok(())
    }));
    assert_eq!(cell(&rows[0], "externalId"), "1");
    assert_eq!(told(&rows[1]), (1_048_576, one("CELL_REFUSED", "BEYOND_HEADER")));
    assert_eq!(rows[1].as_ref().unwrap_err().problems[0].params["detail"], "XFD");
    assert_eq!(rows.len(), 2);
}

#[test]
fn of_several_sheets_the_first_that_is_shown_is_read_or_the_one_that_is_named() {
    let mut book = Workbook::new();
    for (name, id) in [("说明", "0"), ("甲", "1"), ("乙", "2")] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in [["外部系统", "外部编号"], ["hr", id]].iter().enumerate() {
            for (place, text) in cells.iter().enumerate() {
                sheet.write_string(row as u32, place as u16, *text).unwrap();
            }
        }
    }
    book.worksheet_from_index(1).unwrap().set_active(true);
    book.worksheet_from_index(0).unwrap().set_hidden(true);
    let file = book.save_to_buffer().unwrap();
    assert_eq!(cell(&rows(&file)[0], "externalId"), "1");
    let named = |name: &str| {
        let limits = Limits {
            sheet: Some(name.to_owned()),
            ..Limits::default()
        };
        read_as(ImportKind::Member, ImportFormat::Xlsx, &file, limits)
    };
    assert_eq!(cell(&named("乙").unwrap()[0], "externalId"), "2");
    assert_eq!(refused(named("丙")), one("FILE_REFUSED", "NO_SUCH_SHEET"));
}

#[test]
fn columns_of_a_workbook_are_looked_at_like_any() {
    let file = |headers: &[&str]| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (place, header) in (0u16..).zip(headers) {
            sheet.write_string(0, place, *header).unwrap();
            sheet.write_string(1, place, "x").unwrap();
        }
        book.save_to_buffer().unwrap()
    };
    let refused = |headers: &[&str]| refused(members(ImportFormat::Xlsx, &file(headers)));
    assert_eq!(
        refused(&["外部系统", "外部编号", "星座"]),
        one("COLUMN_REFUSED", "UNKNOWN_COLUMN")
    );
    assert_eq!(
        refused(&["外部系统", "外部编号", "姓名", "Name"]),
        one("COLUMN_REFUSED", "COLUMN_TWICE")
    );
    assert_eq!(refused(&["姓名"]), one("COLUMN_REFUSED", "COLUMN_MISSING"));
    let many = vec!["姓名"; 300];
    assert_eq!(refused(&many), one("FILE_REFUSED", "TOO_MANY_COLUMNS"));
    assert_eq!(
        super::refused(members(ImportFormat::Xlsx, &book(|_| Ok(())))),
        one("FILE_REFUSED", "HEADER_ONLY")
    );
    let empty = Workbook::new().save_to_buffer();
    assert!(members(ImportFormat::Xlsx, &empty.unwrap()).is_err());
}

#[test]
fn more_cells_than_are_read_end_the_reading() {
    let file = book(|sheet| {
        for row in 1..=10 {
            sheet.write_string(row, 0, "hr")?.write_number(row, 1, f64::from(row))?;
        }
        Ok(())
    });
    let limits = Limits {
        cells: 12,
        ..Limits::default()
    };
    let rows = read_as(ImportKind::Member, ImportFormat::Xlsx, &file, limits).unwrap();
    let last = rows.last().unwrap();
    assert_eq!(told(last).1, one("CELL_REFUSED", "TOO_MANY_CELLS"));
    assert!(last.as_ref().unwrap_err().fatal && rows.len() < 6);
}

/// Rows of a large workbook; its names and numbers are all different, so that the texts which its cells share are many.
const LARGE: u32 = 100_000;
/// What reading it may take beyond the program itself, in KiB.
const BOUND: u64 = 64 * 1024;

#[test]
fn a_large_workbook_is_read_in_bounded_memory() {
    let name = "books::a_large_workbook_is_read_in_bounded_memory";
    if let Some(path) = std::env::var_os(ALONE) {
        return a_large_workbook_grows_little(std::path::Path::new(&path));
    }
    let path = std::env::temp_dir().join(format!("orglife-large-{}.xlsx", std::process::id()));
    let file = book(|sheet| {
        for row in 1..=LARGE {
            sheet
                .write_string(row, 0, "hr")?
                .write_string(row, 1, format!("E{row}"))?;
            sheet.write_string(row, 2, format!("甘{row}"))?;
            sheet.write_string(row, 3, "2015年3月9日")?;
        }
        Ok(())
    });
    std::fs::write(&path, file).unwrap();
    let told = alone(name, path.as_os_str());
    std::fs::remove_file(&path).unwrap();
    assert_eq!(told, None);
}

fn a_large_workbook_grows_little(path: &std::path::Path) {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let before = memory("VmHWM:");
    let rows = records(ImportKind::Member, ImportFormat::Xlsx, file, Limits::default()).unwrap();
    assert_eq!(rows.filter(|row| row.is_ok()).count(), LARGE as usize);
    let grown = memory("VmHWM:") - before;
    assert!(grown < BOUND, "{grown} KiB");
}
