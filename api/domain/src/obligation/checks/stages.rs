//! Stages of an act (G1.2, G1.3, G1.4c, G2.4): which of them an org owes, which are open, and what blocks the others.

use chrono::NaiveDate;

use crate::obligation::applies::{applies, holds};
use crate::obligation::facts::OrganizationFacts;
use crate::rulebook::form::{Stage, Stages};
use crate::rulebook::words::StageKind;
use crate::rulebook::{Form, Rulebook};

/// Where one stage stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageState {
    /// Not asked of an org like this.
    NotRequired,
    Done,
    /// Everything that it needs is done.
    Open,
    /// Stages that must be complete first.
    Blocked {
        by: Vec<StageKind>,
    },
}

/// The stages of an entry for an org on a day, in order; those of an entry that refines it stand in the place of the same
/// ones. `None` where the book has no such entry of stages, or it is not for the org.
#[must_use]
pub fn order(book: &Rulebook, key: &str, organization: &OrganizationFacts, date: NaiveDate) -> Option<Vec<Stage>> {
    let own = |stages: &Stages| stages.refines.is_none();
    let mut order = named(book, organization, date)
        .find(|(entry, stages)| *entry == key && own(stages))?
        .1
        .stages
        .clone();
    let refining = named(book, organization, date).filter(|(_, stages)| stages.refines.as_deref() == Some(key));
    for better in refining.flat_map(|(_, stages)| &stages.stages) {
        if let Some(stage) = order.iter_mut().find(|stage| stage.stage == better.stage) {
            *stage = better.clone();
        }
    }
    Some(order)
}

fn named<'a>(
    book: &'a Rulebook,
    organization: &'a OrganizationFacts,
    date: NaiveDate,
) -> impl Iterator<Item = (&'a str, &'a Stages)> {
    let in_force = book.in_force(date);
    let ours = in_force.filter(|entry| applies(&entry.applies_to, organization));
    ours.filter_map(|entry| match &entry.form {
        Form::Stages(stages) => Some((entry.key.as_str(), stages)),
        _ => None,
    })
}

/// Where each stage stands, given those that are done.
#[must_use]
pub fn judge(order: &[Stage], organization: &OrganizationFacts, done: &[StageKind]) -> Vec<(StageKind, StageState)> {
    let required = |kind: StageKind| {
        let stage = order.iter().find(|stage| stage.stage == kind);
        stage.is_some_and(|stage| is_required(stage, organization))
    };
    let state = |stage: &Stage| {
        if !is_required(stage, organization) {
            return StageState::NotRequired;
        }
        if done.contains(&stage.stage) {
            return StageState::Done;
        }
        let missing = stage.needs.iter().copied();
        let by: Vec<_> = missing.filter(|need| required(*need) && !done.contains(need)).collect();
        if by.is_empty() {
            StageState::Open
        } else {
            StageState::Blocked { by }
        }
    };
    order.iter().map(|stage| (stage.stage, state(stage))).collect()
}

/// Whether an org like this owes the stage: named by any of the lists, or none of them given.
#[must_use]
pub fn is_required(stage: &Stage, organization: &OrganizationFacts) -> bool {
    let always = stage.required_for_sectors.is_empty()
        && stage.required_for_flags.is_empty()
        && stage.required_for_facts.is_empty();
    always
        || stage.required_for_sectors.contains(&organization.sector)
        || stage
            .required_for_flags
            .iter()
            .any(|flag| organization.flags.contains(flag))
        || stage.required_for_facts.iter().any(|fact| holds(*fact, organization))
}
