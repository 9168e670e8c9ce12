//! Spec 3 said once more by hand: who reads what where on a small tree. Nothing here is derived from the table;
//! what is not named is expected not to exist for that holder.

use domain::policy::Subject::{self, *};
use domain::policy::{Actor, Grant, Target, scope};
use domain::vocabulary::{Post, ServiceScope};

use crate::tree::{administrator, holder, member, names, place, service};

const ALL: &str =
    "city county town branch group village vbranch general gbranch lead dept dbranch county2 primary2 branch2";
const BELOW_CITY: &str =
    "county town branch group village vbranch general gbranch lead dept dbranch county2 primary2 branch2";
const BELOW_COUNTY: &str = "town branch group village vbranch general gbranch";
const COUNTY_AND_BELOW: &str = "county town branch group village vbranch general gbranch";
/// The village has no right of approval: its branches, and those of its general branch, are the town's next level.
const NEXT_OF_TOWN: &str = "branch group village vbranch gbranch";

fn seen(actor: &Actor, subject: Subject, grant: Grant) -> Vec<&'static str> {
    let scope = scope(actor, subject, grant);
    names()
        .into_iter()
        .filter(|org| scope.contains(&Target::at(place(org))))
        .collect()
}

fn sorted(orgs: &str) -> Vec<&str> {
    let mut listed: Vec<&str> = orgs.split_whitespace().collect();
    listed.sort_unstable();
    listed
}

/// Asserts, for every subject, at which orgs rows about an uninvolved person are readable.
fn reads(who: &str, actor: &Actor, expected: &[(&str, &[Subject])]) {
    check(who, actor, Grant::Rows, expected);
}

fn sums(who: &str, actor: &Actor, expected: &[(&str, &[Subject])]) {
    check(who, actor, Grant::Figures, expected);
}

fn check(who: &str, actor: &Actor, grant: Grant, expected: &[(&str, &[Subject])]) {
    for subject in Subject::ALL {
        let orgs: Vec<&str> = expected
            .iter()
            .filter(|line| line.1.contains(subject))
            .map(|line| line.0)
            .collect();
        let joined = orgs.join(" ");
        let mut orgs = sorted(&joined);
        orgs.dedup();
        let mut found = seen(actor, *subject, grant);
        found.sort_unstable();
        assert_eq!(found, orgs, "{who}: {subject} {grant}");
    }
}

#[test]
fn anybody_reads_the_rulebook_and_nothing_else() {
    reads("anonymous", &Actor::anonymous(), &[(ALL, &[RulebookText])]);
}

#[test]
fn a_member_reads_the_directory_and_their_own_orgs() {
    let actor = member("mbr_a", "branch", Some("group"));
    reads(
        "member",
        &actor,
        &[
            (ALL, &[Directory, RulebookText, Log]),
            ("branch", &[Roster]),
            ("branch group", &[Activities, Minutes, Obligations]),
        ],
    );
}

#[test]
fn a_branch_secretary_reads_the_branch_and_its_groups() {
    reads(
        "branch secretary",
        &holder(Post::Secretary, "branch"),
        &[
            (ALL, &[Directory, RulebookText, Log]),
            (
                "branch group",
                &[
                    OtherPosts,
                    ActivityUnits,
                    Accounts,
                    Webhooks,
                    Roster,
                    Admission,
                    Transfer,
                    Identity,
                    Phone,
                    Activities,
                    Minutes,
                    FollowUps,
                    Attendance,
                    LeaveReason,
                    Exemption,
                    Measures,
                    Obligations,
                    AuditTrail,
                ],
            ),
            ("group", &[Structure]),
        ],
    );
}

#[test]
fn a_branch_clerk_reads_what_is_recorded_there() {
    reads(
        "branch clerk",
        &holder(Post::PartyAffairsClerk, "branch"),
        &[
            (ALL, &[Directory, RulebookText, Log]),
            (
                "branch group",
                &[
                    ActivityUnits,
                    Roster,
                    Admission,
                    Transfer,
                    Identity,
                    Phone,
                    Activities,
                    Minutes,
                    CommitteeMinutes,
                    FollowUps,
                    Attendance,
                    LeaveReason,
                    Exemption,
                    Obligations,
                ],
            ),
        ],
    );
}

#[test]
fn a_group_leader_reads_the_group() {
    reads(
        "group leader",
        &holder(Post::GroupLeader, "group"),
        &[
            (ALL, &[Directory, RulebookText, Log]),
            (
                "group",
                &[
                    ActivityUnits,
                    Roster,
                    Admission,
                    Phone,
                    Activities,
                    Minutes,
                    FollowUps,
                    Attendance,
                    LeaveReason,
                    Measures,
                    Obligations,
                ],
            ),
        ],
    );
    let roster = scope(&holder(Post::GroupLeader, "group"), Phone, Grant::Rows);
    assert!(roster.contains(&Target::at(place("branch")).about("mbr_x").in_group(place("group"))));
    assert!(!roster.contains(&Target::at(place("branch")).about("mbr_y")));
}

#[test]
fn a_superior_reads_exactly_the_next_level() {
    let at_own: &[Subject] = &[
        OtherPosts,
        ActivityUnits,
        Accounts,
        Webhooks,
        Roster,
        Admission,
        Transfer,
        Identity,
        Phone,
        Activities,
        Minutes,
        FollowUps,
        Attendance,
        LeaveReason,
        Exemption,
        Measures,
        Obligations,
        AuditTrail,
    ];
    let at_next: &[Subject] = &[
        OtherPosts,
        Roster,
        Admission,
        Identity,
        Phone,
        Activities,
        Minutes,
        CommitteeMinutes,
        Attendance,
        Exemption,
        Measures,
        Obligations,
        AuditTrail,
    ];
    reads(
        "town secretary",
        &holder(Post::Secretary, "town"),
        &[
            (ALL, &[Directory, RulebookText, Log]),
            ("town", at_own),
            (NEXT_OF_TOWN, at_next),
            ("general", &[Obligations]),
            ("branch village vbranch gbranch", &[Structure, SecretaryPosts]),
            // The approver's own reach, whatever oversees in between.
            ("general", &[Admission]),
        ],
    );
    reads(
        "county secretary",
        &holder(Post::Secretary, "county"),
        &[
            (ALL, &[Directory, RulebookText, Log]),
            ("county", at_own),
            ("county", &[OrganStaff]),
            ("town", at_next),
            ("town", &[Structure, SecretaryPosts]),
            (BELOW_COUNTY, &[Obligations]),
        ],
    );
}

#[test]
fn a_superiors_other_officers_do_not_read_committee_minutes() {
    let minutes = |post| seen(&holder(post, "county"), CommitteeMinutes, Grant::Rows);
    assert_eq!(minutes(Post::Secretary), ["town"]);
    assert!(minutes(Post::DeputySecretary).is_empty());
    assert!(minutes(Post::CommitteeMember).is_empty());
}

#[test]
fn an_office_clerk_reads_the_next_level_only() {
    reads(
        "county office clerk",
        &holder(Post::CommitteeOfficeClerk, "county"),
        &[
            (ALL, &[Directory, RulebookText, Log]),
            (
                "town",
                &[
                    Structure,
                    SecretaryPosts,
                    OtherPosts,
                    Roster,
                    Admission,
                    Identity,
                    Phone,
                    Activities,
                    Minutes,
                    Attendance,
                    Exemption,
                    Measures,
                    Obligations,
                    AuditTrail,
                ],
            ),
        ],
    );
}

#[test]
fn a_leading_group_reads_what_it_guides() {
    let actor = holder(Post::Secretary, "lead");
    for subject in [Roster, Activities, Minutes, Attendance, Measures, Obligations] {
        assert_eq!(seen(&actor, subject, Grant::Rows), ["lead", "dbranch"], "{subject}");
    }
    let parent = holder(Post::Secretary, "dept");
    assert_eq!(seen(&parent, Roster, Grant::Rows), ["dept", "dbranch"]);
}

#[test]
fn an_organization_department_reads_below_its_committee() {
    let actor = holder(Post::OrganizationDepartmentStaff, "county");
    reads(
        "county organization department",
        &actor,
        &[
            (ALL, &[Directory, RulebookText, Log]),
            ("town", &[Structure, SecretaryPosts, Activities, Minutes, DualLife]),
            (
                BELOW_COUNTY,
                &[OtherPosts, Roster, Admission, Identity, Phone, Obligations, AuditTrail],
            ),
            (COUNTY_AND_BELOW, &[RulebookAssignment]),
        ],
    );
    assert!(seen(&holder(Post::OrganizationDepartmentStaff, "town"), Roster, Grant::Rows).is_empty());
}

#[test]
fn a_discipline_inspection_commission_reads_alerts_and_trail_and_figures() {
    let actor = holder(Post::DisciplineInspectionStaff, "county");
    reads(
        "county discipline inspection",
        &actor,
        &[
            (ALL, &[Directory, RulebookText, Log]),
            (BELOW_COUNTY, &[Obligations, AuditTrail]),
        ],
    );
    sums(
        "county discipline inspection",
        &actor,
        &[
            (ALL, &[Directory, RulebookText, Log]),
            (
                COUNTY_AND_BELOW,
                &[
                    Roster,
                    Activities,
                    Minutes,
                    Attendance,
                    Measures,
                    Obligations,
                    AuditTrail,
                ],
            ),
        ],
    );
}

#[test]
fn figures_travel_up_the_whole_chain_and_names_do_not() {
    let city = holder(Post::Secretary, "city");
    for subject in [Roster, Activities, Minutes, Attendance, Exemption, Measures, Admission] {
        let mut sums = seen(&city, subject, Grant::Figures);
        sums.sort_unstable();
        assert_eq!(sums, sorted(ALL), "{subject}");
        let rows = seen(&city, subject, Grant::Rows);
        assert!(!rows.contains(&"town") && !rows.contains(&"branch"), "{subject}");
    }
    for subject in [Identity, Phone, LeaveReason] {
        assert!(!seen(&city, subject, Grant::Figures).contains(&"branch"), "{subject}");
    }
    let staff = holder(Post::OrganizationDepartmentStaff, "city");
    assert_eq!(seen(&staff, Attendance, Grant::Rows), Vec::<&str>::new());
    assert_eq!(sorted(&seen(&staff, Roster, Grant::Rows).join(" ")), sorted(BELOW_CITY));
    assert_eq!(sorted(&seen(&staff, Roster, Grant::Figures).join(" ")), sorted(ALL));
}

#[test]
fn a_member_sees_the_posts_they_hold_themselves_and_nobody_elses() {
    let actor = member("mbr_a", "branch", None);
    for subject in [OtherPosts, OrganStaff] {
        let posts = scope(&actor, subject, Grant::Rows);
        assert!(posts.contains(&Target::at(place("town")).about("mbr_a")), "{subject}");
        assert!(
            !posts.contains(&Target::at(place("branch")).about("mbr_b")),
            "{subject}"
        );
    }
}

#[test]
fn a_member_has_no_figures_about_persons() {
    let actor = member("mbr_a", "branch", None);
    for subject in [Attendance, Measures, Exemption, Admission, Transfer] {
        assert!(scope(&actor, subject, Grant::Figures).is_empty(), "{subject}");
    }
    assert_eq!(seen(&actor, Obligations, Grant::Figures), ["branch"]);
}

#[test]
fn an_administrator_has_no_access_to_members_content() {
    reads(
        "administrator",
        &administrator(),
        &[(
            ALL,
            &[
                Directory,
                Accounts,
                ServiceAccounts,
                Webhooks,
                OwnAccount,
                Keys,
                RulebookText,
            ],
        )],
    );
}

#[test]
fn a_service_account_has_its_scopes_in_one_subtree() {
    reads(
        "service",
        &service(
            "county",
            &[
                ServiceScope::OrgsRead,
                ServiceScope::MembersRead,
                ServiceScope::EventsRead,
            ],
        ),
        &[
            (ALL, &[RulebookText]),
            (COUNTY_AND_BELOW, &[Directory, Roster, OtherPosts, Log]),
        ],
    );
    reads(
        "service that exports",
        &service("county", &[ServiceScope::ExportsRun]),
        &[(ALL, &[RulebookText]), (COUNTY_AND_BELOW, &[Exports])],
    );
    reads(
        "service that imports",
        &service("county", &[ServiceScope::ImportsRun]),
        &[(ALL, &[RulebookText]), (COUNTY_AND_BELOW, &[Imports])],
    );
    reads(
        "service without scopes",
        &service("county", &[]),
        &[(ALL, &[RulebookText])],
    );
}

#[test]
fn a_service_account_sees_its_own_webhooks_and_no_others() {
    let actor = service("county", &[ServiceScope::WebhooksManage]);
    reads("service", &actor, &[(ALL, &[RulebookText])]);
    let webhooks = scope(&actor, Webhooks, Grant::Rows);
    let of = |account: &str| Target::at(place("county")).about(account);
    assert!(webhooks.contains(&of(&actor.account_id)));
    assert!(!webhooks.contains(&of("acc_of_another_program")));
    let secretary = scope(&holder(Post::Secretary, "county"), Webhooks, Grant::Rows);
    assert!(secretary.contains(&of("acc_of_another_program")));
}
