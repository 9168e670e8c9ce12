//! Which facts an org can have (spec 2, "Facts of an org"): what follows from its kind, what a decision may set, and on
//! which entry of a rulebook a refusal rests.

use crate::vocabulary::{OrganKind, OrganizationKind as K, Sector};

/// Entry about committee meetings: what follows from having a committee.
const COMMITTEE_MEETING: &str = "committee-meeting";
/// Entry about the democratic life meeting.
const DEMOCRATIC_LIFE_MEETING: &str = "democratic-life-meeting";

/// The facts that stand or fall with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationFactSet {
    pub kind: K,
    pub sector: Sector,
    /// 设委员会, by decision and not from filled posts.
    pub has_committee: bool,
    /// Right of approval 审批权限.
    pub approves: bool,
    pub holds_democratic_life_meeting: bool,
    /// 联合党组织
    pub joint: bool,
    /// 临时党组织
    pub temporary: bool,
}

/// A fact that an org of this kind, sector or standing cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImpossibleFact {
    /// Name of the fact in the API.
    pub fact: &'static str,
    /// The entry of the rulebook behind it, where the guideline says so.
    pub entry: Option<&'static str>,
}

/// Whether an org may be given the right of approval: committees, but no temporary one and none of a village or community.
/// A general branch, a branch, a group and a leading group never have it.
#[must_use]
pub fn may_approve(kind: K, sector: Sector, temporary: bool) -> bool {
    let grass_roots = matches!(sector, Sector::Village | Sector::Community) && kind == K::PrimaryCommittee;
    is_committee(kind) && !temporary && !grass_roots
}

/// Whether the kind is a committee 党委, 党工委.
#[must_use]
pub fn is_committee(kind: K) -> bool {
    match kind {
        K::CityCommittee
        | K::CountyCommittee
        | K::WorkingCommittee
        | K::TownCommittee
        | K::SubdistrictWorkingCommittee
        | K::DepartmentCommittee
        | K::DirectlyAffiliatedUnitCommittee
        | K::PrimaryCommittee => true,
        K::GeneralBranch | K::Branch | K::PartyGroup | K::LeadingPartyMembersGroup => false,
    }
}

/// Whether a team of this kind owes the democratic life meeting by the guideline itself (G1.2a).
#[must_use]
pub fn owes_democratic_life_meeting(kind: K) -> bool {
    match kind {
        K::CityCommittee
        | K::CountyCommittee
        | K::TownCommittee
        | K::SubdistrictWorkingCommittee
        | K::LeadingPartyMembersGroup
        | K::DepartmentCommittee
        | K::DirectlyAffiliatedUnitCommittee => true,
        K::WorkingCommittee | K::PrimaryCommittee | K::GeneralBranch | K::Branch | K::PartyGroup => false,
    }
}

/// Whether an org of this kind may have a committee: a group has a leader, and a leading group is a team itself.
#[must_use]
pub fn may_have_committee(kind: K) -> bool {
    !matches!(kind, K::PartyGroup | K::LeadingPartyMembersGroup)
}

/// Whether a superior may set that the team holds the democratic life meeting.
#[must_use]
pub fn may_hold_democratic_life_meeting(kind: K) -> bool {
    is_committee(kind) || kind == K::LeadingPartyMembersGroup
}

/// Whether a leading group may guide an org of this kind; a Party group goes with its branch.
#[must_use]
pub fn may_be_guided(kind: K) -> bool {
    !matches!(
        kind,
        K::CityCommittee | K::CountyCommittee | K::LeadingPartyMembersGroup | K::PartyGroup
    )
}

/// What an organ of a committee is called: the committee's name without its last word, and the organ's own.
#[must_use]
pub fn organ_name(committee: &str, organ: OrganKind) -> String {
    let own = match organ {
        OrganKind::OrganizationDepartment => "组织部",
        OrganKind::DisciplineInspectionCommission => "纪律检查委员会",
    };
    format!("{}{own}", committee.trim_end_matches("委员会"))
}

impl OrganizationFactSet {
    /// # Errors
    /// The first fact, in the order of the fields, that an org like this cannot have.
    pub fn check(&self) -> Result<(), ImpossibleFact> {
        let impossible = |fact, entry| Err(ImpossibleFact { fact, entry });
        let small = matches!(self.kind, K::Branch | K::GeneralBranch | K::PrimaryCommittee);
        if self.has_committee && !may_have_committee(self.kind) {
            return impossible("hasCommittee", Some(COMMITTEE_MEETING));
        }
        if self.approves && !may_approve(self.kind, self.sector, self.temporary) {
            return impossible("approves", None);
        }
        let may_hold = may_hold_democratic_life_meeting(self.kind);
        let must_hold = owes_democratic_life_meeting(self.kind);
        if (self.holds_democratic_life_meeting && !may_hold) || (!self.holds_democratic_life_meeting && must_hold) {
            return impossible("holdsDemocraticLifeMeeting", Some(DEMOCRATIC_LIFE_MEETING));
        }
        if self.joint && !small {
            return impossible("joint", None);
        }
        if self.temporary && !small {
            return impossible("temporary", None);
        }
        Ok(())
    }
}
