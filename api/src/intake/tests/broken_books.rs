//! Archives that are no workbooks, or more than one can take.

use std::io::{Cursor, Write as _};

use domain::vocabulary::ImportFormat;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::books::book;
use super::{members, one, refused, told};

const SHEET: &str = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>";
const HEADER: &str = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>外部系统</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>外部编号</t></is></c><c r=\"C1\" t=\"inlineStr\"><is><t>入党日期</t></is></c></row>";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook from its parts: the rows of its sheet, a part more, whether it counts from 1904.
fn made(rows: &str, more: &[(&str, Vec<u8>)], from_1904: bool) -> Vec<u8> {
    let properties = if from_1904 { "<workbookPr date1904=\"1\"/>" } else { "" };
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_vec()),
        ("_rels/.rels".to_owned(), format!("<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>").into_bytes()),
        ("xl/workbook.xml".to_owned(), format!("<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{OFFICE}\">{properties}<sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>").into_bytes()),
        ("xl/_rels/workbook.xml.rels".to_owned(), format!("<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>").into_bytes()),
        ("xl/worksheets/sheet1.xml".to_owned(), SHEET.replace("{rows}", &format!("{HEADER}{rows}")).into_bytes()),
    ];
    parts.extend(more.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const ROW: &str = "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>hr</t></is></c><c r=\"B2\"><v>7</v></c><c r=\"C2\"><v>40610</v></c></row>";

fn flaw(file: &[u8]) -> Vec<(String, String)> {
    refused(members(ImportFormat::Xlsx, file))
}

#[test]
fn a_workbook_that_counts_from_1904_is_read_so() {
    for (from_1904, day) in [(true, "2015-03-09"), (false, "2011-03-08")] {
        let rows = members(ImportFormat::Xlsx, &made(ROW, &[], from_1904)).unwrap();
        assert_eq!(super::cell(&rows[0], "joinedOn"), day);
    }
}

#[test]
fn what_is_no_workbook_is_told_as_what_it_is() {
    assert_eq!(flaw(b""), one("FILE_REFUSED", "EMPTY"));
    assert_eq!(
        flaw("外部系统,外部编号".as_bytes()),
        one("FILE_REFUSED", "NOT_A_WORKBOOK")
    );
    let old = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 2000]].concat();
    assert_eq!(flaw(&old), one("FILE_REFUSED", "OLD_WORKBOOK"));
    // The name lies across the border of what is read at once.
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_password = [&old[..8], &vec![0; 64 * 1024 - 20], &name[..], &[0; 100]].concat();
    assert_eq!(flaw(&with_password), one("FILE_REFUSED", "ENCRYPTED"));
    let mut plain = ZipWriter::new(Cursor::new(Vec::new()));
    plain.start_file("readme.txt", SimpleFileOptions::default()).unwrap();
    plain.write_all(b"nothing").unwrap();
    assert!(members(ImportFormat::Xlsx, &plain.finish().unwrap().into_inner()).is_err());
}

#[test]
fn a_workbook_that_ends_in_the_middle_is_refused() {
    let whole = made(ROW, &[], false);
    for length in [10, whole.len() / 2, whole.len() - 1] {
        assert_eq!(flaw(&whole[..length]), one("FILE_REFUSED", "CUT"), "{length}");
    }
    let mut broken = whole.clone();
    let middle = whole.len() / 3;
    for byte in &mut broken[middle..middle + 40] {
        *byte ^= 0x55;
    }
    assert!(members(ImportFormat::Xlsx, &broken).is_err());
    let in_the_rows = SHEET
        .split("</sheetData>")
        .next()
        .unwrap()
        .replace("{rows}", &format!("{HEADER}{ROW}<row r=\"3\"><c r=\"A3\""));
    let parts = made("", &[("xl/worksheets/sheet1.XML", in_the_rows.into_bytes())], false);
    // Two parts under one name: whichever is taken, nothing is made of half a sheet.
    let _ = members(ImportFormat::Xlsx, &parts);
}

#[test]
fn an_archive_of_20_000_entries_is_not_opened() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..20_000 {
        archive
            .start_file(format!("{number}"), SimpleFileOptions::default())
            .unwrap();
    }
    assert_eq!(
        flaw(&archive.finish().unwrap().into_inner()),
        one("FILE_REFUSED", "TOO_MANY_PARTS")
    );
}

#[test]
fn an_archive_that_expands_is_not_unfolded_to_its_end() {
    let zeros = vec![b' '; 80 * 1024 * 1024];
    let file = made(ROW, &[("xl/media/a.bin", zeros)], false);
    assert!(file.len() < 200_000, "{}", file.len());
    assert_eq!(flaw(&file), one("FILE_REFUSED", "TOO_LARGE"));
}

#[test]
fn parts_that_ask_for_more_than_they_hold_are_refused() {
    let strings = |count: &str| format!("<sst uniqueCount=\"{count}\"><si><t>a</t></si></sst>").into_bytes();
    for count in ["99999999999", "99999999999999999999999999", "4000000000"] {
        let file = made(ROW, &[("xl/sharedStrings.xml", strings(count))], false);
        assert_eq!(flaw(&file), one("FILE_REFUSED", "TOO_LARGE"), "{count}");
    }
    let wide: Vec<u8> = "<sst uniqueCount=\"99999999999\"/>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        flaw(&made(ROW, &[("xl/sharedStrings.xml", wide)], false)),
        one("FILE_REFUSED", "BROKEN")
    );
    let noise: String = (0..40_000u32)
        .map(|n| format!("<!--{}-->", n.wrapping_mul(2_654_435_761)))
        .collect();
    let styles = format!(
        "<styleSheet>{noise}<cellXfs>{}</cellXfs></styleSheet>",
        "<xf/>".repeat(70_000)
    );
    let file = made(ROW, &[("xl/styles.xml", styles.into_bytes())], false);
    assert_eq!(flaw(&file), one("FILE_REFUSED", "TOO_LARGE"));
}

#[test]
fn rows_that_go_back_and_places_that_are_none_end_the_reading() {
    let back = format!("{ROW}<row r=\"3\"><c r=\"A1\"><v>1</v></c></row>");
    let rows = members(ImportFormat::Xlsx, &made(&back, &[], false)).unwrap();
    let last = rows.last().unwrap();
    assert_eq!(told(last).1, one("CELL_REFUSED", "BROKEN"));
    for place in ["ZZZZZZZZZZ1", "A99999999999", "1", "", "A0", "é1"] {
        let bad = format!("{ROW}<row r=\"3\"><c r=\"{place}\"><v>1</v></c></row>");
        let read = members(ImportFormat::Xlsx, &made(&bad, &[], false)).unwrap();
        assert!(read.last().unwrap().is_err(), "{place}");
    }
}

#[test]
fn error_cells_are_told_as_such() {
    let row =
        "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>hr</t></is></c><c r=\"B2\" t=\"e\"><v>#N/A</v></c></row>";
    let rows = members(ImportFormat::Xlsx, &made(row, &[], false)).unwrap();
    assert_eq!(told(&rows[0]), (2, one("CELL_REFUSED", "ERROR_VALUE")));
}

#[test]
fn whatever_is_flipped_in_a_workbook_it_is_refused_or_read_but_never_more() {
    let whole = book(|sheet| {
        sheet.write_string(1, 0, "hr")?.write_string(1, 1, "1")?;
        Ok(())
    });
    for number in 0..300usize {
        let mut file = whole.clone();
        let place = number.wrapping_mul(7919) % file.len();
        file[place] ^= u8::try_from(number % 255 + 1).unwrap();
        if let Ok(rows) = members(ImportFormat::Xlsx, &file) {
            assert!(rows.len() <= 2);
        }
    }
}
