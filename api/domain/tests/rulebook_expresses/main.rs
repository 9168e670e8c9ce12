//! What later rules and a city's own needs ask of the format, one scenario each: written as data, judged by the evaluator.
//! No code is needed for any of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test crate uses its part of the fixtures")]
#[path = "../fixtures/mod.rs"]
mod fixtures;

macro_rules! form {
    ($entry:expr, $form:ident) => {
        match &$entry.form {
            domain::rulebook::Form::$form(form) => form,
            other => panic!("{:?}", other.kind()),
        }
    };
}

mod decided;
mod owed;

use domain::obligation::{Deviation, Facts, Finding, HeldActivity, OrganizationFacts, judge_all};
use domain::rulebook::words::*;
use domain::rulebook::{Books, Entry, Rulebook, load};
use domain::vocabulary::*;
use fixtures::{branch, day};

/// A document with these entries, with the head that most scenarios share.
fn book(entries: &str) -> Rulebook {
    document("CENTRAL", entries)
}

fn document(precedence: &str, entries: &str) -> Rulebook {
    let head = format!(
        r#"
key = "later"
version = 3
issued_on = 2018-10-28
effective_from = 2018-10-28
precedence = "{precedence}"
title = {{ zh-CN = "条例", en = "Regulations" }}
issuer = {{ zh-CN = "中央", en = "Centre" }}
"#
    );
    load(&format!("{head}{entries}")).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// One entry: `head` are further keys of it, `form` begins with the form's name.
fn entry(key: &str, modality: &str, head: &str, form: &str) -> String {
    format!(
        r#"
[[entry]]
key = "{key}"
clause = "art. 11"
heading = "题"
modality = "{modality}"
origin = "DEPLOYMENT"
label = {{ zh-CN = "题", en = "Label" }}
advice = {{ zh-CN = "题", en = "Advice" }}
{head}
[entry.{form}
"#
    )
}

/// A cadence with its own days, so that a document needs no defaults.
fn cadence(counted: &str, recurrence: &str) -> String {
    format!(
        "cadence]\n{counted}\nat_least = 1\n{recurrence}\ndue_soon_days = 7\nfiling_days = 7\nmake_up_days = 0\n\
         held = {{ at_least = \"1/2\", of = \"EXPECTED\" }}"
    )
}

const LECTURES: &str = "activities = [\"PARTY_LECTURE\"]";
const LIFE: &str = "act = \"ORGANIZATIONAL_LIFE_MEETING\"";

fn judged(book: &Rulebook, organization: &OrganizationFacts, held: &[HeldActivity], today: &str) -> Vec<Finding> {
    judged_with(book, organization, held, &[], today)
}

fn judged_with(
    book: &Rulebook,
    organization: &OrganizationFacts,
    held: &[HeldActivity],
    deviations: &[Deviation],
    today: &str,
) -> Vec<Finding> {
    let facts = Facts {
        organization,
        held,
        deviations,
        acts: ActKind::ALL,
        below: &[],
    };
    judge_all(
        &facts,
        &Books::from(book),
        day("2026-01-01"),
        day("2027-01-01"),
        day(today),
    )
}

fn statuses(findings: &[Finding], rule: &str) -> Vec<(String, ObligationStatus)> {
    let own = findings.iter().filter(|finding| finding.rule == rule);
    own.map(|finding| (finding.period.code(), finding.status)).collect()
}

fn status(findings: &[Finding], rule: &str, period: &str) -> ObligationStatus {
    let found = statuses(findings, rule);
    found
        .iter()
        .find(|(code, _)| code == period)
        .unwrap_or_else(|| panic!("{rule} {period}: {found:?}"))
        .1
}

fn only(book: &Rulebook) -> &Entry {
    assert_eq!(book.entries.len(), 1);
    &book.entries[0]
}

#[test]
fn thing_14_every_result_cites_its_article() {
    let head = "cites = [{ document = \"PC-2017\", article = \"9\" }]";
    let book = book(&entry(
        "quoted",
        "MUST",
        head,
        &cadence(LECTURES, "period = \"QUARTER\""),
    ));
    let found = judged(&book, &branch(), &[], "2026-02-01");
    let basis = &found[0].basis;
    assert_eq!(
        (
            basis.rulebook.as_str(),
            basis.rulebook_version,
            basis.entry.as_str(),
            basis.clause.as_str()
        ),
        ("later", 3, "quoted", "art. 11")
    );
    let cited = &only(&book).cites[0];
    assert_eq!((cited.document.as_str(), cited.article.as_str()), ("PC-2017", "9"));
}
