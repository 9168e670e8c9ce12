//! Cadence: at least n acts per period.

use serde::Serialize;

use crate::rulebook::quantity::{MonthDay, Share};
use crate::rulebook::words::{ActKind, CadenceSubject, Chooser};
use crate::vocabulary::{ActivityKind, AgendaItemKind, PeriodKind};

/// At least `at_least` acts per recurrence (G1.1a–d, G1.2a, G1.3a, G1.3g, G1.4a, G3.3).
///
/// What a cadence leaves out (days, share) is the document's default: see [`crate::rulebook::Rulebook::terms`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cadence {
    /// Activities that count. Empty where an act counts that is no activity.
    pub activities: Vec<ActivityKind>,
    pub act: Option<ActKind>,
    pub subject: CadenceSubject,
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
    /// Other activities that count as this one when they declare one of the agenda items.
    pub combined: Vec<Combination>,
}

/// Over what a cadence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recurrence {
    /// A calendar period; such cadences are judged.
    Period(PeriodKind),
    /// Every n months from the last act; checked on loading, not judged.
    EveryMonths(u32),
}

/// Periods among which somebody chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodChoice {
    pub of: Vec<PeriodKind>,
    pub chosen_by: Chooser,
}

/// An activity that satisfies several duties by declared agenda item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Combination {
    pub activity: ActivityKind,
    /// One of these must be on the agenda.
    pub agenda: Vec<AgendaItemKind>,
}
