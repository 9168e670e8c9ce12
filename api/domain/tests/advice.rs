//! Advice (`MAY`): in the org's own list, never owed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test crate uses its part of the fixtures")]
mod fixtures;

use domain::obligation::advice::{Advice, advice};
use domain::obligation::{Facts, HeldActivity, OrganizationFacts, judge, judge_all};
use domain::rulebook::{Books, JIAXING_2015, Rulebook, load};
use domain::vocabulary::*;
use fixtures::{branch, day, held};

/// The shipped book with lectures as mere advice.
fn lenient() -> Rulebook {
    let (head, tail) = JIAXING_2015.split_once("key = \"lecture\"").unwrap();
    load(&format!(
        "{head}key = \"lecture\"{}",
        tail.replacen("NORMALLY", "MAY", 1)
    ))
    .unwrap()
}

fn listed(organization: &OrganizationFacts, held: &[HeldActivity], today: &str) -> Vec<Advice> {
    let book = lenient();
    let facts = Facts {
        organization,
        held,
        deviations: &[],
        acts: &[],
        below: &[],
    };
    advice(&facts, &Books::from(&book), day(today))
}

#[test]
fn what_may_be_done_is_listed_with_its_clause_and_how_far_it_was_followed() {
    let lecture = |held: &[HeldActivity], today| {
        let found = listed(&branch(), held, today);
        let one = found.into_iter().find(|one| one.rule == "lecture").unwrap();
        assert_eq!(
            (one.basis.clause.as_str(), one.label.en.as_str()),
            ("G1.1d", "Party lecture")
        );
        one.followed.unwrap()
    };
    let none = lecture(&[], "2026-10-31");
    assert_eq!((none.count, none.at_least, none.is_enough()), (0, 1, false));
    assert_eq!(none.period.code(), "2026-B5");
    let given = [held(ActivityKind::PartyLecture, "2026-10-20")];
    assert!(lecture(&given, "2026-10-31").is_enough());
    assert_eq!(lecture(&given, "2026-11-01").count, 0, "another period begins anew");
}

#[test]
fn advice_is_never_owed_and_so_never_overdue_and_in_no_figure() {
    let book = lenient();
    let branch = branch();
    let facts = Facts {
        organization: &branch,
        held: &[],
        deviations: &[],
        acts: &[],
        below: &[],
    };
    let books = Books::from(&book);
    let findings = judge_all(&facts, &books, day("2026-01-01"), day("2027-01-01"), day("2027-06-01"));
    assert!(findings.iter().any(|finding| finding.rule == "general-meeting"));
    assert!(findings.iter().all(|finding| finding.rule != "lecture"));
    let period = "2026-B1".parse().unwrap();
    assert_eq!(judge(&facts, &books, "lecture", &period, day("2027-06-01")), None);
}

#[test]
fn only_orgs_that_an_entry_is_for_are_advised() {
    let rules = |organization: &OrganizationFacts| -> Vec<String> {
        let found = listed(organization, &[], "2026-10-31");
        found.into_iter().map(|one| one.rule).collect()
    };
    assert_eq!(rules(&branch()), ["lecture", "leaders-lecture", "seven-ones"]);
    let school = OrganizationFacts {
        sector: Sector::School,
        ..branch()
    };
    assert!(rules(&school).contains(&"talks-with-floating-members-elsewhere".to_owned()));
    let city = OrganizationFacts {
        kind: OrganizationKind::CityCommittee,
        parent_kind: None,
        ..branch()
    };
    assert_eq!(rules(&city), ["spot-check"]);
}
