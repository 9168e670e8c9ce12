//! The one ordered log, as the API shows it.

pub mod change;
pub mod equals;
pub mod query;
pub mod stream;
pub mod subscription;

use async_graphql::{Context, Object, Scalar, ScalarType, SimpleObject, Value};

use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::ops::outcome::Failure;

/// Opaque position in the one ordered log, valid in `changes`, in every subscription's `after`, and later in exports and
/// webhook replay. Sealed: bound to the account, never to a filter.
#[derive(Clone, Debug)]
pub struct LogCursor(pub String);

/// Opaque position in the one ordered log, valid wherever the log is read. Sealed and bound to the account.
#[Scalar]
impl ScalarType for LogCursor {
    fn parse(value: Value) -> async_graphql::InputValueResult<Self> {
        match value {
            Value::String(text) if text.len() <= 512 => Ok(Self(text)),
            other => Err(async_graphql::InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Where the log stands in the snapshot that this operation answers from.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Log {
    /// Cursor of this very snapshot: query, then follow the log from here, without a gap.
    pub cursor: LogCursor,
    /// Changes when the database was restored: older cursors then answer `RESYNC`.
    pub epoch: String,
}

#[async_graphql::ComplexObject]
impl Log {
    /// The oldest cursor after which every change is still kept: what comes later than it can be read without a gap.
    async fn oldest(&self, ctx: &Context<'_>) -> async_graphql::Result<LogCursor> {
        let reading = ctx.operation()?.reading().await?;
        let cursor = reading.oldest_cursor().await.map_err(|f| to_error(&f))?;
        Ok(LogCursor(cursor))
    }
}

#[derive(Default)]
pub struct LogQuery;

#[Object]
impl LogQuery {
    /// The log as of this answer's snapshot.
    async fn log(&self, ctx: &Context<'_>) -> async_graphql::Result<Log> {
        let reading = ctx.operation()?.reading().await?;
        if reading.actor.is_anonymous() {
            return Err(to_error(&Failure::Unauthenticated));
        }
        let cursor = LogCursor(reading.cursor().await.map_err(|f| to_error(&f))?);
        Ok(Log {
            cursor,
            epoch: reading.epoch().to_owned(),
        })
    }
}
