//! What a use case can answer besides success.

use domain::problem::{BasisReference, Problem, ProblemCode};

/// Why a use case gave no result.
#[derive(Debug)]
pub enum Failure {
    /// Expected outcomes: they become user errors.
    Problems(Vec<Problem>),
    /// No valid sign-in.
    Unauthenticated,
    /// The database is away or too busy; the same request may succeed later.
    Unavailable(anyhow::Error),
    /// The database's disk is full: nothing of the write is there, and reads go on.
    StorageFull(anyhow::Error),
    /// Our fault; logged once, withheld from the answer.
    Internal(anyhow::Error),
}

impl Failure {
    /// The same, resting on this ground where it names none of its own.
    #[must_use]
    pub fn grounded(self, ground: Option<&BasisReference>) -> Self {
        match self {
            Self::Problems(problems) => {
                let grounded = problems.into_iter().map(|problem| problem.or_grounded(ground));
                Self::Problems(grounded.collect())
            }
            other => other,
        }
    }

    /// Two writes stood in each other's way; the same one may be tried again at once.
    #[must_use]
    pub fn is_collision(&self) -> bool {
        matches!(self, Self::Unavailable(error)
            if error.downcast_ref::<crate::store::StoreError>().is_some_and(crate::store::StoreError::is_collision))
    }
}

pub type Outcome<T> = Result<T, Failure>;

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<ProblemCode> for Failure {
    fn from(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        if error.is_storage_full() {
            Self::StorageFull(error.into())
        } else if error.is_unavailable() {
            Self::Unavailable(error.into())
        } else {
            Self::Internal(error.into())
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<crate::secrets::SecretError> for Failure {
    fn from(error: crate::secrets::SecretError) -> Self {
        Self::Internal(error.into())
    }
}
