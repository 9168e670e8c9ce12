//! What may be done, and how a refusal is told.

use domain::policy::RefusalCode as Code;
use domain::policy::{Action, Actor, Subject, Target, Visibility, can, permit, visibility};
use domain::vocabulary::Post;

use crate::tree::{administrator, holder, member, officer, place};

pub fn refused(actor: &Actor, action: Action, target: &Target) -> Code {
    permit(actor, action, target).expect_err("refused").code
}

pub fn at(org: &str) -> Target {
    Target::at(place(org))
}

#[test]
fn nobody_acts_without_signing_in() {
    assert_eq!(
        refused(&Actor::anonymous(), Action::ScheduleActivity, &at("branch")),
        Code::NotSignedIn
    );
    assert!(permit(&Actor::anonymous(), Action::Read(Subject::RulebookText), &at("city")).is_ok());
}

#[test]
fn a_permit_names_the_post_of_the_act() {
    let actor = officer("mbr_s", "branch", Post::Secretary, "branch");
    let permit = permit(&actor, Action::RecordActivity, &at("group")).expect("permitted");
    assert_eq!(permit.action(), Some(Action::RecordActivity));
    assert_eq!(permit.account_id(), Some("acc_mbr_s"));
    assert_eq!(permit.member_id(), Some("mbr_s"));
    assert_eq!(permit.org_id(), Some("group"));
    let post = permit.post().expect("done in a post");
    assert_eq!((post.post, post.org_id.as_str()), (Post::Secretary, "branch"));
}

#[test]
fn what_one_may_not_see_does_not_exist() {
    let actor = member("mbr_a", "branch", None);
    let hidden = permit(&actor, Action::ConfirmMeasure, &at("branch").about("mbr_x")).expect_err("refused");
    assert!(hidden.hides_the_object());
    let forbidden = permit(&actor, Action::RecordActivity, &at("branch")).expect_err("refused");
    assert_eq!(
        (forbidden.code, forbidden.subject),
        (Code::MissingRight, Subject::Activities)
    );
    assert!(!forbidden.hides_the_object());
    assert!(
        permit(&actor, Action::RecordMember, &at("branch2").about("mbr_y"))
            .expect_err("refused")
            .hides_the_object()
    );
}

#[test]
fn a_collective_decision_is_recorded_or_refused() {
    let town = holder(Post::Secretary, "town");
    assert_eq!(
        refused(&town, Action::RenameOrganization, &at("branch")),
        Code::CollectiveDecisionRequired
    );
    assert!(permit(&town, Action::RenameOrganization, &at("branch").decided_collectively()).is_ok());
    let member = holder(Post::CommitteeMember, "town");
    assert_eq!(
        refused(&member, Action::RenameOrganization, &at("branch")),
        Code::HeadOnly
    );
    assert!(can(&town, Action::RenameOrganization, &at("branch")).0);
    assert_eq!(
        refused(&town, Action::DecideAdmission, &at("branch").about("apl_x")),
        Code::CollectiveDecisionRequired
    );
}

#[test]
fn one_level_only() {
    let county = holder(Post::Secretary, "county");
    let branch = at("branch").decided_collectively();
    assert_eq!(
        refused(&county, Action::UrgeObligation, &at("branch")),
        Code::MissingRight
    );
    assert!(permit(&county, Action::UrgeObligation, &at("town")).is_ok());
    assert_eq!(
        refused(&county, Action::DissolveOrganization, &branch),
        Code::MissingRight
    );
    assert_eq!(refused(&county, Action::ConfirmSecretary, &branch), Code::MissingRight);
    let town = holder(Post::Secretary, "town");
    assert!(
        permit(&town, Action::UrgeObligation, &at("vbranch")).is_ok(),
        "the village does not approve"
    );
}

#[test]
fn a_deviation_is_asked_by_the_org_and_accepted_by_its_superior_alone() {
    let by = |post, org, action| permit(&holder(post, org), action, &at("branch")).is_ok();
    assert!(by(Post::CommitteeMember, "branch", Action::AskDeviation));
    assert!(!by(Post::PartyAffairsClerk, "branch", Action::AskDeviation));
    assert!(!by(Post::Secretary, "branch", Action::DecideDeviation));
    assert!(by(Post::Secretary, "town", Action::DecideDeviation));
    assert!(!by(Post::DeputySecretary, "town", Action::DecideDeviation));
    assert!(!by(Post::Secretary, "county", Action::DecideDeviation));
    let staff = holder(Post::OrganizationDepartmentStaff, "county");
    assert!(permit(&staff, Action::UrgeObligation, &at("town")).is_ok());
    assert_eq!(
        refused(&staff, Action::DecideDeviation, &at("town")),
        Code::MissingRight
    );
    assert!(
        by(Post::Secretary, "county", Action::AcknowledgeAlert),
        "the alert has reached the county"
    );
}

#[test]
fn an_admission_is_decided_by_the_nearest_with_right_of_approval() {
    let case = at("vbranch").about("apl_x").decided_collectively();
    assert!(permit(&holder(Post::Secretary, "town"), Action::DecideAdmission, &case).is_ok());
    let village = holder(Post::Secretary, "village");
    assert_eq!(refused(&village, Action::DecideAdmission, &case), Code::MissingRight);
    assert!(permit(&village, Action::OpineOnAdmission, &case).is_ok());
    assert_eq!(
        refused(&holder(Post::Secretary, "county"), Action::DecideAdmission, &case),
        Code::NotVisible
    );
    assert!(
        permit(
            &holder(Post::PartyAffairsClerk, "vbranch"),
            Action::DraftAdmission,
            &case
        )
        .is_ok()
    );
    assert_eq!(
        refused(
            &holder(Post::PartyAffairsClerk, "vbranch"),
            Action::ProposeAdmission,
            &case
        ),
        Code::MissingRight
    );
}

#[test]
fn the_transfers_two_sides_have_their_own_say() {
    let transfer = at("branch").about("mbr_x").leading_to(place("vbranch"));
    let across = at("branch").about("mbr_x").leading_to(place("branch2"));
    let (from, to) = (holder(Post::Secretary, "branch"), holder(Post::Secretary, "vbranch"));
    assert!(permit(&member("mbr_x", "branch", None), Action::RequestTransfer, &transfer).is_ok());
    assert_eq!(refused(&from, Action::AcceptTransfer, &transfer), Code::MissingRight);
    assert!(permit(&to, Action::AcceptTransfer, &transfer).is_ok());
    assert!(permit(&from, Action::RejectTransfer, &transfer).is_ok());
    assert!(permit(&holder(Post::Secretary, "town"), Action::AcceptTransfer, &transfer).is_ok());
    assert!(permit(&holder(Post::Secretary, "town"), Action::RequestTransfer, &transfer).is_ok());
    assert!(permit(&from, Action::RequestTransfer, &across).is_ok());
    assert_eq!(refused(&to, Action::RequestTransfer, &transfer), Code::MissingRight);
    assert_eq!(
        refused(&holder(Post::Secretary, "town"), Action::AcceptTransfer, &across),
        Code::NotVisible
    );
    let staff = |org| holder(Post::OrganizationDepartmentStaff, org);
    assert!(permit(&staff("city"), Action::AcceptTransfer, &across).is_ok());
    assert!(permit(&staff("city"), Action::RequestTransfer, &across).is_ok());
    assert_eq!(
        refused(&staff("county"), Action::AcceptTransfer, &across),
        Code::NotVisible
    );
}

#[test]
fn only_an_organization_department_above_both_sides_moves_an_org() {
    let within = at("branch").leading_to(place("village")).decided_collectively();
    let across = at("branch").leading_to(place("primary2")).decided_collectively();
    let staff = |org| holder(Post::OrganizationDepartmentStaff, org);
    assert!(permit(&staff("county"), Action::MoveOrganization, &within).is_ok());
    assert_eq!(
        refused(&staff("county"), Action::MoveOrganization, &across),
        Code::MissingRight
    );
    assert!(permit(&staff("city"), Action::MoveOrganization, &across).is_ok());
    assert_eq!(
        refused(&holder(Post::Secretary, "town"), Action::MoveOrganization, &within),
        Code::MissingRight
    );
}

#[test]
fn groups_are_the_branchs_to_found() {
    let group = at("group").decided_collectively();
    assert!(permit(&holder(Post::Secretary, "branch"), Action::CreateOrganization, &group).is_ok());
    assert_eq!(
        refused(&holder(Post::Secretary, "town"), Action::CreateOrganization, &group),
        Code::MissingRight
    );
}

#[test]
fn committee_minutes_are_for_those_who_took_part_until_announced() {
    let meeting = at("branch").with_participant("mbr_s");
    let read = |actor: &Actor, target: &Target| permit(actor, Action::Read(Subject::CommitteeMinutes), target).is_ok();
    let outsider = member("mbr_a", "branch", None);
    assert!(read(&member("mbr_s", "branch", None), &meeting));
    assert!(!read(&outsider, &meeting));
    let mut announced = meeting.clone();
    announced.announced = true;
    assert!(read(&outsider, &announced));
    // Spec 3 gives the clerk of the branch a W there: the clerk writes the minutes (ADR 0031).
    assert!(read(&holder(Post::PartyAffairsClerk, "branch"), &meeting));
    assert!(!read(&holder(Post::PartyAffairsClerk, "village"), &meeting));
    let secretary = officer("mbr_s", "branch", Post::Secretary, "branch");
    assert!(permit(&secretary, Action::FileCommitteeMinutes, &meeting).is_ok());
    let absent = officer("mbr_c", "branch", Post::CommitteeMember, "branch");
    assert_eq!(
        refused(&absent, Action::FileCommitteeMinutes, &meeting),
        Code::MissingRight
    );
}

#[test]
fn a_joint_activity_is_read_by_all_and_written_by_one() {
    let mut joint = at("branch");
    joint.other_orgs.push(place("vbranch"));
    let guest = holder(Post::Secretary, "vbranch");
    assert!(permit(&guest, Action::Read(Subject::Activities), &joint).is_ok());
    assert_eq!(refused(&guest, Action::RecordActivity, &joint), Code::MissingRight);
}

#[test]
fn sealed_fields_are_masked_by_default() {
    let person = at("branch").about("mbr_x");
    let secretary = at("branch").about("mbr_s").heading("branch", false);
    let of = |actor: &Actor, subject, target| visibility(actor, subject, target);
    let clerk = holder(Post::PartyAffairsClerk, "branch");
    assert_eq!(
        of(&member("mbr_x", "branch", None), Subject::Identity, &person),
        Visibility::Plain
    );
    assert_eq!(
        of(&member("mbr_a", "branch", None), Subject::Identity, &person),
        Visibility::Hidden
    );
    assert_eq!(
        of(&holder(Post::Secretary, "branch"), Subject::Identity, &person),
        Visibility::Masked
    );
    assert_eq!(of(&clerk, Subject::Identity, &person), Visibility::Masked);
    assert_eq!(of(&clerk, Subject::Phone, &person), Visibility::Plain);
    assert_eq!(
        of(&holder(Post::Secretary, "town"), Subject::Phone, &person),
        Visibility::Masked
    );
    assert_eq!(
        of(&holder(Post::Secretary, "town"), Subject::Phone, &secretary),
        Visibility::Plain
    );
    assert_eq!(
        of(&member("mbr_a", "branch", None), Subject::Phone, &secretary),
        Visibility::Plain
    );
    assert_eq!(
        of(&member("mbr_a", "branch", None), Subject::Phone, &person),
        Visibility::Hidden
    );
    assert_eq!(refused(&clerk, Action::RevealIdentity, &person), Code::ClerkDecides);
    assert_eq!(
        refused(&holder(Post::Secretary, "town"), Action::RevealIdentity, &person),
        Code::MissingRight
    );
}

#[test]
fn a_leader_is_a_plain_member_in_their_own_branch() {
    let leader = officer("mbr_c", "branch", Post::Secretary, "county");
    assert!(permit(&leader, Action::AskLeave, &at("branch").about("mbr_c")).is_ok());
    assert_eq!(
        refused(&leader, Action::RecordActivity, &at("branch")),
        Code::MissingRight
    );
    assert_eq!(
        refused(&leader, Action::RecordAttendance, &at("branch").about("mbr_x")),
        Code::MissingRight
    );
    assert_eq!(
        refused(&leader, Action::ConfirmMeasure, &at("branch").about("mbr_x")),
        Code::NotVisible
    );
}

#[test]
fn units_are_recorded_by_those_who_record_activities_there() {
    let at_branch = at("branch");
    for post in [Post::Secretary, Post::CommitteeMember, Post::PartyAffairsClerk] {
        assert!(
            permit(&holder(post, "branch"), Action::RecordActivityUnit, &at_branch).is_ok(),
            "{post}"
        );
    }
    let secretary = holder(Post::Secretary, "town");
    assert_eq!(
        refused(&secretary, Action::RecordActivityUnit, &at_branch),
        Code::MissingRight
    );
    let outsider = member("mbr_a", "branch", None);
    assert_eq!(
        refused(&outsider, Action::RecordActivityUnit, &at_branch),
        Code::MissingRight
    );
}

#[test]
fn everybody_sets_the_language_of_their_own_account_only() {
    let own = at("branch").about("mbr_a");
    assert!(permit(&member("mbr_a", "branch", None), Action::SetLanguage, &own).is_ok());
    assert_eq!(
        refused(&member("mbr_b", "branch", None), Action::SetLanguage, &own),
        Code::NotVisible
    );
    assert!(permit(&administrator(), Action::SetLanguage, &at("city")).is_ok());
}
