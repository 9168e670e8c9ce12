//! Expected outcomes become user errors; broken requests and outages become `errors[]` with a code.

use async_graphql::{Error, ErrorExtensions as _, Json, SimpleObject};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::Language;

use crate::ops::outcome::{Failure, Outcome};

/// Parameters of a problem by name: limits, states, versions, ids that the reader may see; never a sealed value.
pub type Params = std::collections::BTreeMap<std::borrow::Cow<'static, str>, String>;

/// An expected outcome that is no success: what, where in the input, and the clause behind it.
#[derive(SimpleObject)]
pub struct UserError {
    /// Decide by this; it never changes its meaning.
    pub code: ProblemCode,
    /// In the reader's language.
    pub message: String,
    /// Path into the input, down to the list element and its field: `["input", "exceptions", "2", "memberId"]`.
    pub path: Vec<String>,
    /// What a front-end needs to write a text of its own: limits (`min`, `max`), what is allowed, the present `state` or
    /// `version`, the missing `right`; `docs/errors.md` lists them by code. Values are text.
    pub params: Json<Params>,
    /// The clause that the refusal rests on; null for plain mistakes of the input.
    pub basis: Option<Basis>,
}

/// Why: rulebook, entry and clause behind a status, proposal or refusal.
#[derive(SimpleObject, Clone)]
pub struct Basis {
    /// Key of the rulebook.
    pub rulebook: String,
    /// Key of the entry in it.
    pub entry: String,
    /// For example `G1.1a`.
    pub clause: String,
    /// Chinese heading of the clause.
    pub heading: String,
    /// What to do about it, in the reader's language.
    pub text: String,
}

impl Basis {
    /// The basis that an entry of a rulebook gives.
    #[must_use]
    pub fn of(rulebook: &str, entry: &str, language: Language) -> Option<Self> {
        crate::ops::rulebook::basis(rulebook, entry, language).map(Self::from)
    }
}

impl From<crate::ops::rulebook::Ground> for Basis {
    fn from(ground: crate::ops::rulebook::Ground) -> Self {
        Self {
            rulebook: ground.rulebook,
            entry: ground.entry,
            clause: ground.clause,
            heading: ground.heading,
            text: ground.text,
        }
    }
}

impl UserError {
    pub fn of(problem: Problem, language: Language) -> Self {
        let message = problem.message(language);
        let basis = problem
            .basis
            .as_ref()
            .and_then(|basis| Basis::of(&basis.rulebook, &basis.entry, language));
        Self {
            code: problem.code,
            message,
            path: problem.path,
            params: Json(problem.params),
            basis,
        }
    }
}

/// Problems as they are told.
#[must_use]
pub fn user_errors(problems: Vec<Problem>, language: Language) -> Vec<UserError> {
    problems
        .into_iter()
        .map(|problem| UserError::of(problem, language))
        .collect()
}

/// Splits an outcome into what succeeded and what is to be told; outages stay errors.
pub fn split<T>(outcome: Outcome<T>, language: Language) -> async_graphql::Result<(Option<T>, Vec<UserError>)> {
    match outcome {
        Ok(done) => Ok((Some(done), Vec::new())),
        Err(Failure::Problems(problems)) => Ok((None, user_errors(problems, language))),
        Err(failure) => Err(to_error(&failure)),
    }
}

/// The error of a failure, with `extensions.code`; the inner text is logged once and never sent.
pub fn to_error(failure: &Failure) -> Error {
    let (text, code, retry) = match failure {
        Failure::Problems(problems) => match problems.first() {
            Some(problem) => {
                return Error::new(problem.message(Language::En))
                    .extend_with(|_, e| e.set("code", problem.code.as_str()));
            }
            None => ("Invalid request.", "INVALID", None),
        },
        Failure::Unauthenticated => ("Sign in first.", "UNAUTHENTICATED", None),
        Failure::Unavailable(error) => {
            tracing::warn!(error = %error, "the database is unavailable");
            ("The service is busy; try again.", "UNAVAILABLE", Some(1000))
        }
        Failure::StorageFull(error) => {
            tracing::error!(error = %error, "the database's disk is full");
            (
                "The storage is full; the operator has to make room.",
                "STORAGE_FULL",
                Some(30_000),
            )
        }
        Failure::Internal(error) => {
            tracing::error!(error = ?error, "internal error");
            ("Internal error.", "INTERNAL", None)
        }
    };
    Error::new(text).extend_with(|_, extensions| {
        extensions.set("code", code);
        if let Some(milliseconds) = retry {
            extensions.set("retryAfterMs", milliseconds);
        }
    })
}
