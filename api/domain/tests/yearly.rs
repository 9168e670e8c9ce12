//! Yearly and half-yearly cadences: who owes them, the year an act is for, the grace of 31 March.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test crate uses its part of the fixtures")]
mod fixtures;

use domain::obligation::{Facts, HeldActivity, NotOwedReason, OrganizationFacts, judge};
use domain::rulebook::{Books, JIAXING_2015, Rulebook, load};
use domain::vocabulary::{ObligationStatus, PeriodKind};
use fixtures::{branch, day, general};

/// The shipped rulebook with its general meeting owed over other periods.
fn book(period: PeriodKind) -> Rulebook {
    load(&JIAXING_2015.replacen("period = \"QUARTER\"", &format!("period = \"{period}\""), 1)).unwrap()
}

fn status(organization: &OrganizationFacts, held: &[HeldActivity], period: &str, today: &str) -> ObligationStatus {
    let period: domain::period::Period = period.parse().unwrap();
    let book = book(period.kind);
    let facts = Facts {
        organization,
        held,
        deviations: &[],
        acts: &[],
        below: &[],
    };
    judge(&facts, &Books::from(&book), "general-meeting", &period, day(today))
        .unwrap()
        .status
}

#[test]
fn g1_2a_a_yearly_act_is_declared_for_its_own_year_or_until_31_march_for_the_one_before() {
    let kind = domain::vocabulary::ActivityKind::BranchGeneralMeeting;
    let (yearly, quarterly) = (book(PeriodKind::Year), book(PeriodKind::Quarter));
    let takes = |book: &Rulebook, on, year| book.takes_for_year(kind, day(on), year);
    assert!(takes(&yearly, "2026-03-31", 2026) && takes(&yearly, "2026-03-31", 2025));
    assert!(!takes(&yearly, "2026-04-01", 2025), "the day of grace is over");
    assert!(!takes(&yearly, "2026-03-01", 2024) && !takes(&yearly, "2026-03-01", 2027));
    // A general meeting may be the assembly of a life meeting, which is owed yearly; a group meeting is nothing yearly.
    assert!(takes(&quarterly, "2026-03-01", 2026) && takes(&quarterly, "2026-03-01", 2025));
    let group = domain::vocabulary::ActivityKind::PartyGroupMeeting;
    assert!(
        !quarterly.takes_for_year(group, day("2026-03-01"), 2025),
        "not owed yearly"
    );
}

#[test]
fn g1_2a_an_act_for_the_past_year_is_on_time_until_31_march_and_counts_for_one_year() {
    let act = HeldActivity {
        for_year: Some(2025),
        ..general("2026-03-31")
    };
    let on = |held: &[HeldActivity], year, today| status(&branch(), held, year, today);
    assert_eq!(on(&[], "2025", "2026-03-31"), ObligationStatus::DueSoon);
    assert_eq!(on(&[], "2025", "2026-04-01"), ObligationStatus::Overdue);
    assert_eq!(
        on(std::slice::from_ref(&act), "2025", "2026-04-02"),
        ObligationStatus::Met
    );
    assert_eq!(
        on(std::slice::from_ref(&act), "2026", "2026-04-02"),
        ObligationStatus::Open,
        "not for two years"
    );
    let undeclared = HeldActivity {
        for_year: None,
        ..act.clone()
    };
    assert_eq!(
        on(std::slice::from_ref(&undeclared), "2026", "2026-04-02"),
        ObligationStatus::Met
    );
    let late = HeldActivity {
        for_year: Some(2025),
        ..general("2026-04-01")
    };
    assert_eq!(on(&[late], "2025", "2026-04-10"), ObligationStatus::Overdue);
}

#[test]
fn a_year_is_owed_by_who_stands_at_its_end_and_existed_for_half_of_it() {
    let standing = |from: &str, lineage: &str, until: Option<&str>| OrganizationFacts {
        stood_from: day(from),
        lineage_from: day(lineage),
        stood_until: until.map(day),
        ..branch()
    };
    let owed = |organization: OrganizationFacts, year| status(&organization, &[], year, "2026-01-10");
    assert_eq!(
        owed(standing("2025-07-02", "2025-07-02", None), "2025"),
        ObligationStatus::Open
    );
    assert_eq!(
        owed(standing("2025-07-03", "2025-07-03", None), "2025"),
        ObligationStatus::NotOwed
    );
    assert_eq!(
        owed(standing("2025-11-01", "2019-01-01", None), "2025"),
        ObligationStatus::Open,
        "counting predecessors"
    );
    assert_eq!(
        owed(standing("2019-01-01", "2019-01-01", Some("2025-12-31")), "2025"),
        ObligationStatus::NotOwed
    );
    assert_eq!(
        owed(standing("2025-10-01", "2025-10-01", None), "2025-H2"),
        ObligationStatus::Overdue
    );
    assert_eq!(
        owed(standing("2025-10-02", "2025-10-02", None), "2025-H2"),
        ObligationStatus::NotOwed
    );
}

#[test]
fn a_rule_that_came_in_the_second_half_of_a_year_is_not_owed_for_it() {
    let text =
        JIAXING_2015
            .replace("2015-03-09", "2025-08-01")
            .replacen("period = \"QUARTER\"", "period = \"YEAR\"", 1);
    let book = load(&text).unwrap();
    let organization = branch();
    let facts = Facts {
        organization: &organization,
        held: &[],
        deviations: &[],
        acts: &[],
        below: &[],
    };
    let finding = judge(
        &facts,
        &Books::from(&book),
        "general-meeting",
        &"2025".parse().unwrap(),
        day("2026-01-10"),
    );
    assert_eq!(finding.unwrap().not_owed, Some(NotOwedReason::RuleNotInForce));
}

#[test]
fn the_same_key_in_the_next_version_does_not_cut_a_period() {
    let newer = JIAXING_2015
        .replace("2015-03-09", "2026-08-15")
        .replacen("version = 1", "version = 2", 1);
    let (old, new) = (load(JIAXING_2015).unwrap(), load(&newer).unwrap());
    let books = Books::from(&old).then(day("2026-08-15"), &new);
    let organization = branch();
    let facts = Facts {
        organization: &organization,
        held: &[],
        deviations: &[],
        acts: &[],
        below: &[],
    };
    let finding = judge(
        &facts,
        &books,
        "general-meeting",
        &"2026-Q3".parse().unwrap(),
        day("2026-10-05"),
    )
    .unwrap();
    assert_eq!(
        (finding.status, finding.basis.rulebook_version),
        (ObligationStatus::Overdue, 2)
    );
    let before = judge(
        &facts,
        &books,
        "general-meeting",
        &"2026-Q2".parse().unwrap(),
        day("2026-10-05"),
    )
    .unwrap();
    assert_eq!(before.basis.rulebook_version, 1);
}
