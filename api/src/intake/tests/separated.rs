use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use domain::vocabulary::{ImportFormat, ImportKind};
use encoding_rs::GB18030;

use super::{Limits, alone, cell, csv, members, memory, one, read_as, records, refused, told};

const HEADER: &str = "外部系统,外部编号,姓名,入党日期\n";

fn rows(rest: &str) -> Vec<super::Row> {
    csv(format!("{HEADER}{rest}").as_bytes())
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(bytes)
        .collect()
}

#[test]
fn the_encodings_that_programs_write_are_told_apart() {
    let text = format!("{HEADER}hr,1,安禾屿,2015-03-09\n");
    let (gbk, _, lost) = GB18030.encode(&text);
    assert!(!lost);
    let files = [
        text.clone().into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        gbk.into_owned(),
        utf16(&text, u16::to_le_bytes),
        utf16(&text, u16::to_be_bytes),
    ];
    for (number, file) in files.iter().enumerate() {
        let rows = csv(file);
        assert_eq!(rows.len(), 1, "{number}");
        assert_eq!(
            (cell(&rows[0], "name"), cell(&rows[0], "system")),
            ("安禾屿", "hr"),
            "{number}"
        );
    }
}

#[test]
fn a_sign_of_no_encoding_ends_the_reading_at_its_row() {
    let mut file = format!("{HEADER}hr,1,安禾屿,\n").into_bytes();
    file.extend_from_slice(b"hr,2,\xff\xff\xff,\n");
    let rows = csv(&file);
    assert_eq!(cell(&rows[0], "name"), "安禾屿");
    assert_eq!(told(&rows[1]), (3, one("CELL_REFUSED", "ENCODING")));
    assert!(rows[1].as_ref().unwrap_err().fatal && rows.len() == 2);
    let without_mark: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        refused(members(ImportFormat::Csv, &without_mark)),
        one("FILE_REFUSED", "ENCODING")
    );
}

#[test]
fn commas_semicolons_and_tabs_part_values_and_line_ends_may_be_mixed() {
    for between in [",", ";", "\t"] {
        let file = "外部系统,外部编号,姓名\r\nhr,1,甲\rhr,2,乙\n\nhr,3,\"丙\n,;\t\"\r\n".replace(',', between);
        let rows = csv(file.as_bytes());
        let names: Vec<&str> = rows.iter().map(|row| cell(row, "name")).collect();
        assert_eq!(names[..2], ["甲", "乙"], "{between:?}");
        assert!(names[2].starts_with("丙\n"));
        // As a spreadsheet counts: the blank line is a row, a line's end within quotes is none.
        let numbers: Vec<u64> = rows.iter().map(|row| row.as_ref().unwrap().row).collect();
        assert_eq!(numbers, [2, 3, 5], "{between:?}");
    }
}

#[test]
fn quotes_and_our_own_apostrophes_are_taken_off() {
    let rows = rows("hr,'=1,\"say \"\"so\"\"\",\nhr,''x,  　乙 ,\n");
    assert_eq!(
        (cell(&rows[0], "externalId"), cell(&rows[0], "name")),
        ("=1", "say \"so\"")
    );
    assert_eq!((cell(&rows[1], "externalId"), cell(&rows[1], "name")), ("'x", "乙"));
}

#[test]
fn a_file_with_nothing_or_only_a_header_is_told_so() {
    for empty in ["", "\u{feff}", "  \r\n\n"] {
        assert_eq!(
            refused(members(ImportFormat::Csv, empty.as_bytes())),
            one("FILE_REFUSED", "EMPTY"),
            "{empty:?}"
        );
    }
    for header in [HEADER.to_owned(), format!("{HEADER},,,\n\n")] {
        assert_eq!(
            refused(members(ImportFormat::Csv, header.as_bytes())),
            one("FILE_REFUSED", "HEADER_ONLY")
        );
    }
}

#[test]
fn what_is_no_text_is_told_so() {
    let rubbish: Vec<u8> = (0..4000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    for file in [rubbish, b"PK\x03\x04rest".to_vec()] {
        assert_eq!(
            refused(members(ImportFormat::Csv, &file)),
            one("FILE_REFUSED", "BINARY")
        );
    }
    let rows = rows("hr,1,a\0b,\nhr,2,c,\n");
    assert_eq!(told(&rows[0]), (2, one("CELL_REFUSED", "NUL")));
    assert_eq!(cell(&rows[1], "name"), "c");
}

#[test]
fn columns_that_are_unknown_double_or_missing_are_told_before_any_row() {
    let refused = |header: &str| refused(members(ImportFormat::Csv, format!("{header}\nx,y,z\n").as_bytes()));
    assert_eq!(
        refused("外部系统,外部编号,星座"),
        one("COLUMN_REFUSED", "UNKNOWN_COLUMN")
    );
    assert_eq!(
        refused("外部系统,外部编号,External id"),
        one("COLUMN_REFUSED", "COLUMN_TWICE")
    );
    assert_eq!(refused("姓名"), one("COLUMN_REFUSED", "COLUMN_MISSING"));
    assert_eq!(refused("外部编号,姓名"), one("COLUMN_REFUSED", "COLUMN_MISSING"));
    let many = vec!["姓名"; 201].join(",");
    assert_eq!(refused(&many), one("FILE_REFUSED", "TOO_MANY_COLUMNS"));
}

#[test]
fn a_mapping_names_columns_and_passes_others_over() {
    let mapping = BTreeMap::from([
        ("工号".to_owned(), "externalId".to_owned()),
        ("来源".to_owned(), "system".to_owned()),
        ("备注".to_owned(), String::new()),
    ]);
    let limits = Limits {
        mapping,
        ..Limits::default()
    };
    let rows = read_as(
        ImportKind::Member,
        ImportFormat::Csv,
        "来源,工号,备注\nhr,7,别的\n".as_bytes(),
        limits,
    )
    .unwrap();
    assert_eq!(cell(&rows[0], "externalId"), "7");
    assert_eq!(rows[0].as_ref().unwrap().cells.len(), 2);
}

#[test]
fn a_cell_beyond_the_headers_refuses_its_row_only() {
    let rows = rows("hr,1,甲,2015-03-09,多余\nhr,2,乙,,\n");
    assert_eq!(told(&rows[0]), (2, one("CELL_REFUSED", "BEYOND_HEADER")));
    assert_eq!(rows[0].as_ref().unwrap_err().problems[0].params["detail"], "E");
    assert_eq!(cell(&rows[1], "name"), "乙");
}

#[test]
fn the_later_of_two_rows_about_one_member_is_refused_and_names_the_earlier() {
    let rows = rows("hr,1,甲,\nhr,2,乙,\nhr,1,丙,\nhr,1,丁,\n");
    for (number, row) in [(2, 4), (3, 5)] {
        assert_eq!(told(&rows[number]), (row, one("INVALID", "DUPLICATE")));
        let problem = &rows[number].as_ref().unwrap_err().problems[0];
        assert_eq!(problem.params["earlier"], "2");
        assert!(problem.message(domain::vocabulary::Language::ZhCn).contains("第 2 行"));
    }
}

#[test]
fn a_file_that_ends_in_the_middle_is_refused_at_its_last_row() {
    for cut in [
        "hr,1,甲,2015-03-09\nhr,2,\"乙",
        "hr,1,甲,2015-03-09\nhr,2",
        "hr,1,甲,2015-03-09\nhr,2,\"乙\n丙,\n",
    ] {
        let rows = rows(cut);
        assert_eq!(cell(&rows[0], "name"), "甲");
        let last = rows.last().unwrap();
        assert_eq!(told(last), (3, one("CELL_REFUSED", "CUT")), "{cut}");
        assert!(last.as_ref().unwrap_err().fatal && rows.len() == 2, "{cut}");
    }
    let whole = rows("hr,1,甲,2015-03-09\nhr,2,乙,2015-03-09");
    assert!(whole.iter().all(Result::is_ok) && whole.len() == 2);
}

#[test]
fn a_row_longer_than_a_mebibyte_ends_the_reading() {
    for long in [
        "x".repeat(1_100_000),
        format!("\"{}\"", "x\n".repeat(600_000)),
        format!("\"{}", "y".repeat(3_000_000)),
    ] {
        let rows = rows(&format!("hr,1,甲,\nhr,2,{long},\nhr,3,丙,\n"));
        assert_eq!(cell(&rows[0], "name"), "甲");
        assert_eq!(told(rows.last().unwrap()), (3, one("CELL_REFUSED", "TOO_LONG_ROW")));
        assert_eq!(rows.len(), 2);
    }
}

#[test]
fn more_rows_than_are_taken_end_the_reading() {
    let limits = Limits {
        rows: 2,
        ..Limits::default()
    };
    let file = format!("{HEADER}hr,1,甲,\nhr,2,乙,\nhr,3,丙,\n");
    let rows = read_as(ImportKind::Member, ImportFormat::Csv, file.as_bytes(), limits).unwrap();
    assert_eq!(told(&rows[2]), (4, one("CELL_REFUSED", "TOO_MANY_ROWS")));
    assert_eq!(rows.len(), 3);
}

/// Rows without end, made while they are read.
struct Endless {
    header: bool,
    row: u64,
    left: u64,
    line: Vec<u8>,
}

impl Read for Endless {
    fn read(&mut self, place: &mut [u8]) -> std::io::Result<usize> {
        if self.line.is_empty() && self.left > 0 {
            self.line = if self.header {
                self.header = false;
                HEADER.as_bytes().to_vec()
            } else {
                self.row += 1;
                format!("hr,{},{},2015年3月9日\r\n", self.row, "安".repeat(60)).into_bytes()
            };
            self.left = self.left.saturating_sub(self.line.len() as u64);
        }
        let taken = place.len().min(self.line.len());
        place[..taken].copy_from_slice(&self.line[..taken]);
        self.line.drain(..taken);
        Ok(taken)
    }
}

impl Seek for Endless {
    fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
        Err(std::io::Error::other("it is read once"))
    }
}

#[test]
fn a_long_file_is_read_in_the_memory_of_a_short_one() {
    let name = "separated::a_long_file_is_read_in_the_memory_of_a_short_one";
    if alone(name, "1".as_ref()).is_some() {
        a_long_file_grows_nothing();
    }
}

fn a_long_file_grows_nothing() {
    let source = Endless {
        header: true,
        row: 0,
        left: 48 * 1024 * 1024,
        line: Vec::new(),
    };
    let mut rows = records(ImportKind::Member, ImportFormat::Csv, source, Limits::default()).unwrap();
    let mut read = 0u64;
    assert!(rows.by_ref().take(1000).all(|row| row.is_ok()));
    let before = memory("VmRSS:");
    for row in rows {
        assert!(row.is_ok());
        read += 1;
    }
    let grown = memory("VmRSS:").saturating_sub(before);
    assert!(read > 200_000, "{read}");
    // Sixteen bytes a row tell duplicates.
    assert!(grown < 32 * 1024, "{grown} KiB more for {read} rows");
}
