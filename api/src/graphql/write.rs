//! The one way from a mutation's resolver to a write and back.

use async_graphql::Context;
use domain::problem::ProblemCode;
use futures_util::future::BoxFuture;

use super::context::ContextExt as _;
use super::error::{UserError, split, to_error};
use super::log::LogCursor;
use crate::ops::outcome::Outcome;
use crate::ops::told::Told;
use crate::ops::writing::Unit;

/// What makes a repeat recognisable.
pub struct Keyed<'a> {
    pub operation: &'static str,
    pub key: &'a str,
    /// The input as text; only its hash is kept.
    pub input: String,
}

/// What every payload says besides its entity.
pub struct Answer {
    pub ids: Vec<String>,
    pub user_errors: Vec<UserError>,
    pub cursor: Option<LogCursor>,
    pub replayed: bool,
}

impl Answer {
    /// The id of the payload's entity: what was written, or on a conflict what stands there now.
    #[must_use]
    pub fn entity(&self, present: &str) -> Option<String> {
        let conflict = self.user_errors.iter().any(|error| error.code == ProblemCode::Conflict) && !present.is_empty();
        self.ids
            .first()
            .cloned()
            .or_else(|| conflict.then(|| present.to_owned()))
    }

    /// The secret that was made by this very request: a repeat has none, nor one that failed.
    #[must_use]
    pub fn secret<T>(&self, told: &Told<T>) -> Option<T> {
        told.take().filter(|_| self.user_errors.is_empty() && !self.replayed)
    }
}

/// Declares a payload with fields of its own, behind which stands what every payload says.
#[macro_export]
macro_rules! answered {
    ($(#[$meta:meta])* $payload:ident { $($(#[$about:meta])* $field:ident: $kind:ty,)+ }) => {
        $(#[$meta])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $payload {
            $($(#[$about])* pub $field: $kind,)+
            /// What stood against it; empty where it was done.
            pub user_errors: Vec<$crate::graphql::error::UserError>,
            /// Position of the change in the log.
            pub cursor: Option<$crate::graphql::log::LogCursor>,
            /// True when an earlier request with this key had done it.
            pub replayed: bool,
        }

        impl $payload {
            fn with($($field: $kind,)+ answer: $crate::graphql::write::Answer) -> Self {
                Self {
                    $($field,)+
                    user_errors: answer.user_errors,
                    cursor: answer.cursor,
                    replayed: answer.replayed,
                }
            }
        }
    };
}

/// Declares the payload of a mutation: the entity after the change (on `CONFLICT` as it stands now), what went wrong,
/// the position in the log, whether it was a repeat. `of` puts it together; of a noun with a loader `after` loads the entity.
#[macro_export]
macro_rules! payload {
    ($(#[$meta:meta])* $payload:ident { $field:ident: $entity:ident by $key:ident }) => {
        $crate::payload!($(#[$meta])* $payload { $field: $entity });

        impl $payload {
            /// With the entity as the reader sees it after the write; on a conflict the one with the id `present`.
            async fn after(
                ctx: &async_graphql::Context<'_>,
                answer: $crate::graphql::write::Answer,
                present: &str,
            ) -> async_graphql::Result<Self> {
                let entity = match answer.entity(present) {
                    Some(id) => $crate::graphql::loaders::load(ctx.data()?, $key(id)).await?.map($entity),
                    None => None,
                };
                Ok(Self::of(answer, entity))
            }
        }
    };
    ($(#[$meta:meta])* $payload:ident { $field:ident: $entity:ty }) => {
        $crate::answered!(
            $(#[$meta])*
            $payload {
                /// As it stands afterwards; null with refusals, but for a conflict, and where the reader may not see it.
                $field: Option<$entity>,
            }
        );

        impl $payload {
            fn of(answer: $crate::graphql::write::Answer, entity: Option<$entity>) -> Self {
                Self::with(entity, answer)
            }
        }
    };
}

/// Runs one use case under the key of its input: `run!(ctx, "operation", input, |unit, typed = value| use_case(unit, &typed))`.
#[macro_export]
macro_rules! run {
    ($ctx:expr, $operation:literal, $input:expr, |$unit:ident, $typed:ident = $value:ident| $work:expr) => {{
        let keyed = $crate::graphql::write::Keyed {
            operation: $operation,
            key: &$input.idempotency_key,
            input: $crate::graphql::page::input_text(&$input),
        };
        let value = $value;
        $crate::graphql::write::write($ctx, keyed, move |$unit| {
            let $typed = value.clone();
            Box::pin(async move { $work.await })
        })
        .await?
    }};
}

/// Runs a write and prepares the operation to read what is there after it.
pub async fn write<F>(ctx: &Context<'_>, keyed: Keyed<'_>, work: F) -> async_graphql::Result<Answer>
where
    F: for<'a> FnMut(&'a mut Unit) -> BoxFuture<'a, Outcome<Vec<String>>> + Send,
{
    let operation = ctx.operation()?;
    let request = operation.request(keyed.operation, keyed.key, keyed.input);
    let (written, user_errors) = split(request.run(work).await, operation.language)?;
    operation.renew().await;
    let Some(written) = written else {
        return Ok(Answer {
            ids: Vec::new(),
            user_errors,
            cursor: None,
            replayed: false,
        });
    };
    let reading = operation.reading().await?;
    let cursor = reading.cursor_at(written.position).map_err(|f| to_error(&f))?;
    Ok(Answer {
        ids: written.ids,
        user_errors,
        cursor: Some(LogCursor(cursor)),
        replayed: written.replayed,
    })
}
