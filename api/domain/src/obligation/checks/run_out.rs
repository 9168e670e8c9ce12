//! Run-out (G2.5b): so many months in a row lead to a review. People decide; nothing is automatic.

use crate::period::Period;
use crate::rulebook::form::RunOut;
use crate::rulebook::words::Consequence;

/// One calendar month of a member, as the counted thing sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    pub period: Period,
    /// Nothing was done and nothing excuses it.
    pub unmet: bool,
    /// How often something was expected.
    pub occasions: u32,
}

/// What the months at the end amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunOutFinding {
    /// So many in a row, the limit is not reached.
    Counting { in_a_row: u32 },
    /// The limit is reached and too little was expected in that time: a finding on the branch, not on the member.
    TooFewOccasions { months: Vec<Period> },
    /// The limit is reached.
    Reached { months: Vec<Period>, then: Consequence },
}

/// Judges the run of months that lasts until the last one. `months` follow each other, oldest first; one that is missing
/// breaks the run.
#[must_use]
pub fn judge(rule: &RunOut, months: &[Month]) -> RunOutFinding {
    let run = run_at_end(months);
    let in_a_row = u32::try_from(run.len()).unwrap_or(u32::MAX);
    if in_a_row < rule.limit_months {
        return RunOutFinding::Counting { in_a_row };
    }
    let occasions: u32 = run.iter().map(|month| month.occasions).sum();
    let different = run.iter().filter(|month| month.occasions > 0).count();
    let enough = occasions >= rule.least_occasions
        && u32::try_from(different).unwrap_or(u32::MAX) >= rule.least_different_months;
    let months = run.iter().map(|month| month.period).collect();
    if enough {
        RunOutFinding::Reached {
            months,
            then: rule.consequence,
        }
    } else {
        RunOutFinding::TooFewOccasions { months }
    }
}

fn run_at_end(months: &[Month]) -> &[Month] {
    let mut start = months.len();
    while let Some(before) = start.checked_sub(1).and_then(|at| months.get(at)) {
        let follows = months
            .get(start)
            .is_none_or(|after| before.period.next() == after.period);
        if !before.unmet || !follows {
            break;
        }
        start -= 1;
    }
    months.get(start..).unwrap_or_default()
}
