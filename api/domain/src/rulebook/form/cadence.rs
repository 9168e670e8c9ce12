//! Cadence: at least n acts per period.

use serde::Serialize;

use crate::activity_kind::capabilities;
use crate::rulebook::quantity::{MonthDay, Share};
use crate::rulebook::words::{ActKind, CadenceSubject, Chooser};
use crate::vocabulary::{ActivityKind, AgendaItemKind, OrganizationKind, PeriodKind};

/// At least `at_least` acts per recurrence (G1.1a–d, G1.2a, G1.3a, G1.3g, G1.4a, G3.3).
///
/// What a cadence leaves out (days, share) is the document's default: see [`crate::rulebook::Rulebook::terms`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cadence {
    /// Activities that count. Empty where an act counts that is no activity.
    pub activities: Vec<ActivityKind>,
    pub act: Option<ActKind>,
    pub subject: CadenceSubject,
    /// Only subordinates of these kinds; empty: all.
    pub subject_kinds: Vec<OrganizationKind>,
    /// From 1.
    pub at_least: u32,
    pub recurrence: Recurrence,
    /// The periods that the guideline leaves open, and who chose the one in `recurrence`.
    pub choice: Option<PeriodChoice>,
    /// Months of the year in which it is normally held; a hint.
    pub season: Vec<u32>,
    /// More at any time when needed 也可根据需要随时召开; never a breach.
    pub also_at_any_time: bool,
    pub due_soon_days: Option<u32>,
    pub filing_days: Option<u32>,
    pub make_up_days: Option<u32>,
    /// Day of the following year until which an act declared for this year is on time.
    pub on_time_until: Option<MonthDay>,
    pub held: Option<Share>,
    /// Other activities and acts that count as this one when they declare one of the agenda items.
    pub combined: Vec<Combination>,
    /// Held by the groups instead it counts for the branch once every group has held it (G1.3e).
    pub by_every_group: bool,
}

/// Over what a cadence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recurrence {
    /// A calendar period.
    Period(PeriodKind),
    /// In any n months that follow each other: judged month by month over the n months that end with it.
    EveryMonths(u32),
}

impl Recurrence {
    /// The calendar periods for which it is owed: month by month where it rolls.
    #[must_use]
    pub fn period(self) -> PeriodKind {
        match self {
            Self::Period(period) => period,
            Self::EveryMonths(_) => PeriodKind::Month,
        }
    }

    #[must_use]
    pub fn is_monthly(self) -> bool {
        self.period() == PeriodKind::Month
    }
}

/// Periods among which somebody chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodChoice {
    pub of: Vec<PeriodKind>,
    pub chosen_by: Chooser,
}

/// What satisfies several duties by declared agenda item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Combination {
    #[serde(flatten)]
    pub deed: Deed,
    /// One of these must be on the agenda.
    pub agenda: Vec<AgendaItemKind>,
}

/// What was done: an activity of a kind, or an act that is no activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Activity(ActivityKind),
    Act(ActKind),
}

impl From<ActivityKind> for Deed {
    fn from(kind: ActivityKind) -> Self {
        Self::Activity(kind)
    }
}

impl From<ActKind> for Deed {
    fn from(act: ActKind) -> Self {
        Self::Act(act)
    }
}

impl Deed {
    /// Whether it counts as held only once minutes are filed.
    #[must_use]
    pub fn needs_minutes(self) -> bool {
        match self {
            Self::Activity(kind) => capabilities(kind).needs_minutes,
            Self::Act(act) => act.is_meeting(),
        }
    }

    /// Whether several orgs may do it together.
    #[must_use]
    pub fn may_be_joint(self) -> bool {
        match self {
            Self::Activity(kind) => capabilities(kind).may_be_joint(),
            Self::Act(act) => act == ActKind::ThemePartyDay,
        }
    }

    /// Whether a share of those expected must have come.
    #[must_use]
    pub fn is_attended(self) -> bool {
        match self {
            Self::Activity(_) => true,
            Self::Act(act) => act.is_meeting(),
        }
    }
}

impl Cadence {
    /// What counts by its kind alone.
    pub fn deeds(&self) -> impl Iterator<Item = Deed> {
        let activities = self.activities.iter().copied().map(Deed::from);
        activities.chain(self.act.map(Deed::from))
    }
}
