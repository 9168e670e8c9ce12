//! Limits on documents, before the parser and before the engine, on every transport.
//!
//! 1. [`lexer`] reads the text once, without recursion: bytes, tokens, nesting, directives.
//! 2. The parser runs on what is left (or the document is known already, [`cache`]).
//! 3. [`shape`] measures the parsed document with fragments expanded, each fragment once.
//! 4. [`text`] refuses control characters in values of the document and in variables.

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::ExecutableDocument;

use super::code::Refusal;
use super::executor::OperationKind;

mod cache;
mod guard;
#[cfg(test)]
mod headroom;
mod lexer;
mod shape;
mod text;

pub(super) use cache::DocumentCache;
pub(super) use guard::{Inspected, Plan, inspect, plan};
pub(super) use text::check_variables;

/// Judges a document that stands by itself: the limits of text and shape, one operation, a query, of at most `cost` points.
///
/// # Errors
/// What stands against it, without its text.
pub fn judge_query(written: &str, cost: u64) -> Result<Arc<ExecutableDocument>, String> {
    let limits = Limits {
        cost,
        operations: 1,
        ..Limits::default()
    };
    let told = |refusal: Refusal| refusal.message;
    let inspected = inspect(written, &limits, &DocumentCache::default()).map_err(told)?;
    let name = inspected.document.operations.iter().next().and_then(|(name, _)| name);
    let plan = plan(
        &inspected.document,
        name.map(|name| name.as_str()),
        &Variables::default(),
        &limits,
    );
    if plan.map_err(told)?.kind != OperationKind::Query {
        return Err("the operation is no query".to_owned());
    }
    Ok(inspected.document)
}

/// Mutations that open or renew a session; one of them in a request.
pub(super) const SESSION_FIELDS: [&str; 5] = ["signIn", "signInService", "refresh", "setPassword", "changePassword"];
/// Mutations with which somebody may guess what a person has chosen, what a program was given, or the code that is shown at a
/// meeting. The token of `refresh` is not to be guessed, and the apps of a whole office renew theirs behind one address.
pub(super) const GUESSED_FIELDS: [&str; 5] = ["signIn", "signInService", "setPassword", "changePassword", "checkIn"];
/// Root fields that an anonymous caller may ask for.
pub(super) const ANONYMOUS_FIELDS: [&str; 8] = [
    "signIn",
    "signInService",
    "refresh",
    "signOut",
    "setPassword",
    "rulebook",
    "rulebooks",
    "__typename",
];

/// Limits on one document. The defaults give the operations of the contract three-fold headroom and let the
/// introspection query of GraphiQL pass.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of the text (longest of the contract with its fragments: under 2 500; introspection: under 3 000).
    pub document_bytes: usize,
    /// Tokens of the text (longest of the contract: about 300).
    pub tokens: usize,
    /// Brackets of all three kinds in each other, and selections in each other once expanded. The parser and the engine
    /// recurse once a level, so this bounds their stack.
    pub nesting: usize,
    /// Directives of the whole document.
    pub directives: usize,
    /// Operations of the document; more than one only serves tools that send a whole file with an `operationName`.
    pub operations: usize,
    /// Fragment definitions.
    pub fragments: usize,
    /// Selections with all fragments expanded (largest of the contract: 92; introspection: about 300).
    pub selections: usize,
    /// Aliases of the whole document.
    pub aliases: usize,
    /// Root fields of the operation, fragments expanded.
    pub root_fields: usize,
    /// Points that the fields of an operation may cost at most, lists multiplied by their page size: three times the dearest
    /// operation of the contract (a page of 100 changes, 4 401).
    pub cost: u64,
    /// Points that a guess at a password or secret costs beside its fields, whatever comes of it.
    pub guess_cost: u64,
    /// `signIn` and `refresh` in the operation: guessing many passwords takes many requests.
    pub session_fields: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 32 * 1024,
            tokens: 4000,
            nesting: 40,
            directives: 50,
            operations: 50,
            fragments: 50,
            selections: 2000,
            aliases: 30,
            root_fields: 10,
            cost: 13_500,
            guess_cost: 200,
            session_fields: 1,
        }
    }
}
