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
    /// Several orgs may hold it together (G2.3b).
    pub may_be_joint: bool,
    /// Kinds that one act may be as well, by declared agenda item and where the rulebook allows.
    pub may_be_combined_with: &'static [ActivityKind],
    /// What its agenda may hold, as the guideline lists it; those of a combined kind come on top.
    pub agenda: &'static [AgendaItemKind],
}

impl Capabilities {
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
    may_be_joint: false,
    may_be_combined_with: &[ActivityKind::PartyLecture],
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
    may_be_joint: false,
    may_be_combined_with: &[],
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
    may_be_joint: false,
    may_be_combined_with: &[],
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
    may_be_joint: true,
    may_be_combined_with: &[ActivityKind::BranchGeneralMeeting],
    agenda: &[
        AgendaItemKind::LectureSpiritConductDiscipline,
        AgendaItemKind::LectureBasics,
        AgendaItemKind::LectureSituation,
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
    }
}

/// Whether an org of a kind may hold an activity of a kind.
#[must_use]
pub fn may_hold(organization: OrganizationKind, activity: ActivityKind) -> bool {
    capabilities(activity).held_by.contains(&organization)
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
    fn g1_1c_only_a_group_holds_group_meetings() {
        assert!(may_hold(OrganizationKind::PartyGroup, ActivityKind::PartyGroupMeeting));
        assert!(!may_hold(OrganizationKind::Branch, ActivityKind::PartyGroupMeeting));
    }
}
