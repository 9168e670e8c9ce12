//! Each mistake in a document is named by line, key and what is allowed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod forms;

use domain::rulebook::{LoadError, load};

use forms::OWN_DAYS;

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
    let book = load(&format!("{HEAD}{}", entry("own-days", "", DAYS))).unwrap();
    assert_eq!((book.entries.len(), book.entries[0].line), (1, 9));
}

#[test]
fn an_unknown_key_is_named_with_those_allowed() {
    let text = entry("own-a", "colour = \"red\"", DAYS);
    only(&text, 17, "entry[own-a].colour", "allowed are");
    only(&text, 17, "entry[own-a].colour", "effective_to");
}

#[test]
fn an_unknown_code_is_named_with_those_allowed() {
    let text = entry("own-a", "", DAYS).replace("\"MUST\"", "\"SHOULD\"");
    only(&text, 13, "entry[own-a].modality", "allowed are MUST, NORMALLY, MAY");
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
        &entry("own-a", "effective_to = \"2021-01-01\"", DAYS),
        17,
        "entry[own-a].effective_to",
        "without quotes",
    );
}

#[test]
fn a_bad_fraction_is_refused() {
    for bad in ["1/0", "3/2", "half", "0.5", "-1/2"] {
        let form = format!("threshold]\nmembers = {{ at_least = \"{bad}\", of = \"DUE\" }}");
        only(
            &entry("own-a", "", &form),
            19,
            "entry[own-a].threshold.members.at_least",
            "fraction",
        );
    }
    let both = "threshold]\nm = { at_least = \"1/2\", more_than = \"1/2\", of = \"DUE\" }";
    only(
        &entry("own-a", "", both),
        19,
        "entry[own-a].threshold.m",
        "either at_least or more_than",
    );
    let never = "threshold]\nm = { more_than = \"2/2\", of = \"DUE\" }";
    only(
        &entry("own-a", "", never),
        19,
        "entry[own-a].threshold.m.more_than",
        "can never be reached",
    );
}

#[test]
fn a_missing_key_stands_on_its_table() {
    let text = entry("own-a", "", DAYS).replace("heading = \"题\"\n", "");
    only(&text, 9, "entry[own-a].heading", "is missing");
    let errors = load("key = \"x\"").unwrap_err();
    assert!(
        errors
            .iter()
            .any(|error| error.key == "version" && error.message == "is missing")
    );
}

#[test]
fn a_duplicate_key_points_to_the_first() {
    let text = entry("own-a", "", DAYS) + &entry("own-a", "", DAYS);
    only(&text, 21, "entry[own-a]", "the entry on line 9 has it already");
}

#[test]
fn overlapping_versions_are_refused_and_touching_ones_are_not() {
    let first = entry("own-a", "effective_to = 2023-01-01", DAYS);
    only(
        &(first.clone() + &entry("own-a", "effective_from = 2022-12-31", DAYS)),
        21,
        "entry[own-a]",
        "overlaps the version on line 9",
    );
    let touching = first + &entry("own-a", "effective_from = 2023-01-01", DAYS);
    let book = load(&format!("{HEAD}{touching}")).unwrap();
    assert_eq!(book.versions("own-a").count(), 2);
}

#[test]
fn an_entry_has_exactly_one_form() {
    let none = entry("own-a", "", DAYS).replace("[entry.threshold]\ndays = 7\n", "");
    only(&none, 9, "entry[own-a]", "exactly one form");
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
fn selectors_that_nobody_fits_are_refused() {
    let to = |selectors: &str| entry("own-a", &format!("applies_to = {{ {selectors} }}"), DAYS);
    let facts = "entry[own-a].applies_to.facts";
    only(
        &to("facts = [\"HAS_COMMITTEE\", \"NO_COMMITTEE\"]"),
        17,
        facts,
        "exclude each other",
    );
    let groups = "organization_kinds = [\"PARTY_GROUP\"], facts = [\"HAS_COMMITTEE\"]";
    only(&to(groups), 17, facts, "no org of the kinds");
    let branches = "organization_kinds = [\"BRANCH\"], facts = [\"HOLDS_DEMOCRATIC_LIFE_MEETING\"]";
    only(&to(branches), 17, facts, "can have HOLDS_DEMOCRATIC_LIFE_MEETING");
    let size = "size = { count = \"FULL\", at_least = 7, at_most = 3 }";
    only(
        &to(size),
        17,
        "entry[own-a].applies_to.size.at_most",
        "not be less than at_least, which is 7",
    );
    only(
        &to("size = { count = \"FULL\" }"),
        17,
        "entry[own-a].applies_to.size.at_least",
        "at_least, at_most or both",
    );
    let leaders = "leadership = \"OTHERS_ONLY\", leaders_of = [\"COUNTY_COMMITTEE\"]";
    only(
        &to(leaders),
        17,
        "entry[own-a].applies_to.leaders_of",
        "allowed with LEADERS_ONLY",
    );
    let people = "applies_to = { leadership = \"LEADERS_ONLY\" }";
    let form = format!("cadence]\n{OWN_DAYS}\nperiod = \"YEAR\"\nmake_up_days = 0");
    only(
        &entry("a", people, &form),
        17,
        "entry[a].applies_to",
        "allowed with coverage, ladder, run_out, tariff and threshold",
    );
}

#[test]
fn advice_has_no_consequences() {
    let form = |then: &str| format!("deadline]\nfrom = \"OVERDUE\"\ndefault = \"P7D\"\nthen = \"{then}\"");
    for then in ["ESCALATE", "ALERT"] {
        let advice = entry("a", "", &form(then)).replace("\"MUST\"", "\"MAY\"");
        only(&advice, 13, "entry[a].modality", "allowed with MUST and NORMALLY");
    }
}

#[test]
fn what_is_the_deployment_s_is_named_by_a_parameter_of_a_rule_of_the_guideline() {
    let coverage = "coverage]\npair = \"MEMBERS\"\nmode = \"EACH_PAIR\"\nat_least_per_year = 4";
    let of = |origin: &str, name: &str| {
        entry("a", &format!("of_deployment = [\"{name}\"]"), coverage)
            .replace("\"DEPLOYMENT\"", &format!("\"{origin}\""))
    };
    only(
        &of("DEPLOYMENT", "at_least_per_year"),
        17,
        "entry[a].of_deployment",
        "for rules of the guideline",
    );
    only(
        &of("GUIDELINE", "per_year"),
        17,
        "entry[a].of_deployment",
        "allowed are",
    );
    assert!(load(&format!("{HEAD}{}", of("GUIDELINE", "at_least_per_year"))).is_ok());
}

#[test]
fn a_label_or_advice_in_one_language_only_is_refused() {
    let without = |text: &str| entry("own-a", "", DAYS).replacen(text, "", 1);
    only(&without(", en = \"Label\""), 15, "entry[own-a].label.en", "is missing");
    only(
        &without(", en = \"Advice\""),
        16,
        "entry[own-a].advice.en",
        "is missing",
    );
    only(
        &without("zh-CN = \"题\", "),
        15,
        "entry[own-a].label.zh-CN",
        "is missing",
    );
}

#[test]
fn a_key_given_twice_in_one_table_is_named_by_its_line() {
    let text = entry("own-a", "modality = \"MAY\"", DAYS);
    let errors = errors(&text);
    assert!(
        errors
            .iter()
            .any(|error| error.line == 17 && error.message.contains("duplicate key")),
        "{errors:?}"
    );
}

#[test]
fn an_entry_holds_within_its_document_s_time_and_begins_before_it_ends() {
    only(
        &entry("own-a", "effective_from = 2019-01-01", DAYS),
        9,
        "entry[own-a]",
        "before the document's, 2020-01-01",
    );
    only(
        &entry("own-a", "effective_to = 2019-01-01", DAYS),
        9,
        "entry[own-a]",
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
