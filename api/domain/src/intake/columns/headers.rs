//! Headers of a file, matched with columns.

use std::collections::{BTreeMap, BTreeSet};

use super::{Column, column, columns, needed};
use crate::intake::flaw::IntakeFlaw;
use crate::intake::values::narrow;
use crate::problem::Problem;
use crate::vocabulary::{ImportKind, Language};

/// The column at each place of a file; none where the caller has it passed over.
pub type Headings = Vec<Option<&'static Column>>;

/// A header as it is compared: no matter which case, width or brackets, with blanks or without.
#[must_use]
pub fn header_key(text: &str) -> String {
    let kept = narrow(text).to_lowercase();
    let kept = kept.chars().filter(|c| !c.is_whitespace() && !c.is_control());
    let kept = kept.filter(|c| {
        !matches!(
            c,
            '_' | '-' | '*' | '(' | ')' | '[' | ']' | ':' | '\u{200b}'..='\u{200f}' | '\u{feff}'
        )
    });
    kept.collect()
}

fn named(kind: ImportKind, header: &str) -> Option<&'static Column> {
    let wanted = header_key(header);
    columns(kind).iter().find(|column| {
        let own = [column.key, column.chinese, column.english];
        own.iter().chain(column.also).any(|name| header_key(name) == wanted)
    })
}

/// The column that a header names; the caller's own mapping goes before. A header mapped to nothing is passed over.
///
/// # Errors
/// No such column.
pub fn heading(
    kind: ImportKind,
    header: &str,
    mapping: &BTreeMap<String, String>,
) -> Result<Option<&'static Column>, Problem> {
    let wanted = header_key(header);
    let mapped = mapping.iter().find(|(name, _)| header_key(name) == wanted);
    match mapped {
        Some((_, key)) if key.is_empty() => Ok(None),
        Some((_, key)) => column(kind, key)
            .map(Some)
            .ok_or_else(|| IntakeFlaw::UnknownColumn.of_column(key)),
        None => named(kind, header)
            .map(Some)
            .ok_or_else(|| IntakeFlaw::UnknownColumn.of_column(header)),
    }
}

/// The columns that a file's headers name, in their order.
///
/// # Errors
/// Every header that is unknown or there twice, and columns without which no row can be told.
pub fn headings(
    kind: ImportKind,
    headers: &[String],
    mapping: &BTreeMap<String, String>,
) -> Result<Headings, Vec<Problem>> {
    let (mut found, mut seen, mut problems) = (Vec::new(), BTreeSet::new(), Vec::new());
    for header in headers {
        if header.trim().is_empty() {
            found.push(None);
            continue;
        }
        match heading(kind, header, mapping) {
            Ok(Some(column)) if !seen.insert(column.key) => problems.push(IntakeFlaw::ColumnTwice.of_column(header)),
            Ok(column) => found.push(column),
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(absent(kind, &seen));
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// The columns that are missing.
fn absent(kind: ImportKind, seen: &BTreeSet<&'static str>) -> Vec<Problem> {
    let groups = needed(kind)
        .iter()
        .filter(|group| !group.iter().any(|key| seen.contains(key)));
    // What other systems call things needs the system that does.
    let external = |key: &&&str| key.contains("xternalId") && column(kind, key).is_some_and(Column::is_offered);
    let names = groups.filter_map(|group| group.first());
    let system = seen
        .iter()
        .find(|key| external(key))
        .filter(|_| !seen.contains("system"));
    let wanted = names.copied().chain(system.map(|_| "system"));
    let wanted = wanted.filter_map(|key| column(kind, key));
    wanted
        .map(|column| {
            IntakeFlaw::ColumnMissing
                .of_column(column.header(Language::ZhCn))
                .with("key", column.key)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_to_two_columns_of_a_kind() {
        for kind in ImportKind::ALL {
            let mut seen = BTreeMap::new();
            for column in columns(*kind) {
                let own = [column.key, column.chinese, column.english];
                let names: BTreeSet<String> = own.iter().chain(column.also).map(|name| header_key(name)).collect();
                for name in names {
                    assert_eq!(seen.insert(name.clone(), column.key), None, "{kind}: {name}");
                }
            }
        }
    }

    #[test]
    fn a_header_is_known_in_either_language_whatever_its_width_case_and_blanks() {
        let none = BTreeMap::new();
        for header in ["姓名", " 姓 名 ", "NAME", "ｎａｍｅ", "*姓名", "党员姓名"] {
            let found = heading(ImportKind::Member, header, &none).unwrap().unwrap();
            assert_eq!(found.key, "name", "{header}");
        }
        for header in ["Joined on", "joined_on", "joinedOn", "入党时间"] {
            assert_eq!(
                heading(ImportKind::Member, header, &none).unwrap().unwrap().key,
                "joinedOn"
            );
        }
    }

    #[test]
    fn unknown_double_and_missing_columns_are_told_together() {
        let headers = ["姓名", "Name", "积分"].map(ToOwned::to_owned);
        let problems = headings(ImportKind::Member, &headers, &BTreeMap::new()).unwrap_err();
        let reasons: Vec<(&str, &str)> = problems
            .iter()
            .map(|problem| (problem.params["reason"].as_str(), problem.params["column"].as_str()))
            .collect();
        assert_eq!(
            reasons,
            [
                ("COLUMN_TWICE", "Name"),
                ("UNKNOWN_COLUMN", "积分"),
                ("COLUMN_MISSING", "外部编号")
            ]
        );
    }

    #[test]
    fn the_callers_mapping_goes_before_and_may_pass_a_column_over() {
        let mapping = BTreeMap::from([
            ("工号".to_owned(), "externalId".to_owned()),
            ("备注".to_owned(), String::new()),
        ]);
        let headers = ["工号", "备注", "外部系统"].map(ToOwned::to_owned);
        let found = headings(ImportKind::Member, &headers, &mapping).unwrap();
        let keys: Vec<Option<&str>> = found.iter().map(|column| column.map(|column| column.key)).collect();
        assert_eq!(keys, [Some("externalId"), None, Some("system")]);
    }
}
