//! Versions of rules and rulebooks over time (spec 2): the same key in the next version does not cut a period, and a change
//! of rulebook restarts nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test crate uses its part of the fixtures")]
mod fixtures;

use domain::obligation::{Facts, Finding, HeldActivity, NotOwedReason, OrganizationFacts, judge, judge_all};
use domain::rulebook::words::ActKind;
use domain::rulebook::{Books, JIAXING_2015, Rulebook, load};
use domain::vocabulary::*;
use fixtures::{book, branch, day, general, held};

/// The shipped book as a city's own: other keys and numbers after `change`.
fn own(change: impl Fn(&str) -> String) -> Rulebook {
    let text = change(JIAXING_2015).replacen("key = \"jiaxing-2015\"", "key = \"city\"", 1);
    load(&text).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// All rules anew from the middle of a quarter on.
fn next() -> Rulebook {
    own(|text| text.replace("effective_from = 2015-03-09", "effective_from = 2026-11-15"))
}

fn finding(
    organization: &OrganizationFacts,
    held: &[HeldActivity],
    books: &Books<'_>,
    (rule, period): (&str, &str),
    today: &str,
) -> Option<Finding> {
    let facts = Facts {
        organization,
        held,
        deviations: &[],
        acts: ActKind::ALL,
        below: &[],
    };
    judge(&facts, books, rule, &period.parse().unwrap(), day(today))
}

const Q4: (&str, &str) = ("general-meeting", "2026-Q4");

#[test]
fn the_same_key_in_the_next_book_does_not_cut_a_period() {
    let (old, new) = (book(), next());
    let changed = Books::from(&old).then(day("2026-11-15"), &new);
    // Held under the old book, judged by the new one: it is in force on the period's last day.
    let met = finding(&branch(), &[general("2026-10-10")], &changed, Q4, "2026-12-01").unwrap();
    assert_eq!(
        (met.status, met.basis.rulebook.as_str()),
        (ObligationStatus::Met, "city")
    );
    let earlier = finding(&branch(), &[], &changed, ("general-meeting", "2026-Q3"), "2026-12-01").unwrap();
    assert_eq!(
        (earlier.status, earlier.basis.rulebook.as_str()),
        (ObligationStatus::Missed, "jiaxing-2015")
    );
    let open = finding(&branch(), &[], &changed, Q4, "2026-12-01").unwrap();
    assert_eq!(
        open.status,
        ObligationStatus::Open,
        "owed for the whole quarter, not from the change on"
    );
}

#[test]
fn a_key_that_begins_within_a_period_is_owed_from_the_first_whole_one() {
    let without = own(|text| text.replace("key = \"general-meeting\"", "key = \"other-meeting\""));
    let begins = own(|text| {
        let key = "key = \"general-meeting\"";
        text.replacen(key, &format!("{key}\neffective_from = 2026-11-15"), 1)
    });
    let changed = Books::from(&without).then(day("2026-11-15"), &begins);
    let cut = finding(&branch(), &[], &changed, Q4, "2026-12-01").unwrap();
    assert_eq!(
        (cut.status, cut.not_owed),
        (ObligationStatus::NotOwed, Some(NotOwedReason::RuleNotInForce))
    );
    let next = finding(&branch(), &[], &changed, ("general-meeting", "2027-Q1"), "2027-02-01").unwrap();
    assert_eq!(next.status, ObligationStatus::Open);
    assert_eq!(
        finding(&branch(), &[], &changed, ("other-meeting", "2026-Q4"), "2026-12-01"),
        None
    );
    // Under a book that has had the rule for long, as after a move, it is owed for the whole of the running period.
    let shipped = book();
    let moved = Books::from(&without).then(day("2026-11-15"), &shipped);
    let whole = finding(&branch(), &[], &moved, Q4, "2026-12-01").unwrap();
    assert_eq!(whole.status, ObligationStatus::Open);
}

/// Two versions of one entry within a document: one meeting a quarter, from the middle of 2026 two.
fn two_versions() -> Rulebook {
    own(|text| {
        let (before, rest) = text.split_once("[[entry]]\nkey = \"general-meeting\"").unwrap();
        let (meeting, after) = rest.split_once("[[entry]]").unwrap();
        let version = |dates: &str, least: &str| {
            let dated = meeting.replacen("origin =", &format!("{dates}\norigin ="), 1);
            format!(
                "[[entry]]\nkey = \"general-meeting\"{}",
                dated.replacen("at_least = 1", least, 1)
            )
        };
        let first = version("effective_to = 2026-08-15", "at_least = 1");
        let second = version("effective_from = 2026-08-15", "at_least = 2");
        format!("{before}{first}{second}[[entry]]{after}")
    })
}

#[test]
fn the_next_version_of_an_entry_judges_the_period_that_ends_under_it_and_does_not_cut_it() {
    let versions = two_versions();
    let books = Books::from(&versions);
    let at = |period: &str| {
        let held = [general("2026-05-05"), general("2026-07-07")];
        finding(&branch(), &held, &books, ("general-meeting", period), "2026-09-20").unwrap()
    };
    let second = at("2026-Q2");
    assert_eq!((second.status, second.at_least), (ObligationStatus::Met, 1));
    let third = at("2026-Q3");
    assert_eq!(
        (third.count, third.at_least),
        (1, 2),
        "held before the change, and counted"
    );
    assert_eq!(third.status, ObligationStatus::DueSoon);
}

#[test]
fn a_change_of_rulebook_does_not_restart_a_year() {
    let (old, new) = (book(), next());
    let changed = Books::from(&old).then(day("2026-11-15"), &new);
    let life = [held(ActKind::OrganizationalLifeMeeting, "2026-03-03")];
    let rule = ("organizational-life-meeting", "2026");
    let met = finding(&branch(), &life, &changed, rule, "2026-12-01").unwrap();
    assert_eq!(met.status, ObligationStatus::Met);
    let owed = finding(&branch(), &[], &changed, rule, "2026-12-01").unwrap();
    assert_eq!(owed.status, ObligationStatus::Open);
    assert_eq!(owed.due_on, day("2027-03-31"), "a yearly act is on time until 31 March");
}

#[test]
fn every_period_is_owed_once_whatever_changes_within_it() {
    let (old, new) = (book(), own(str::to_owned));
    let changed = Books::from(&old)
        .then(day("2026-05-15"), &new)
        .then(day("2026-08-20"), &old);
    let branch = branch();
    let facts = Facts {
        organization: &branch,
        held: &[],
        deviations: &[],
        acts: &[],
        below: &[],
    };
    let findings = judge_all(
        &facts,
        &changed,
        day("2026-01-01"),
        day("2027-01-01"),
        day("2026-12-31"),
    );
    let mut named: Vec<_> = findings.iter().map(|one| (one.rule.clone(), one.period)).collect();
    let all = named.len();
    named.sort();
    named.dedup();
    assert_eq!(named.len(), all);
    let quarters = findings.iter().filter(|one| one.rule == "general-meeting");
    let owed: Vec<_> = quarters.map(|one| one.basis.rulebook.as_str()).collect();
    assert_eq!(owed, ["jiaxing-2015", "city", "jiaxing-2015", "jiaxing-2015"]);
}
