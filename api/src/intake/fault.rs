//! What is wrong with a file, and with a row of it.

use domain::intake::flaw::IntakeFlaw;
use domain::problem::Problem;

/// A file of which no row can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    pub problems: Vec<Problem>,
}

impl From<Problem> for FileFault {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

impl From<IntakeFlaw> for FileFault {
    fn from(flaw: IntakeFlaw) -> Self {
        flaw.of_file().into()
    }
}

impl From<Vec<Problem>> for FileFault {
    fn from(problems: Vec<Problem>) -> Self {
        Self { problems }
    }
}

/// A row that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    pub row: u64,
    pub problems: Vec<Problem>,
    /// Nothing after it can be read.
    pub fatal: bool,
}

impl RowFault {
    pub(super) fn one(row: u64, problem: Problem) -> Self {
        Self {
            row,
            problems: vec![problem],
            fatal: false,
        }
    }

    pub(super) fn fatal(row: u64, problem: Problem) -> Self {
        Self {
            fatal: true,
            ..Self::one(row, problem)
        }
    }
}

/// A flaw on its way through a reader of bytes.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{0}")]
pub(super) struct Flawed(pub(super) IntakeFlaw);

impl From<Flawed> for std::io::Error {
    fn from(flawed: Flawed) -> Self {
        Self::other(flawed)
    }
}

/// The flaw behind an error of a reader; a source that fails otherwise ends in the middle.
pub(super) fn flaw_of(error: &std::io::Error) -> IntakeFlaw {
    let flawed = error.get_ref().and_then(|error| error.downcast_ref::<Flawed>());
    flawed.map_or(IntakeFlaw::Cut, |flawed| flawed.0)
}
