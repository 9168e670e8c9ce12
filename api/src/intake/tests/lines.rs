use domain::vocabulary::ImportFormat;

use super::{cell, members, one, refused, told};

fn lines(text: &str) -> Vec<super::Row> {
    members(ImportFormat::Jsonl, text.as_bytes()).expect("a file that is read")
}

#[test]
fn objects_have_the_keys_of_the_api_or_the_headers_of_the_template() {
    let rows = lines(
        "{\"system\":\"hr\",\"externalId\":7,\"name\":\"甲\"}\r\n\n{\"外部系统\":\"hr\",\"外部编号\":\"8\",\"姓名\":\"乙\",\"转正日期\":null}",
    );
    assert_eq!((cell(&rows[0], "externalId"), cell(&rows[0], "name")), ("7", "甲"));
    assert_eq!((cell(&rows[1], "externalId"), cell(&rows[1], "name")), ("8", "乙"));
    assert_eq!(rows[1].as_ref().unwrap().row, 3);
}

#[test]
fn what_a_line_has_that_it_cannot_have_refuses_that_line() {
    let good = "{\"system\":\"hr\",\"externalId\":\"1\"}";
    let cases = [
        (
            "{\"externalId\":\"2\",\"sign\":\"x\"}",
            "COLUMN_REFUSED",
            "UNKNOWN_COLUMN",
        ),
        ("{\"name\":\"a\",\"姓名\":\"b\"}", "COLUMN_REFUSED", "COLUMN_TWICE"),
        ("{\"name\":{\"first\":\"a\"}}", "CELL_REFUSED", "NOT_TEXT"),
        (
            "{\"identityNumber\":330402198001010019999}",
            "CELL_REFUSED",
            "DIGITS_LOST",
        ),
        ("{\"name\":\"a\\u0000b\"}", "CELL_REFUSED", "NUL"),
        ("[1,2]", "CELL_REFUSED", "NOT_JSON"),
        ("{\"name\":", "CELL_REFUSED", "NOT_JSON"),
        ("name,system", "CELL_REFUSED", "NOT_JSON"),
    ];
    for (line, code, reason) in cases {
        let rows = lines(&format!("{line}\n{good}\n"));
        assert_eq!(told(&rows[0]), (1, one(code, reason)), "{line}");
        assert_eq!(cell(&rows[1], "externalId"), "1", "{line}");
    }
}

#[test]
fn a_line_longer_than_a_mebibyte_is_passed_over_and_told() {
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(1_200_000));
    let rows = lines(&format!("{long}\n{{\"system\":\"hr\",\"externalId\":\"1\"}}\n"));
    assert_eq!(told(&rows[0]), (1, one("CELL_REFUSED", "TOO_LONG_ROW")));
    assert_eq!(cell(&rows[1], "externalId"), "1");
}

#[test]
fn a_file_that_ends_in_the_middle_is_refused_at_its_last_line() {
    let rows = lines("{\"system\":\"hr\",\"externalId\":\"1\"}\n{\"system\":\"hr\",\"exter");
    assert_eq!(told(&rows[1]), (2, one("CELL_REFUSED", "CUT")));
    assert!(rows[1].as_ref().unwrap_err().fatal);
    assert_eq!(refused(members(ImportFormat::Jsonl, b"")), one("FILE_REFUSED", "EMPTY"));
}

#[test]
fn nesting_without_end_is_no_object() {
    let rows = lines(&format!("{}\n", "[".repeat(500_000)));
    assert_eq!(told(&rows[0]), (1, one("CELL_REFUSED", "NOT_JSON")));
}
