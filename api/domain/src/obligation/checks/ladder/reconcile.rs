//! What becomes of the measures on record when the attendance is judged again.

use chrono::NaiveDate;

use super::{Proposal, RunStep};
use crate::vocabulary::{MeasureKind, MeasureState};

/// A measure on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    pub id: String,
    pub kind: MeasureKind,
    pub state: MeasureState,
    /// The absences that it rests on.
    pub run: Vec<RunStep>,
}

/// One change to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MeasureChange {
    /// A proposal opens, quietly.
    Open(Proposal),
    /// A higher one takes the place of an unconfirmed one.
    Supersede { id: String },
    /// The attendance was corrected: an open one no longer holds.
    Withdraw { id: String },
    /// The attendance was corrected under a confirmed one.
    FlagForReview { id: String },
    /// One that was flagged holds again as the attendance now stands.
    Restore { id: String },
}

/// Compares the measures on record with what the attendance now proposes. Changes to existing measures come first,
/// in their order; then new proposals.
///
/// Only measures whose run begins on or after `judged_from`, the first day of the occasions judged, are looked at. What
/// people dismissed stays dismissed for its absences; with one more in a row it is proposed again. Doing it twice changes nothing the second time.
#[must_use]
pub fn reconcile(existing: &[Measure], proposals: &[Proposal], judged_from: NaiveDate) -> Vec<MeasureChange> {
    let mut changes = Vec::new();
    for measure in existing.iter().filter(|measure| begins_by(measure, judged_from)) {
        changes.extend(change(measure, existing, proposals));
    }
    let new = proposals
        .iter()
        .filter(|proposal| !existing.iter().any(|measure| answers(measure, proposal)));
    changes.extend(new.cloned().map(MeasureChange::Open));
    changes
}

fn begins_by(measure: &Measure, day: NaiveDate) -> bool {
    measure.run.first().is_some_and(|first| first.date >= day)
}

fn change(measure: &Measure, existing: &[Measure], proposals: &[Proposal]) -> Option<MeasureChange> {
    let id = measure.id.clone();
    let behind = proposals.iter().find(|proposal| rests_on(measure, proposal));
    match (measure.state, behind) {
        (MeasureState::Open, None) => Some(MeasureChange::Withdraw { id }),
        (MeasureState::Confirmed, None) => Some(MeasureChange::FlagForReview { id }),
        (MeasureState::Open, Some(proposal)) if proposal.kind > measure.kind => {
            // A higher one that people dismissed does not bring the lower one down.
            let dismissed = existing
                .iter()
                .any(|other| answers(other, proposal) && other.state == MeasureState::Dismissed);
            (!dismissed).then_some(MeasureChange::Supersede { id })
        }
        (MeasureState::ForReview, Some(_)) => Some(MeasureChange::Restore { id }),
        (MeasureState::Open | MeasureState::Confirmed, Some(_))
        | (MeasureState::Dismissed | MeasureState::Withdrawn | MeasureState::Superseded, Some(_) | None)
        | (MeasureState::ForReview, None) => None,
    }
}

/// Whether every absence behind the measure is still one of the run, and the run still reaches its step.
fn rests_on(measure: &Measure, proposal: &Proposal) -> bool {
    let all = measure
        .run
        .iter()
        .all(|step| proposal.run.iter().any(|other| other.date == step.date));
    all && !measure.run.is_empty() && measure.kind <= proposal.kind
}

/// Whether people have, or had, this very step of this run before them. What was dismissed answers for the absences that
/// it rested on: one more is a new fact, and people look again.
fn answers(measure: &Measure, proposal: &Proposal) -> bool {
    let before_people = match measure.state {
        MeasureState::Open | MeasureState::Confirmed | MeasureState::ForReview => true,
        MeasureState::Dismissed => proposal.run.len() <= measure.run.len(),
        MeasureState::Withdrawn | MeasureState::Superseded => false,
    };
    before_people && measure.kind == proposal.kind && rests_on(measure, proposal)
}
