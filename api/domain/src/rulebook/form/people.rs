//! Forms about people: coverage, ladder, run-out, tariff.

use serde::Serialize;

use crate::rulebook::words::{
    Consequence, CountedMonth, CoverageMode, LadderEvent, OccasionOutcome, PairKind, Rounding, StepDecider,
    TariffMethod,
};
use crate::vocabulary::{AttendanceState, MeasureKind};

/// Pairs that must be covered a number of times a year (G1.2d, G1.2h, G1.3d, G1.5).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    pub pair: PairKind,
    pub at_least_per_year: u32,
    /// Normal upper figure 1–2; more is never a breach.
    pub normally_up_to: Option<u32>,
    pub mode: CoverageMode,
}

/// Steps by the number of events in a row (G2.5a).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ladder {
    pub event: LadderEvent,
    /// By rising `in_a_row`.
    pub steps: Vec<LadderStep>,
    /// What each recorded state does to the run; states not named are no occasion.
    pub unexcused: Vec<AttendanceState>,
    pub neutral: Vec<AttendanceState>,
    pub breaks: Vec<AttendanceState>,
}

impl Ladder {
    /// What a recorded state does to the run, `None` where the member was not expected.
    #[must_use]
    pub fn outcome(&self, state: AttendanceState) -> Option<OccasionOutcome> {
        let among = [
            (&self.unexcused, OccasionOutcome::Unexcused),
            (&self.neutral, OccasionOutcome::Neutral),
            (&self.breaks, OccasionOutcome::Breaks),
        ];
        among
            .into_iter()
            .find(|(states, _)| states.contains(&state))
            .map(|(_, outcome)| outcome)
    }

    /// The highest step that a run of this length reaches.
    #[must_use]
    pub fn step(&self, in_a_row: usize) -> Option<&LadderStep> {
        self.steps
            .iter()
            .rev()
            .find(|step| usize::try_from(step.in_a_row).is_ok_and(|least| least <= in_a_row))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LadderStep {
    /// From 1.
    pub in_a_row: u32,
    pub measure: MeasureKind,
    pub decider: StepDecider,
}

/// Months in a row that lead to a review (G2.5b).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunOut {
    pub counted: CountedMonth,
    pub limit_months: u32,
    /// Fewer expected occasions than this are a finding on the branch, not on the member.
    pub least_occasions: u32,
    pub least_different_months: u32,
    pub consequence: Consequence,
}

/// Amounts by bracket (G2.2b). Money is in fen, rates in parts per ten thousand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tariff {
    pub method: TariffMethod,
    pub rounding: Rounding,
    pub brackets: Vec<Bracket>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bracket {
    /// Inclusive; `None` only in the last bracket.
    pub up_to_fen: Option<u64>,
    pub rate_per_10000: Option<u32>,
    /// A fixed amount instead of a rate.
    pub amount_fen: Option<u64>,
}
