//! The life of each noun in one shape: its state and a command go in, and a [`Step`] comes out (the next state, the fields that
//! the log names, the rule behind it) or a [`Refused`]. Whether an act fits a state is decided here and nowhere else.

pub mod activity;
pub mod admission;
pub mod alert;
pub mod applicant;
pub mod attendance;
pub mod deviation;
pub mod document;
pub mod exemption;
pub mod identity_change;
pub mod leave;
pub mod measure;
pub mod post;
pub mod seat;
pub mod transfer;
pub mod webhook;

use crate::problem::{Problem, ProblemCode};
use crate::rulebook::SHIPPED;

/// Names of fields of a noun, as the log tells them.
pub type Fields = &'static [&'static str];

/// What a command makes of a noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<S> {
    /// How it stands afterwards.
    pub state: S,
    /// What the event of the noun names as changed; empty: it stays as it is, and nothing is told.
    pub fields: Fields,
    /// Key of the rulebook entry behind it. `None`: the rule that its activity or obligation is judged by, or none at all.
    pub basis: Option<&'static str>,
}

/// A command that does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub code: ProblemCode,
    /// The state that stands against it, as the refusal names it.
    pub state: &'static str,
    /// As of a [`Step`].
    pub basis: Option<&'static str>,
}

/// A step, or why there is none.
pub type Taken<S> = Result<Step<S>, Refused>;

impl<S> Step<S> {
    fn to(state: S, fields: Fields) -> Self {
        Self {
            state,
            fields,
            basis: None,
        }
    }

    fn by(self, entry: &'static str) -> Self {
        Self {
            basis: Some(entry),
            ..self
        }
    }
}

impl Refused {
    fn new(code: ProblemCode, state: &'static str) -> Self {
        Self {
            code,
            state,
            basis: None,
        }
    }

    fn by(self, entry: &'static str) -> Self {
        Self {
            basis: Some(entry),
            ..self
        }
    }

    /// The refusal of a request whose field names the noun.
    #[must_use]
    pub fn at(self, field: &str) -> Problem {
        let problem = Problem::at(self.code, field).with("state", self.state);
        match self.basis {
            Some(entry) => problem.or_on(entry),
            None => problem,
        }
    }

    /// The rulebook that [`Self::basis`] and [`Step::basis`] name an entry of.
    pub const RULEBOOK: &'static str = SHIPPED;
}
