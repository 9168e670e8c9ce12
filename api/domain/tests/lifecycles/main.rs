//! The life of each noun, every state against every command: what is not in a table is refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod activities;
mod oversight;
mod people;
mod programs;

use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, Utc};
use domain::lifecycle::{Refused, Step, Taken, measure};
use domain::problem::ProblemCode as P;
use domain::vocabulary::MeasureState;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// `None`, and every state.
fn and_none<S: Copy>(states: &[S]) -> Vec<Option<S>> {
    std::iter::once(None).chain(states.iter().copied().map(Some)).collect()
}

/// Holds every state against every command: those in the table lead where it says, the others are refused as `refused` says.
/// Whatever is done tells the log of at least one field, unless nothing changes, and doing it twice answers the same.
fn holds<S, C, T>(
    states: &[S],
    commands: &[C],
    step: impl Fn(S, C) -> Taken<T>,
    table: &[(S, C, T)],
    refused: impl Fn(S, C) -> P,
) where
    S: Copy + PartialEq + Debug,
    C: Copy + PartialEq + Debug,
    T: Copy + PartialEq + Debug,
{
    for state in states {
        for command in commands {
            let taken = step(*state, *command);
            assert_eq!(taken, step(*state, *command), "{state:?} {command:?}");
            let row = table.iter().find(|(from, by, _)| from == state && by == command);
            match row {
                Some((.., to)) => {
                    let step = taken.unwrap_or_else(|refused| panic!("{state:?} {command:?}: {refused:?}"));
                    assert_eq!(step.state, *to, "{state:?} {command:?}");
                    assert!(!step.fields.is_empty(), "{state:?} {command:?} tells nobody");
                }
                None => {
                    let code = taken.map(|step| step.state).map_err(|refused| refused.code);
                    assert_eq!(code, Err(refused(*state, *command)), "{state:?} {command:?}");
                }
            }
        }
    }
    for (from, by, _) in table {
        assert!(states.contains(from) && commands.contains(by), "{from:?} {by:?}");
    }
}

#[test]
fn a_refusal_names_the_state_and_the_rule_behind_it() {
    let refused: Refused = measure::step(Some(MeasureState::Dismissed), measure::Command::Confirm).unwrap_err();
    let problem = refused.at("measureId");
    assert_eq!(problem.path, ["input", "measureId"]);
    assert_eq!(problem.params["state"], "DISMISSED");
    assert_eq!(problem.basis.as_ref().unwrap().entry, "absence-ladder");
    let step: Step<_> = measure::step(Some(MeasureState::Open), measure::Command::Confirm).unwrap();
    assert_eq!(step.basis, Some("absence-ladder"));
}
