//! Who decides of those at an org: its head, who stands in, and never the one concerned.

use domain::policy::RefusalCode as Code;
use domain::policy::{Action, Actor, HeldPost, Target, permit};
use domain::vocabulary::{Post, ServiceScope};

use crate::acts::{at, refused};
use crate::tree::{held, holder, member, officer, place, service};

#[test]
fn officers_are_not_equal() {
    let leave = at("branch").about("mbr_x");
    let by = |post| {
        permit(&holder(post, "branch"), Action::DecideLeave, &leave)
            .map(|_| ())
            .map_err(|refusal| refusal.code)
    };
    assert_eq!(by(Post::Secretary), Ok(()));
    assert_eq!(by(Post::DeputySecretary), Err(Code::HeadOnly));
    assert_eq!(by(Post::CommitteeMember), Err(Code::HeadOnly));
    assert_eq!(by(Post::PartyAffairsClerk), Err(Code::ClerkDecides));
    for post in [Post::DeputySecretary, Post::CommitteeMember, Post::PartyAffairsClerk] {
        assert!(
            permit(&holder(post, "branch"), Action::RecordAttendance, &leave).is_ok(),
            "{post} records"
        );
    }
}

#[test]
fn in_a_vacancy_the_deputy_or_acting_holder_decides() {
    for post in [Post::DeputySecretary, Post::OrganizationCommitteeMember] {
        let substitute = HeldPost {
            substitutes_head: true,
            acting: true,
            ..held(post, "branch")
        };
        let actor = Actor {
            posts: vec![substitute],
            ..member("mbr_d", "branch", None)
        };
        assert!(
            permit(&actor, Action::DecideLeave, &at("branch").about("mbr_x")).is_ok(),
            "{post}"
        );
    }
}

#[test]
fn nobody_decides_in_their_own_matter_and_the_deputy_stands_in() {
    let own = at("branch").about("mbr_s").heading("branch", true);
    let secretary = officer("mbr_s", "branch", Post::Secretary, "branch");
    let deputy = officer("mbr_d", "branch", Post::DeputySecretary, "branch");
    let superior = officer("mbr_t", "branch2", Post::Secretary, "town");
    assert_eq!(refused(&secretary, Action::DecideLeave, &own), Code::OwnMatter);
    assert!(permit(&deputy, Action::DecideLeave, &own).is_ok());
    assert_eq!(refused(&superior, Action::DecideLeave, &own), Code::MissingRight);
    assert_eq!(refused(&secretary, Action::RevealIdentity, &own), Code::OwnMatter);
}

#[test]
fn without_a_deputy_the_superiors_head_stands_in() {
    let own = at("group").about("mbr_s").heading("branch", false);
    let superior = officer("mbr_t", "branch2", Post::Secretary, "town");
    assert!(permit(&superior, Action::DecideLeave, &own).is_ok());
    assert!(permit(&superior, Action::SetExemption, &own).is_ok());
    assert_eq!(
        refused(&superior, Action::DecideLeave, &at("branch").about("mbr_x")),
        Code::MissingRight
    );
    let higher = officer("mbr_c", "branch2", Post::Secretary, "county");
    assert_eq!(refused(&higher, Action::DecideLeave, &own), Code::NotVisible);
}

#[test]
fn a_departure_is_decided_by_the_head_and_the_heads_own_by_who_stands_in() {
    let of = |target: Target| {
        [
            (Action::RecordDeparture, target.clone().decided_collectively()),
            (Action::RecordDeath, target),
        ]
    };
    let secretary = officer("mbr_s", "branch", Post::Secretary, "branch");
    let deputy = officer("mbr_d", "branch", Post::DeputySecretary, "branch");
    let superior = officer("mbr_t", "branch2", Post::Secretary, "town");
    for (action, target) in of(at("branch").about("mbr_x")) {
        assert!(permit(&secretary, action, &target).is_ok(), "{action:?}");
        assert_eq!(refused(&deputy, action, &target), Code::HeadOnly);
        let clerk = holder(Post::PartyAffairsClerk, "branch");
        assert_eq!(refused(&clerk, action, &target), Code::ClerkDecides);
        assert_eq!(refused(&superior, action, &target), Code::MissingRight);
        assert_eq!(
            refused(&service("branch", ServiceScope::ALL), action, &target),
            Code::MissingRight
        );
        let themselves = member("mbr_x", "branch", None);
        assert_eq!(refused(&themselves, action, &target), Code::MissingRight);
        let acting = HeldPost {
            substitutes_head: true,
            ..held(Post::DeputySecretary, "branch")
        };
        let acting = Actor {
            posts: vec![acting],
            ..member("mbr_d", "branch", None)
        };
        assert!(
            permit(&acting, action, &target).is_ok(),
            "in a vacancy the deputy decides"
        );
    }
    for (action, target) in of(at("branch").about("mbr_s").heading("branch", true)) {
        assert_eq!(refused(&secretary, action, &target), Code::OwnMatter);
        assert!(permit(&deputy, action, &target).is_ok(), "{action:?}");
        assert_eq!(refused(&superior, action, &target), Code::MissingRight);
    }
    for (action, target) in of(at("branch").about("mbr_s").heading("branch", false)) {
        assert!(permit(&superior, action, &target).is_ok(), "{action:?}");
        assert_eq!(
            refused(&officer("mbr_c", "branch2", Post::Secretary, "county"), action, &target),
            Code::NotVisible
        );
    }
    let undecided = at("branch").about("mbr_x");
    assert_eq!(
        refused(&secretary, Action::RecordDeparture, &undecided),
        Code::CollectiveDecisionRequired
    );
}

#[test]
fn g2_5a_a_measure_on_the_secretary_is_the_superiors() {
    let on_member = at("branch").about("mbr_x");
    let on_secretary = at("branch").about("mbr_s").heading("branch", true);
    let secretary = officer("mbr_s", "branch", Post::Secretary, "branch");
    let deputy = officer("mbr_d", "branch", Post::DeputySecretary, "branch");
    let superior = officer("mbr_t", "branch2", Post::Secretary, "town");
    assert!(permit(&secretary, Action::ConfirmMeasure, &on_member).is_ok());
    assert_eq!(
        refused(&secretary, Action::ConfirmMeasure, &on_secretary),
        Code::OwnMatter
    );
    assert_eq!(
        refused(&deputy, Action::ConfirmMeasure, &on_secretary),
        Code::MissingRight
    );
    assert!(permit(&superior, Action::ConfirmMeasure, &on_secretary).is_ok());
    assert_eq!(
        refused(&superior, Action::ConfirmMeasure, &on_member),
        Code::MissingRight
    );
}

#[test]
fn g2_5a_a_group_leader_decides_the_groups_measures_only() {
    let leader = officer("mbr_g", "branch", Post::GroupLeader, "group");
    assert!(permit(&leader, Action::ConfirmMeasure, &at("group").about("mbr_x")).is_ok());
    let of_branch = at("branch").about("mbr_x").in_group(place("group"));
    assert_eq!(refused(&leader, Action::ConfirmMeasure, &of_branch), Code::NotVisible);
    assert!(permit(&leader, Action::DecideLeave, &at("group").about("mbr_x")).is_ok());
    assert_eq!(
        refused(&leader, Action::AcceptMakeUpStudy, &at("group").about("mbr_x")),
        Code::MissingRight
    );
    assert_eq!(
        refused(&leader, Action::DecideLeave, &at("group").about("mbr_g")),
        Code::OwnMatter
    );
}

#[test]
fn a_correction_of_the_secretarys_own_data_is_decided_by_the_deputy_or_by_the_superiors_head() {
    let own = at("branch").about("mbr_s").heading("branch", false);
    let secretary = officer("mbr_s", "branch", Post::Secretary, "branch");
    for action in [
        Action::ConfirmIdentityChange,
        Action::RejectIdentityChange,
        Action::RevealIdentityChange,
    ] {
        assert_eq!(refused(&secretary, action, &own), Code::OwnMatter, "{action:?}");
        assert!(
            permit(&holder(Post::Secretary, "town"), action, &own).is_ok(),
            "{action:?}"
        );
        let with_deputy = at("branch").about("mbr_s").heading("branch", true);
        assert!(
            permit(&holder(Post::DeputySecretary, "branch"), action, &with_deputy).is_ok(),
            "{action:?}"
        );
        assert_eq!(
            refused(&holder(Post::Secretary, "town"), action, &with_deputy),
            Code::MissingRight
        );
    }
    assert!(permit(&secretary, Action::AskIdentityChange, &own).is_ok());
}
