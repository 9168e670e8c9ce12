//! What each kind of activity can do, as data: a new meeting kind is one variant and one row here.

use crate::vocabulary::{ActivityKind, AgendaItemKind, Language, OrganizationKind};

/// Who is expected at an activity of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// Members of the branch 支部党员.
    Members,
    /// Holders of the branch committee's posts 支委.
    Committee,
    /// Members of the group 小组党员.
    GroupMembers,
    /// Members of the branch; activists 入党积极分子 are invited and counted apart.
    MembersAndActivists,
}

/// Whether several orgs may hold an activity of a kind together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Together {
    /// Any that hold it (G2.3b).
    Freely,
    /// A branch with too few full members, with a named branch (spec 2).
    WhereSmall,
    /// What an org's committee deliberates stays with it.
    Never,
}

/// Capabilities of one kind of activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub kind: ActivityKind,
    pub label_zh: &'static str,
    pub label_en: &'static str,
    /// The kinds of org that may hold it.
    pub held_by: &'static [OrganizationKind],
    pub expected: Expected,
    /// Counts as held only once minutes are filed (G1.1f).
    pub needs_minutes: bool,
    /// Its minutes are sealed at rest: what a committee or a team discussed is for those who took part (spec 3).
    pub seals_minutes: bool,
    /// An unexcused absence is an occasion of the ladder (G2.5a).
    pub counts_as_organizational_life: bool,
    pub together: Together,
    /// Kinds that one act may be as well, by declared agenda item and where the rulebook allows.
    pub may_be_combined_with: &'static [ActivityKind],
    /// What it resolves is a collective decision of the org 集体决定 (spec 3).
    pub decides: bool,
    /// What its agenda may hold, as the guideline lists it; those of a combined kind come on top.
    pub agenda: &'static [AgendaItemKind],
}

impl Capabilities {
    /// Whether any orgs that hold it may hold it together.
    #[must_use]
    pub fn may_be_joint(&self) -> bool {
        self.together == Together::Freely
    }

    #[must_use]
    pub fn label(&self, language: Language) -> &'static str {
        match language {
            Language::ZhCn => self.label_zh,
            Language::En => self.label_en,
        }
    }
}

const GENERAL_MEETING: Capabilities = Capabilities {
    kind: ActivityKind::BranchGeneralMeeting,
    label_zh: "支部党员大会",
    label_en: "Branch general meeting",
    held_by: &[OrganizationKind::Branch],
    expected: Expected::Members,
    needs_minutes: true,
    seals_minutes: false,
    counts_as_organizational_life: true,
    together: Together::WhereSmall,
    may_be_combined_with: &[ActivityKind::PartyLecture],
    decides: true,
    agenda: &[
        AgendaItemKind::Study,
        AgendaItemKind::ReviewWork,
        AgendaItemKind::Admission,
        AgendaItemKind::Commendation,
        AgendaItemKind::Sanction,
        AgendaItemKind::MajorMatter,
        AgendaItemKind::CarryOutResolution,
        AgendaItemKind::Education,
        AgendaItemKind::OrganizationalLifeMeeting,
        AgendaItemKind::DemocraticAppraisal,
        AgendaItemKind::PartySpiritCheck,
        AgendaItemKind::OrganizationalLife,
        AgendaItemKind::Other,
    ],
};

const COMMITTEE_MEETING: Capabilities = Capabilities {
    kind: ActivityKind::BranchCommitteeMeeting,
    label_zh: "支部委员会",
    label_en: "Branch committee meeting",
    held_by: &[OrganizationKind::Branch],
    expected: Expected::Committee,
    needs_minutes: true,
    seals_minutes: true,
    counts_as_organizational_life: false,
    together: Together::Never,
    may_be_combined_with: &[],
    decides: true,
    agenda: &[
        AgendaItemKind::Study,
        AgendaItemKind::Directive,
        AgendaItemKind::CarryOutResolution,
        AgendaItemKind::Task,
        AgendaItemKind::Education,
        AgendaItemKind::Admission,
        AgendaItemKind::Commendation,
        AgendaItemKind::Sanction,
        AgendaItemKind::DailyAffairs,
        AgendaItemKind::OrganizationalLife,
        AgendaItemKind::Other,
    ],
};

const GROUP_MEETING: Capabilities = Capabilities {
    kind: ActivityKind::PartyGroupMeeting,
    label_zh: "党小组会",
    label_en: "Party group meeting",
    held_by: &[OrganizationKind::PartyGroup],
    expected: Expected::GroupMembers,
    needs_minutes: true,
    seals_minutes: false,
    counts_as_organizational_life: true,
    together: Together::WhereSmall,
    may_be_combined_with: &[],
    decides: false,
    agenda: &[
        AgendaItemKind::Study,
        AgendaItemKind::Exchange,
        AgendaItemKind::CarryOutResolution,
        AgendaItemKind::PublicOpinion,
        AgendaItemKind::OrganizationalLifeMeeting,
        AgendaItemKind::DemocraticAppraisal,
        AgendaItemKind::PartySpiritCheck,
        AgendaItemKind::OrganizationalLife,
        AgendaItemKind::Other,
    ],
};

const LECTURE: Capabilities = Capabilities {
    kind: ActivityKind::PartyLecture,
    label_zh: "党课",
    label_en: "Party lecture",
    held_by: &[OrganizationKind::Branch],
    expected: Expected::MembersAndActivists,
    needs_minutes: true,
    seals_minutes: false,
    counts_as_organizational_life: true,
    together: Together::Freely,
    may_be_combined_with: &[ActivityKind::BranchGeneralMeeting],
    decides: false,
    agenda: &[
        AgendaItemKind::LectureSpiritConductDiscipline,
        AgendaItemKind::LectureBasics,
        AgendaItemKind::LectureSituation,
        AgendaItemKind::Other,
    ],
};

const MEETING_OF_A_COMMITTEE: Capabilities = Capabilities {
    kind: ActivityKind::CommitteeMeeting,
    label_zh: "党委（党组、党总支）会议",
    label_en: "Committee meeting",
    held_by: &[
        OrganizationKind::CityCommittee,
        OrganizationKind::CountyCommittee,
        OrganizationKind::WorkingCommittee,
        OrganizationKind::TownCommittee,
        OrganizationKind::SubdistrictWorkingCommittee,
        OrganizationKind::DepartmentCommittee,
        OrganizationKind::DirectlyAffiliatedUnitCommittee,
        OrganizationKind::PrimaryCommittee,
        OrganizationKind::GeneralBranch,
        OrganizationKind::LeadingPartyMembersGroup,
    ],
    expected: Expected::Committee,
    needs_minutes: true,
    seals_minutes: true,
    counts_as_organizational_life: false,
    together: Together::Never,
    may_be_combined_with: &[],
    decides: true,
    agenda: &[
        AgendaItemKind::Study,
        AgendaItemKind::Directive,
        AgendaItemKind::CarryOutResolution,
        AgendaItemKind::Task,
        AgendaItemKind::MajorMatter,
        AgendaItemKind::Education,
        AgendaItemKind::Admission,
        AgendaItemKind::Commendation,
        AgendaItemKind::Sanction,
        AgendaItemKind::DailyAffairs,
        AgendaItemKind::OrganizationalLife,
        AgendaItemKind::Other,
    ],
};

/// The capabilities of a kind (G1.1a–d).
#[must_use]
pub fn capabilities(kind: ActivityKind) -> &'static Capabilities {
    match kind {
        ActivityKind::BranchGeneralMeeting => &GENERAL_MEETING,
        ActivityKind::BranchCommitteeMeeting => &COMMITTEE_MEETING,
        ActivityKind::PartyGroupMeeting => &GROUP_MEETING,
        ActivityKind::PartyLecture => &LECTURE,
        ActivityKind::CommitteeMeeting => &MEETING_OF_A_COMMITTEE,
    }
}

/// The codes of all kinds with a capability, as a list for SQL.
#[must_use]
pub fn codes(which: impl Fn(&Capabilities) -> bool) -> String {
    let kinds = ActivityKind::ALL.iter().filter(|kind| which(capabilities(**kind)));
    let codes: Vec<String> = kinds.map(|kind| format!("'{}'", kind.as_str())).collect();
    format!("({})", codes.join(", "))
}

/// Whether an org of a kind may hold an activity of a kind.
#[must_use]
pub fn may_hold(organization: OrganizationKind, activity: ActivityKind) -> bool {
    capabilities(activity).held_by.contains(&organization)
}

/// Whether branches of these sizes, in full members, may hold an activity of a kind together, where a branch needs `least`:
/// at most one of them is large enough to meet alone. `None`: the rulebook lets no branch meet jointly for being small.
#[must_use]
pub fn may_meet_jointly(kind: ActivityKind, sizes: &[u32], least: Option<u32>) -> bool {
    match capabilities(kind).together {
        Together::Freely => true,
        Together::Never => false,
        Together::WhereSmall => least.is_some_and(|least| sizes.iter().filter(|size| **size >= least).count() <= 1),
    }
}

/// Whether an item of this kind may stand on the agenda of an activity of a kind, as its own or by combination.
#[must_use]
pub fn may_discuss(activity: ActivityKind, item: AgendaItemKind) -> bool {
    let own = capabilities(activity);
    own.agenda.contains(&item)
        || own
            .may_be_combined_with
            .iter()
            .any(|other| capabilities(*other).agenda.contains(&item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g1_1a_to_d_each_kind_has_the_agenda_of_the_guideline() {
        assert!(may_discuss(
            ActivityKind::BranchGeneralMeeting,
            AgendaItemKind::Admission
        ));
        assert!(may_discuss(
            ActivityKind::BranchGeneralMeeting,
            AgendaItemKind::LectureBasics
        ));
        assert!(may_discuss(
            ActivityKind::BranchCommitteeMeeting,
            AgendaItemKind::Directive
        ));
        assert!(!may_discuss(ActivityKind::PartyGroupMeeting, AgendaItemKind::Admission));
        assert!(!may_discuss(
            ActivityKind::BranchCommitteeMeeting,
            AgendaItemKind::LectureBasics
        ));
    }

    #[test]
    fn every_kind_describes_itself_and_combines_both_ways() {
        for kind in ActivityKind::ALL {
            let own = capabilities(*kind);
            assert_eq!(own.kind, *kind);
            for other in own.may_be_combined_with {
                assert!(capabilities(*other).may_be_combined_with.contains(kind));
            }
        }
    }

    #[test]
    fn g3_1a_every_committee_has_its_meeting_with_organizational_life_on_the_agenda() {
        for kind in OrganizationKind::ALL {
            let smallest = matches!(kind, OrganizationKind::Branch | OrganizationKind::PartyGroup);
            assert_eq!(may_hold(*kind, ActivityKind::CommitteeMeeting), !smallest, "{kind}");
        }
        assert!(may_discuss(
            ActivityKind::CommitteeMeeting,
            AgendaItemKind::OrganizationalLife
        ));
        assert_eq!(
            codes(|kind| kind.seals_minutes),
            "('BRANCH_COMMITTEE_MEETING', 'COMMITTEE_MEETING')"
        );
    }

    #[test]
    fn g2_3b_a_small_branch_meets_jointly_with_a_named_one_and_a_committee_never_does() {
        let general = |sizes: &[u32], least| may_meet_jointly(ActivityKind::BranchGeneralMeeting, sizes, least);
        assert!(general(&[2, 20], Some(3)) && general(&[2, 1], Some(3)) && general(&[20, 2, 1], Some(3)));
        assert!(!general(&[3, 20], Some(3)), "both can meet alone");
        assert!(!general(&[2, 20], None), "the rulebook does not know it");
        assert!(!may_meet_jointly(
            ActivityKind::BranchCommitteeMeeting,
            &[2, 2],
            Some(3)
        ));
        assert!(may_meet_jointly(ActivityKind::PartyLecture, &[30, 40], None));
    }

    #[test]
    fn g1_1c_only_a_group_holds_group_meetings() {
        assert!(may_hold(OrganizationKind::PartyGroup, ActivityKind::PartyGroupMeeting));
        assert!(!may_hold(OrganizationKind::Branch, ActivityKind::PartyGroupMeeting));
    }
}
