use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::vocabulary::{ChangeExtent, ChangeOp, DeliveryFailure, DeliveryKind, DeliveryState, EntityKind};

use crate::connection;
use crate::graphql::context::ContextExt as _;
use crate::ops::webhook::{Attempt, WebhookDelivery as Row};

/// One attempt to deliver a message. What the receiver answered beside its status is never kept.
#[derive(SimpleObject)]
pub struct WebhookAttempt {
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The HTTP status of the answer; null where there was none.
    pub status: Option<i32>,
    /// Why it failed; null where the message was taken.
    pub failure: Option<DeliveryFailure>,
    /// The same in words, in the reader's language.
    pub error: Option<&'static str>,
}

/// A message of a webhook, and what came of it.
#[derive(Clone)]
pub struct WebhookDelivery {
    pub row: Row,
    /// Whether the reader is the account itself: only it is told what a message was about.
    pub own: bool,
}

connection!(WebhookDeliveryConnection, WebhookDeliveryEdge, WebhookDelivery);

/// A message of a webhook, and what came of it. Neither the message nor what the receiver answered is kept.
#[Object]
impl WebhookDelivery {
    /// The `webhook-id` of its attempts: the same for each of them, and for the same change whenever it is told again.
    async fn message_id(&self) -> &str {
        &self.row.message_id
    }
    /// What it tells.
    async fn kind(&self) -> Option<DeliveryKind> {
        self.row.kind.parse().ok()
    }
    /// How it stands.
    async fn state(&self) -> Option<DeliveryState> {
        self.row.state.parse().ok()
    }
    /// Of a change, what happened.
    async fn op(&self) -> Option<ChangeOp> {
        self.row.op.as_deref()?.parse().ok()
    }
    /// Of a change, whether it was about one object or about everything at and below an org.
    async fn extent(&self) -> Option<ChangeExtent> {
        self.row.extent.as_deref()?.parse().ok()
    }
    /// Of a change, the kind of what it was about.
    async fn entity_kind(&self) -> Option<EntityKind> {
        self.row.entity_kind.as_deref()?.parse().ok()
    }
    /// Of a change, the id of what it was about; null for everybody but the account itself.
    async fn entity_id(&self) -> Option<ID> {
        self.row.entity_id.clone().filter(|_| self.own).map(ID)
    }
    /// When it was first tried, or asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }
    /// When it was taken or given up; null while it waits.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.row.finished_at
    }
    /// How often it was tried.
    async fn attempt_count(&self) -> i64 {
        self.row.tries
    }
    /// The attempts, the first one first; of very many the latest 60.
    async fn attempts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<WebhookAttempt>> {
        let language = ctx.operation()?.language;
        let attempts: Vec<Attempt> = serde_json::from_value(self.row.attempts.clone()).unwrap_or_default();
        let told = attempts.into_iter().map(|attempt| WebhookAttempt {
            at: attempt.at,
            duration_ms: attempt.ms,
            status: attempt.status.map(i32::from),
            failure: attempt.failure,
            error: attempt.failure.map(|failure| failure.label(language)),
        });
        Ok(told.collect())
    }
}
