use async_graphql::{Enum, SimpleObject};
use domain::activity_kind::{Capabilities, Expected, capabilities};
use domain::vocabulary::{ActivityKind, AgendaItemKind, Language, OrganizationKind};

/// Who is expected at an activity of a kind.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedPeople {
    /// All members.
    Members,
    /// The committee.
    Committee,
    /// The members of the group.
    GroupMembers,
    /// Members; activists are invited and counted apart.
    MembersAndActivists,
}

/// A kind of agenda item, with its label.
#[derive(SimpleObject)]
pub struct AgendaItemKindInfo {
    /// Which kind it is.
    pub kind: AgendaItemKind,
    /// In the reader's language.
    pub label: &'static str,
}

/// What a kind of activity can do, so that no front-end has to know it.
#[derive(SimpleObject)]
pub struct ActivityKindInfo {
    /// Which kind it is.
    pub kind: ActivityKind,
    /// In the reader's language.
    pub label: &'static str,
    /// Kinds of org that may hold it.
    pub held_by: Vec<OrganizationKind>,
    /// Without the exempt.
    pub expected: ExpectedPeople,
    /// Whether minutes are to be filed.
    pub needs_minutes: bool,
    /// An unexcused absence counts for the ladder (G2.5a).
    pub counts_as_organizational_life: bool,
    /// Any orgs that hold it may hold it together; a branch too small to meet alone may also hold other meetings with a
    /// named one.
    pub may_be_joint: bool,
    /// Kinds that one meeting may be as well, by its agenda.
    pub may_be_combined_with: Vec<ActivityKind>,
    /// What its agenda may hold on its own.
    pub agenda: Vec<AgendaItemKindInfo>,
}

/// All kinds, in the language asked for.
pub fn all(language: Language) -> Vec<ActivityKindInfo> {
    ActivityKind::ALL
        .iter()
        .map(|kind| info(capabilities(*kind), language))
        .collect()
}

fn info(kind: &Capabilities, language: Language) -> ActivityKindInfo {
    let item = |kind: &AgendaItemKind| AgendaItemKindInfo {
        kind: *kind,
        label: kind.label(language),
    };
    ActivityKindInfo {
        kind: kind.kind,
        label: kind.label(language),
        held_by: kind.held_by.to_vec(),
        expected: match kind.expected {
            Expected::Members => ExpectedPeople::Members,
            Expected::Committee => ExpectedPeople::Committee,
            Expected::GroupMembers => ExpectedPeople::GroupMembers,
            Expected::MembersAndActivists => ExpectedPeople::MembersAndActivists,
        },
        needs_minutes: kind.needs_minutes,
        counts_as_organizational_life: kind.counts_as_organizational_life,
        may_be_joint: kind.may_be_joint(),
        may_be_combined_with: kind.may_be_combined_with.to_vec(),
        agenda: kind.agenda.iter().map(item).collect(),
    }
}
