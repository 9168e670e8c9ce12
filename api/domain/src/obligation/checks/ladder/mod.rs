//! The ladder of unexcused absences (G2.5a): occasions, runs, proposals, and what becomes of existing measures.

mod occasion;
mod reconcile;

pub use occasion::{Occasion, Session, occasions, occasions_over};
pub use reconcile::{Measure, MeasureChange, reconcile};

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::rulebook::form::{Ladder, LadderStep};
use crate::rulebook::words::{OccasionOutcome, StepDecider};
use crate::vocabulary::MeasureKind;

/// Who decides a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Decider {
    /// Every absence was at the group's meetings.
    GroupLeader,
    /// The secretary of the branch; for the secretary's own absences the superior.
    Secretary,
}

impl Decider {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::GroupLeader => "GROUP_LEADER",
            Self::Secretary => "SECRETARY",
        }
    }
}

/// One unexcused occasion of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStep {
    pub date: NaiveDate,
    /// The activities missed on that day, by id.
    pub activities: Vec<String>,
}

/// What the rulebook proposes for a run of unexcused absences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    pub kind: MeasureKind,
    /// All absences of the run, oldest first.
    pub run: Vec<RunStep>,
    pub decider: Decider,
}

/// The proposals of all runs, oldest first: one per run, at the highest step it reaches. Late entry of three absences
/// therefore proposes only the third step.
///
/// `occasions` are in order of time, over branch and group and across transfers; the year does not restart them.
#[must_use]
pub fn proposals(occasions: &[Occasion], ladder: &Ladder) -> Vec<Proposal> {
    proposals_over(occasions, |_| Some(ladder))
}

/// As [`proposals`], where the ladder in force changes with the days: the one of a run's last day gives its step.
#[must_use]
pub fn proposals_over<'a>(
    occasions: &[Occasion],
    ladder_on: impl Fn(NaiveDate) -> Option<&'a Ladder>,
) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    let mut run: Vec<&Occasion> = Vec::new();
    for occasion in occasions {
        match occasion.outcome {
            OccasionOutcome::Unexcused => run.push(occasion),
            OccasionOutcome::Neutral => {}
            OccasionOutcome::Breaks => {
                proposals.extend(proposal(&run, &ladder_on));
                run.clear();
            }
        }
    }
    proposals.extend(proposal(&run, &ladder_on));
    proposals
}

/// How many unexcused occasions in a row there are at the end.
#[must_use]
pub fn in_a_row(occasions: &[Occasion]) -> usize {
    let since_break = occasions
        .iter()
        .rev()
        .take_while(|occasion| occasion.outcome != OccasionOutcome::Breaks);
    since_break
        .filter(|occasion| occasion.outcome == OccasionOutcome::Unexcused)
        .count()
}

/// Rows of many members, by member: each is judged from their own rows, in the order in which these came.
#[must_use]
pub fn by_member<T: Clone>(rows: &[T], member: impl Fn(&T) -> &str) -> BTreeMap<String, Vec<T>> {
    let mut own: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in rows {
        own.entry(member(row).to_owned()).or_default().push(row.clone());
    }
    own
}

fn proposal<'a>(run: &[&Occasion], ladder_on: impl Fn(NaiveDate) -> Option<&'a Ladder>) -> Option<Proposal> {
    let step: &LadderStep = ladder_on(run.last()?.date)?.step(run.len())?;
    let at_group = run.iter().all(|occasion| occasion.at_group);
    let decider = match step.decider {
        StepDecider::GroupLeaderOrSecretary if at_group => Decider::GroupLeader,
        StepDecider::GroupLeaderOrSecretary | StepDecider::Secretary => Decider::Secretary,
    };
    let run = run.iter().map(|occasion| RunStep {
        date: occasion.date,
        activities: occasion.activities.clone(),
    });
    Some(Proposal {
        kind: step.measure,
        run: run.collect(),
        decider,
    })
}
