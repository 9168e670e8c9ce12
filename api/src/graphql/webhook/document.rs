//! Documents that are answered for each change: judged once, when they are registered.

use std::sync::Arc;

use domain::problem::{Problem, ProblemCode};
use futures_util::future::BoxFuture;

use crate::ops::webhook::manage::{Checked, DOCUMENT};

/// Variables that a document may ask for, with their types. All but `id`, `kind`, `op`, `extent` and `cursor` may be null.
pub const VARIABLES: [(&str, &str); 6] = [
    ("id", "ID"),
    ("kind", "EntityKind"),
    ("op", "ChangeOp"),
    ("extent", "ChangeExtent"),
    ("cursor", "LogCursor"),
    ("version", "Int"),
];

/// Judges a document against limits and schema: what stands against it, in English, as to whoever writes operations.
pub type Judge = dyn Fn(String) -> BoxFuture<'static, Result<(), String>> + Send + Sync;

/// The judge, as each operation finds it among its data.
#[derive(Clone)]
pub struct Documents(pub Arc<Judge>);

impl Documents {
    /// Judges a document that is to be registered.
    pub async fn check(&self, text: &str) -> Checked {
        if text.len() > DOCUMENT {
            return Err(Problem::at(ProblemCode::TooLong, "document").with("max", DOCUMENT));
        }
        let judged = (self.0)(text.to_owned()).await;
        judged.map_err(|message| Problem::at(ProblemCode::DocumentInvalid, "document").with("message", message))
    }
}
