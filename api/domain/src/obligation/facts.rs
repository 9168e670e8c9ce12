//! What the judge must know about one org. The caller loads it; nothing here looks anything up.

use chrono::NaiveDate;

use crate::period::Period;
use crate::rulebook::form::Deed;
use crate::rulebook::words::ActKind;
use crate::vocabulary::{AgendaItemKind, DecisionState, OrganizationFlag, OrganizationKind, Sector};

/// All facts about one org.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub organization: &'a OrganizationFacts,
    /// Its held activities, those of its predecessors included.
    pub held: &'a [HeldActivity],
    pub deviations: &'a [Deviation],
    /// Orgs that it may owe something for: those directly below it, below branches and general branches what stands below
    /// these, and of a leading group those that it guides.
    pub below: &'a [Subordinate],
    /// Acts that are recorded here and can therefore be judged; cadences of other acts are read and checked only.
    pub acts: &'a [ActKind],
}

/// An org below another, as what the upper one owes for it sees it (G1.3g, G3.3a–b).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subordinate {
    pub id: String,
    pub kind: OrganizationKind,
    /// Directly below, or guided by it.
    pub is_child: bool,
    pub stood_from: NaiveDate,
    /// First day on which it no longer stood.
    pub stood_until: Option<NaiveDate>,
    /// What it held, where it is a group of the org: it counts for the branch once every group has held it (G1.3e).
    pub held: Vec<HeldActivity>,
}

/// An org as its obligations see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationFacts {
    pub id: String,
    pub kind: OrganizationKind,
    /// Of the direct superior; `None` at the root.
    pub parent_kind: Option<OrganizationKind>,
    pub sector: Sector,
    pub flags: Vec<OrganizationFlag>,
    /// 设支委会, by decision and not from filled posts.
    pub has_committee: bool,
    /// Since when it has a committee; `None`: as long as it stands.
    pub committee_since: Option<NaiveDate>,
    pub holds_democratic_life_meeting: bool,
    /// 联合党支部
    pub joint: bool,
    pub temporary: bool,
    /// Whether the branch is divided into groups.
    pub has_groups: bool,
    /// First day on which it stood.
    pub stood_from: NaiveDate,
    /// First day on which it no longer stood.
    pub stood_until: Option<NaiveDate>,
    /// First day on which it or a predecessor stood; equals `stood_from` for an org without predecessors.
    pub lineage_from: NaiveDate,
    pub members: u32,
    /// 正式党员
    pub full_members: u32,
    /// Full members whose right to vote is not suspended.
    pub voting_members: u32,
    /// Members who are neither exempt nor away.
    pub unexempt_members: u32,
}

/// An activity that was held, as it counts for this org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldActivity {
    pub id: String,
    pub kind: Deed,
    /// The local date on which it began.
    pub date: NaiveDate,
    /// Of this org's own members.
    pub expected: u32,
    /// Of this org's own members, in any mode.
    pub present: u32,
    /// Local date on which minutes were first filed.
    pub filed_on: Option<NaiveDate>,
    /// Declared as a make-up for this period 补开.
    pub make_up_for: Option<Period>,
    /// Whether this org was named before it began; counts only where `joint`.
    pub named_before_start: bool,
    /// The year that a yearly act is for; `None`: the year of its date.
    pub for_year: Option<i32>,
    /// Held by several orgs together; not of a host whose own meeting it is, with a small branch as its guest.
    pub joint: bool,
    pub agenda: Vec<AgendaItemKind>,
    /// Other orgs that it was held for: those that took part in what this org held, or the one that was inspected. Empty of
    /// what another org held.
    pub about: Vec<String>,
}

/// A request to do otherwise than `normally` (一般、原则上) owed, with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// Key of the rulebook entry.
    pub rule: String,
    /// For whom it is owed: the org itself, or one below it.
    pub subject: String,
    pub period: Period,
    /// Only `ACCEPTED` excuses.
    pub state: DecisionState,
    /// Until when it is to be held instead; `None`: not at all in this period.
    pub new_date: Option<NaiveDate>,
}
