//! Each mistake in a document is named by line, key and what is allowed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::rulebook::{LoadError, load};

const HEAD: &str = r#"key = "test"
version = 1
issued_on = 2020-01-01
effective_from = 2020-01-01
precedence = "LOCAL"
title = { zh-CN = "题", en = "Title" }
issuer = { zh-CN = "某委", en = "Issuer" }
"#;

/// Twelve lines with the blank one before it; the form follows on line 20 of a document with one entry.
fn entry(key: &str, dates: &str, form: &str) -> String {
    format!(
        r#"
[[entry]]
key = "{key}"
clause = "G1.1a"
heading = "题"
modality = "MUST"
origin = "DEPLOYMENT"
label = {{ zh-CN = "题", en = "Label" }}
advice = {{ zh-CN = "题", en = "Advice" }}
{dates}
[entry.{form}
"#
    )
}

fn errors(entries: &str) -> Vec<LoadError> {
    load(&format!("{HEAD}{entries}")).unwrap_err()
}

#[track_caller]
fn only(entries: &str, line: usize, key: &str, message: &str) {
    let errors = errors(entries);
    let [error] = errors.as_slice() else {
        panic!("{errors:#?}")
    };
    assert_eq!((error.line, error.key.as_str()), (line, key), "{error}");
    assert!(error.message.contains(message), "{error}");
}

const DAYS: &str = "threshold]\ndays = 7";

#[test]
fn the_frame_of_these_tests_is_right() {
    let book = load(&format!("{HEAD}{}", entry("days", "", DAYS))).unwrap();
    assert_eq!((book.entries.len(), book.entries[0].line), (1, 9));
}

#[test]
fn an_unknown_key_is_named_with_those_allowed() {
    let text = entry("a", "colour = \"red\"", DAYS);
    only(&text, 17, "entry[a].colour", "allowed are");
    only(&text, 17, "entry[a].colour", "effective_to");
}

#[test]
fn an_unknown_code_is_named_with_those_allowed() {
    let text = entry("a", "", DAYS).replace("\"MUST\"", "\"SHOULD\"");
    only(&text, 13, "entry[a].modality", "allowed are MUST, NORMALLY, MAY");
}

#[test]
fn a_wrong_type_says_which_is_right() {
    let text = entry(
        "a",
        "",
        "coverage]\npair = \"MEMBERS\"\nmode = \"EACH_PAIR\"\nat_least_per_year = \"one\"",
    );
    only(&text, 21, "entry[a].coverage.at_least_per_year", "whole number from 1");
    only(
        &entry("a", "effective_to = \"2021-01-01\"", DAYS),
        17,
        "entry[a].effective_to",
        "without quotes",
    );
}

#[test]
fn a_bad_fraction_is_refused() {
    for bad in ["1/0", "3/2", "half", "0.5", "-1/2"] {
        let text = entry(
            "a",
            "",
            &format!("threshold]\nmembers = {{ at_least = \"{bad}\", of = \"DUE\" }}"),
        );
        only(&text, 19, "entry[a].threshold.members.at_least", "fraction");
    }
    let both = entry(
        "a",
        "",
        "threshold]\nm = { at_least = \"1/2\", more_than = \"1/2\", of = \"DUE\" }",
    );
    only(&both, 19, "entry[a].threshold.m", "either at_least or more_than");
}

#[test]
fn a_missing_key_stands_on_its_table() {
    let text = entry("a", "", DAYS).replace("heading = \"题\"\n", "");
    only(&text, 9, "entry[a].heading", "is missing");
    let errors = load("key = \"x\"").unwrap_err();
    assert!(
        errors
            .iter()
            .any(|error| error.key == "version" && error.message == "is missing")
    );
}

#[test]
fn a_duplicate_key_points_to_the_first() {
    let text = entry("a", "", DAYS) + &entry("a", "", DAYS);
    only(&text, 21, "entry[a]", "the entry on line 9 has it already");
}

#[test]
fn overlapping_versions_are_refused_and_touching_ones_are_not() {
    let first = entry("a", "effective_to = 2023-01-01", DAYS);
    only(
        &(first.clone() + &entry("a", "effective_from = 2022-12-31", DAYS)),
        21,
        "entry[a]",
        "overlaps the version on line 9",
    );
    let touching = first + &entry("a", "effective_from = 2023-01-01", DAYS);
    let book = load(&format!("{HEAD}{touching}")).unwrap();
    assert_eq!(book.versions("a").count(), 2);
}

#[test]
fn an_entry_has_exactly_one_form() {
    let none = entry("a", "", DAYS).replace("[entry.threshold]\ndays = 7\n", "");
    only(&none, 9, "entry[a]", "exactly one form");
    let two = entry(
        "a",
        "",
        "threshold]\ndays = 7\n[entry.stages]\norder = [{ stage = \"STUDY\" }]",
    );
    only(
        &two,
        9,
        "entry[a]",
        "cadence, coverage, ladder, run_out, stages, deadline, vote, tariff, threshold",
    );
}

#[test]
fn a_cadence_must_find_its_defaults() {
    let cadence = "cadence]\nactivities = [\"PARTY_LECTURE\"]\nat_least = 1\nperiod = \"QUARTER\"";
    only(&entry("a", "", cadence), 9, "entry[a]", "due-soon-days");
}

#[test]
fn what_contradicts_itself_is_refused() {
    let steps =
        "ladder]\nevent = \"UNEXCUSED_ABSENCE\"\nunexcused = [\"UNEXCUSED\"]\nneutral = [\"UNEXCUSED\"]\nbreaks = []\n";
    let one = "{ in_a_row = 2, measure = \"REMINDER\", decider = \"SECRETARY\" }";
    only(
        &entry("a", "", &format!("{steps}steps = [{one}]")),
        9,
        "entry[a]",
        "one of unexcused, neutral and breaks only",
    );
    only(
        &entry("a", "", &format!("{steps}steps = [{one}, {one}]")),
        9,
        "entry[a]",
        "must rise",
    );
    let stages = "stages]\norder = [{ stage = \"VERDICT\", needs = [\"STUDY\"] }, { stage = \"STUDY\" }]";
    only(&entry("a", "", stages), 9, "entry[a]", "must stand before it");
    let deadline = "deadline]\nfrom = \"TASK_SET\"\ndefault = \"P2Y\"\nmaximum = \"P1Y\"\nthen = \"ALERT\"";
    only(&entry("a", "", deadline), 9, "entry[a]", "maximum must not be shorter");
    let tariff = "tariff]\nmethod = \"SLAB\"\nrounding = \"DOWN\"\nbrackets = [{ up_to_fen = 5, amount_fen = 1 }]";
    only(
        &entry("a", "", tariff),
        9,
        "entry[a]",
        "only the last one has no up_to_fen",
    );
    only(
        &entry("a", "effective_to = 2019-01-01", DAYS),
        9,
        "entry[a]",
        "later than effective_from",
    );
}

#[test]
fn all_mistakes_come_at_once_and_broken_toml_names_its_line() {
    let text = entry("A b", "colour = 1", "threshold]\ndays = 7.5");
    assert_eq!(
        errors(&text).iter().map(|error| error.line).collect::<Vec<_>>(),
        [10, 17, 19]
    );
    let broken = load("key = \"a\"\nversion = = 1").unwrap_err();
    assert!(
        broken.iter().any(|error| error.line == 2 && error.key == "document"),
        "{broken:?}"
    );
}
