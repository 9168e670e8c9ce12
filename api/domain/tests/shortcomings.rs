//! What is amiss with an org without being an obligation.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test crate uses its part of the fixtures")]
mod fixtures;

use domain::obligation::shortcoming::{Composition, shortcomings};
use domain::vocabulary::{OrganizationKind, ShortcomingKind as K};
use fixtures::{book, day};

fn sound() -> Composition {
    Composition {
        kind: OrganizationKind::Branch,
        has_groups: true,
        full_members: 12,
        ungrouped_members: 0,
        has_secretary: true,
        unhosted_floating: Vec::new(),
        term_ended_on: None,
    }
}

fn kinds(composition: &Composition) -> Vec<K> {
    let found = shortcomings(composition, &book(), day("2026-03-10"));
    found.iter().map(|one| one.kind).collect()
}

#[test]
fn a_sound_branch_has_none() {
    assert_eq!(kinds(&sound()), vec![]);
}

#[test]
fn g1_1c_a_member_left_out_counts_only_where_there_are_groups() {
    let left_out = Composition {
        ungrouped_members: 2,
        ..sound()
    };
    assert_eq!(kinds(&left_out), vec![K::MemberWithoutGroup]);
    let without_groups = Composition {
        has_groups: false,
        ..left_out
    };
    assert_eq!(kinds(&without_groups), vec![]);
}

#[test]
fn g2_3b_a_branch_of_two_is_a_finding_on_the_superior() {
    let small = Composition {
        full_members: 2,
        ..sound()
    };
    let found = shortcomings(&small, &book(), day("2026-03-10"));
    assert_eq!(
        (found[0].kind, found[0].count, found[0].is_on_superior()),
        (K::TooFewFullMembers, 2, true)
    );
    assert_eq!(
        kinds(&Composition {
            full_members: 3,
            ..sound()
        }),
        vec![]
    );
    let town = Composition {
        kind: OrganizationKind::TownCommittee,
        full_members: 0,
        ..sound()
    };
    assert_eq!(kinds(&town), vec![]);
}

#[test]
fn g3_1a_vacancies_and_ended_terms_show() {
    let vacant = Composition {
        has_secretary: false,
        ..sound()
    };
    assert_eq!(kinds(&vacant), vec![K::SecretaryVacant]);
    let group = Composition {
        kind: OrganizationKind::PartyGroup,
        has_groups: false,
        ..vacant
    };
    assert_eq!(kinds(&group), vec![]);
    let ended = |on: &str| {
        kinds(&Composition {
            term_ended_on: Some(day(on)),
            ..sound()
        })
    };
    assert_eq!(ended("2026-03-10"), vec![K::TermEnded]);
    assert_eq!(ended("2026-03-11"), vec![]);
}

#[test]
fn g1_1e_a_floating_member_without_remote_mode_or_host_is_a_finding_on_the_branch() {
    let with = |offered: &[(Option<&str>, u32)]| Composition {
        unhosted_floating: offered.iter().map(|(on, number)| (on.map(day), *number)).collect(),
        ..sound()
    };
    let found = shortcomings(&with(&[(None, 2), (Some("2025-12-07"), 1)]), &book(), day("2026-03-10"));
    assert_eq!(
        (found[0].kind, found[0].count, found[0].is_on_superior()),
        (K::FloatingMemberWithoutOffer, 3, false)
    );
    assert_eq!(
        found[0].entry(&book()).map(|entry| entry.clause.as_str()),
        Some("G1.1e")
    );
    // An offer holds for 92 days, and one to come counts at once.
    assert_eq!(kinds(&with(&[(Some("2025-12-08"), 1)])), vec![]);
    assert_eq!(kinds(&with(&[(Some("2026-04-01"), 4)])), vec![]);
    let group = Composition {
        kind: OrganizationKind::PartyGroup,
        has_groups: false,
        ..with(&[(None, 1)])
    };
    assert_eq!(kinds(&group), vec![]);
}
