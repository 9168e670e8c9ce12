//! What the log says, message by message.

use async_graphql::{Context, ID, Object, SimpleObject, Union};
use chrono::{DateTime, Utc};
use domain::sync::Sight;
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, GapCause};

use super::LogCursor;
use crate::events::catalogue::EventRow;
use crate::graphql::node::{Node, find_node};

/// One change, as far as this reader may know of it.
pub struct Change {
    pub sight: Sight,
    pub cursor: LogCursor,
    pub at: DateTime<Utc>,
    pub version: Option<i64>,
    pub cause: String,
    pub fields: Vec<String>,
}

impl Change {
    /// What an event of the log tells a reader.
    #[must_use]
    pub fn of(row: &EventRow, sight: Sight, cursor: LogCursor) -> Self {
        // Of rows that a move or a right brings along the event knows no version.
        let alone = sight.extent == ChangeExtent::Object && sight.entity_id == row.entity_id;
        Self {
            version: row.version.filter(|_| alone),
            at: row.at,
            cause: row.cause.clone(),
            fields: serde_json::from_value(row.fields.clone()).unwrap_or_default(),
            sight,
            cursor,
        }
    }
}

/// A change of the log. It names what changed; what stands there now is read through the reader's rights.
#[Object]
impl Change {
    /// What to do with a copy: keep what is read anew (`UPSERT`, `ENTER_SCOPE`), forget it (`DELETE`, `LEAVE_SCOPE`), or
    /// forget and read anew (`RESYNC`).
    async fn op(&self) -> ChangeOp {
        self.sight.op
    }
    /// Whether it is about the object alone, or about everything at and below the org that `entityId` names.
    async fn extent(&self) -> ChangeExtent {
        self.sight.extent
    }
    /// Go on behind this change: valid in every `after` of the log, on every node.
    async fn cursor(&self) -> &LogCursor {
        &self.cursor
    }
    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.at
    }
    /// Its id.
    async fn entity_id(&self) -> ID {
        ID(self.sight.entity_id.clone())
    }
    /// Its kind.
    async fn entity_kind(&self) -> EntityKind {
        self.sight.kind
    }
    /// The object as it stands now, no longer as it stood then; null where it is gone or out of sight.
    async fn entity(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Node>> {
        match self.sight.op {
            ChangeOp::Delete | ChangeOp::LeaveScope => Ok(None),
            ChangeOp::Upsert | ChangeOp::EnterScope | ChangeOp::Resync => find_node(ctx, &self.sight.entity_id).await,
        }
    }
    /// The version that the change made; null for what has none, and where the change is about more than one object.
    async fn version(&self) -> Option<i64> {
        self.version
    }
    /// Why it changed: `WRITE`, or what else made it (`MOVE`, the passing of a day, …). New causes may come.
    async fn cause(&self) -> &str {
        &self.cause
    }
    /// Names of the fields that changed, as a hint; never values.
    async fn fields(&self) -> &[String] {
        &self.fields
    }
}

/// The first message of a stream: it goes on from `after` without a gap. Said once more, with the place reached, before a node
/// goes down; the connection is closed then, and the stream goes on from that cursor on another node.
#[derive(SimpleObject, Clone)]
pub struct Resumed {
    /// Position of the change in the log.
    pub cursor: LogCursor,
    /// Changes that were missed and are told now; 0 without `after`, and where it is the last message. Figures tell several of
    /// them in one message, and `events` tells one that changes what the reader sees in up to two for each org.
    pub replayed: i64,
}

/// What the reader keeps must be read anew: the stream cannot go on from `after`. It goes on from `cursor`.
#[derive(SimpleObject, Clone)]
pub struct Gap {
    /// Position of the change in the log.
    pub cursor: LogCursor,
    /// Why it cannot be gone on from.
    pub cause: GapCause,
}

/// The last message of a stream whose reader was too slow: subscribe again after `cursor`.
#[derive(SimpleObject, Clone)]
pub struct Lagged {
    /// Position of the change in the log.
    pub cursor: LogCursor,
}

/// A message of the raw log.
#[derive(Union)]
pub enum LogMessage {
    Change(Change),
    Resumed(Resumed),
    Gap(Gap),
    Lagged(Lagged),
}
