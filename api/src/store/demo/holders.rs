//! Holders of posts who get an account: those of the demo city by name, those of a city at scale by sort.

use domain::vocabulary::{OrganizationKind, Post};

use super::plan;

/// Who gets an account: role, user name, org and post held there.
pub(super) const HOLDERS: &[(&str, &str, &str, Post)] = &[
    (
        "group leader",
        "group-leader",
        "青禾县委办公室党支部第一党小组",
        Post::GroupLeader,
    ),
    (
        "branch secretary",
        "branch-secretary",
        "青禾县委办公室党支部",
        Post::Secretary,
    ),
    (
        "branch deputy secretary",
        "branch-deputy",
        "青禾县委办公室党支部",
        Post::DeputySecretary,
    ),
    (
        "branch committee member",
        "branch-committee",
        "青禾县委办公室党支部",
        Post::OrganizationCommitteeMember,
    ),
    (
        "branch clerk",
        "branch-clerk",
        "青禾县委组织部党支部",
        Post::PartyAffairsClerk,
    ),
    (
        "acting branch secretary",
        "acting-secretary",
        "竹林村党支部",
        Post::Secretary,
    ),
    (
        "village branch secretary",
        "village-secretary",
        "上麦村党支部",
        Post::Secretary,
    ),
    (
        "secretary of the branch that was moved",
        "moved-secretary",
        plan::MOVED,
        Post::Secretary,
    ),
    (
        "branch secretary in another county",
        "other-county-secretary",
        "芦花村党支部",
        Post::Secretary,
    ),
    (
        "general branch secretary",
        "general-branch-secretary",
        "溪口村党总支",
        Post::Secretary,
    ),
    (
        "enterprise committee secretary",
        "enterprise-secretary",
        "麦溪水泥厂委员会",
        Post::Secretary,
    ),
    ("town secretary", "town-secretary", "中共麦溪镇委员会", Post::Secretary),
    (
        "town office clerk",
        "town-clerk",
        "中共麦溪镇委员会",
        Post::CommitteeOfficeClerk,
    ),
    (
        "county secretary",
        "county-secretary",
        "中共青禾县委员会",
        Post::Secretary,
    ),
    (
        "county organization department",
        "county-organization",
        "中共青禾县委员会",
        Post::OrganizationDepartmentStaff,
    ),
    (
        "county discipline inspection",
        "county-discipline",
        "中共青禾县委员会",
        Post::DisciplineInspectionStaff,
    ),
    (
        "secretary of another county",
        "other-county",
        "中共柳湾区委员会",
        Post::Secretary,
    ),
    (
        "department secretary",
        "department-secretary",
        "中共云泽市教育局委员会",
        Post::Secretary,
    ),
    (
        "leading group secretary",
        "leading-group-secretary",
        plan::LEADING_GROUP,
        Post::Secretary,
    ),
    ("city secretary", "city-secretary", "中共云泽市委员会", Post::Secretary),
    (
        "city organization department",
        "city-organization",
        "中共云泽市委员会",
        Post::OrganizationDepartmentStaff,
    ),
    (
        "city discipline inspection",
        "city-discipline",
        "中共云泽市委员会",
        Post::DisciplineInspectionStaff,
    ),
];

/// A sort of holder who gets an account in a city at scale.
pub(super) struct Holding {
    pub(super) role: &'static str,
    pub(super) username: &'static str,
    pub(super) kind: OrganizationKind,
    pub(super) post: Post,
}

const fn holding(role: &'static str, username: &'static str, kind: OrganizationKind, post: Post) -> Holding {
    Holding {
        role,
        username,
        kind,
        post,
    }
}

/// Whose county the service account of a city at scale may read.
pub(super) const COUNTY: &str = "county-secretary";

/// From the bottom up.
pub(super) const HOLDINGS: &[Holding] = &[
    holding(
        "group leader",
        "group-leader",
        OrganizationKind::PartyGroup,
        Post::GroupLeader,
    ),
    holding(
        "branch secretary",
        "branch-secretary",
        OrganizationKind::Branch,
        Post::Secretary,
    ),
    holding(
        "branch clerk",
        "branch-clerk",
        OrganizationKind::Branch,
        Post::PartyAffairsClerk,
    ),
    holding(
        "general branch secretary",
        "general-branch-secretary",
        OrganizationKind::GeneralBranch,
        Post::Secretary,
    ),
    holding(
        "committee secretary",
        "committee-secretary",
        OrganizationKind::PrimaryCommittee,
        Post::Secretary,
    ),
    holding(
        "town secretary",
        "town-secretary",
        OrganizationKind::TownCommittee,
        Post::Secretary,
    ),
    holding(
        "town office clerk",
        "town-clerk",
        OrganizationKind::TownCommittee,
        Post::CommitteeOfficeClerk,
    ),
    holding(
        "county secretary",
        COUNTY,
        OrganizationKind::CountyCommittee,
        Post::Secretary,
    ),
    holding(
        "county organization department",
        "county-organization",
        OrganizationKind::CountyCommittee,
        Post::OrganizationDepartmentStaff,
    ),
    holding(
        "county discipline inspection",
        "county-discipline",
        OrganizationKind::CountyCommittee,
        Post::DisciplineInspectionStaff,
    ),
    holding(
        "department secretary",
        "department-secretary",
        OrganizationKind::DepartmentCommittee,
        Post::Secretary,
    ),
    holding(
        "leading group secretary",
        "leading-group-secretary",
        OrganizationKind::LeadingPartyMembersGroup,
        Post::Secretary,
    ),
    holding(
        "city secretary",
        "city-secretary",
        OrganizationKind::CityCommittee,
        Post::Secretary,
    ),
    holding(
        "city organization department",
        "city-organization",
        OrganizationKind::CityCommittee,
        Post::OrganizationDepartmentStaff,
    ),
    holding(
        "city discipline inspection",
        "city-discipline",
        OrganizationKind::CityCommittee,
        Post::DisciplineInspectionStaff,
    ),
];

/// Whether somebody who holds a post of this org gets an account.
pub(super) fn is_shown(org: &str) -> bool {
    HOLDERS.iter().any(|(_, _, of, _)| *of == org)
}
