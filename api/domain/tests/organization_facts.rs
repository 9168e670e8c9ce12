//! Which facts an org can have (spec 2, "Facts of an org").

use domain::organization_facts::{OrganizationFactSet, may_approve, may_be_guided, owes_democratic_life_meeting};
use domain::vocabulary::{OrganizationKind as K, Sector as S};

fn plain(kind: K) -> OrganizationFactSet {
    OrganizationFactSet {
        kind,
        sector: S::Organ,
        has_committee: false,
        approves: false,
        holds_democratic_life_meeting: owes_democratic_life_meeting(kind),
        joint: false,
        temporary: false,
    }
}

fn fault(facts: OrganizationFactSet) -> Option<&'static str> {
    facts.check().err().map(|impossible| impossible.fact)
}

#[test]
fn every_kind_can_stand_with_its_plain_facts() {
    for kind in K::ALL {
        assert_eq!(fault(plain(*kind)), None, "{kind}");
    }
}

#[test]
fn the_right_of_approval_is_never_a_general_branchs_a_leading_groups_a_temporary_orgs_or_a_villages() {
    for kind in [K::GeneralBranch, K::Branch, K::PartyGroup, K::LeadingPartyMembersGroup] {
        assert!(!may_approve(kind, S::Organ, false), "{kind}");
        let approving = OrganizationFactSet {
            approves: true,
            ..plain(kind)
        };
        assert_eq!(fault(approving), Some("approves"), "{kind}");
    }
    for sector in [S::Village, S::Community] {
        assert!(!may_approve(K::PrimaryCommittee, sector, false), "{sector}");
        assert!(may_approve(K::TownCommittee, sector, false), "{sector}");
    }
    assert!(may_approve(K::PrimaryCommittee, S::University, false));
    assert!(!may_approve(K::PrimaryCommittee, S::University, true));
}

#[test]
fn g1_2a_the_named_teams_always_hold_the_democratic_life_meeting_and_branches_never_do() {
    for kind in [K::CountyCommittee, K::TownCommittee, K::LeadingPartyMembersGroup] {
        let without = OrganizationFactSet {
            holds_democratic_life_meeting: false,
            ..plain(kind)
        };
        let refused = without.check().expect_err("it must hold one");
        assert_eq!(
            (refused.fact, refused.entry),
            ("holdsDemocraticLifeMeeting", Some("democratic-life-meeting"))
        );
    }
    for (kind, expected) in [
        (K::PrimaryCommittee, None),
        (K::GeneralBranch, Some("holdsDemocraticLifeMeeting")),
        (K::Branch, Some("holdsDemocraticLifeMeeting")),
    ] {
        let with = OrganizationFactSet {
            holds_democratic_life_meeting: true,
            ..plain(kind)
        };
        assert_eq!(fault(with), expected, "{kind}");
    }
}

#[test]
fn g1_1b_groups_and_leading_groups_have_no_committee() {
    for (kind, expected) in [
        (K::Branch, None),
        (K::GeneralBranch, None),
        (K::PartyGroup, Some("hasCommittee")),
        (K::LeadingPartyMembersGroup, Some("hasCommittee")),
    ] {
        let with = OrganizationFactSet {
            has_committee: true,
            ..plain(kind)
        };
        assert_eq!(fault(with), expected, "{kind}");
    }
}

#[test]
fn joint_and_temporary_orgs_are_small_ones() {
    for (kind, expected) in [
        (K::Branch, None),
        (K::PartyGroup, Some("joint")),
        (K::TownCommittee, Some("joint")),
    ] {
        let joint = OrganizationFactSet {
            joint: true,
            ..plain(kind)
        };
        assert_eq!(fault(joint), expected, "{kind}");
    }
    let temporary = OrganizationFactSet {
        temporary: true,
        ..plain(K::CountyCommittee)
    };
    assert_eq!(fault(temporary), Some("temporary"));
    assert!(may_be_guided(K::PrimaryCommittee) && !may_be_guided(K::PartyGroup) && !may_be_guided(K::CityCommittee));
}
