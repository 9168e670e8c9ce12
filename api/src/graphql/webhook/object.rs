use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::lifecycle::webhook::{Command, step};
use domain::problem::Problem;
use domain::vocabulary::{DeliveryState, EntityKind, PauseReason, WebhookState};

use super::delivery::{WebhookDelivery, WebhookDeliveryConnection};
use crate::graphql::account::object::{Account, AccountById};
use crate::graphql::activity::object::PlaceOf;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::log::LogCursor;
use crate::graphql::organization::object::Organization;
use crate::graphql::page::{PageArguments, binding, instant};
use crate::ops::organization::Within;
use crate::ops::webhook::{self, Webhook as Row, WebhookDelivery as DeliveryRow, WebhookSecret as SecretRow};
use crate::{connection, loader, permission, reads};

permission! {
    /// What can be done with a webhook.
    WebhookAction, WebhookPermission {
        /// Another address, other kinds, another part of the tree, another document.
        Change => ChangeWebhook,
        /// Tell it nothing until it is resumed.
        Pause => ChangeWebhook,
        /// Tell it from where it stopped.
        Resume => ChangeWebhook,
        /// Make a new secret.
        RotateSecret => ChangeWebhook,
        /// Let it go on from another place in the log.
        Replay => ChangeWebhook,
        /// Send a trial.
        Test => TestWebhook,
        /// Delete it.
        Delete => DeleteWebhook,
    }
}

/// A webhook.
#[derive(Clone)]
pub struct Webhook(pub Row);

loader!(
    /// Webhook by id: one's own, and those that one looks after.
    WebhookById => Row, |reading, ids| {
        Ok(reading.webhooks(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);

loader!(
    /// Secrets of a webhook that messages are signed with, the oldest first.
    WebhookSecretsOf => Vec<WebhookSecret>, |reading, ids| {
        let mut secrets = std::collections::HashMap::<String, Vec<WebhookSecret>>::new();
        for row in reading.webhook_secrets(&ids).await? {
            secrets.entry(row.webhook_id.clone()).or_default().push(row.into());
        }
        Ok(secrets)
    }
);

connection!(WebhookConnection, WebhookEdge, Webhook);

/// A secret of a webhook, without the secret.
#[derive(SimpleObject, Clone)]
pub struct WebhookSecret {
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when messages are signed with it too; null until another takes over.
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<SecretRow> for WebhookSecret {
    fn from(row: SecretRow) -> Self {
        Self {
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

/// The part of the tree that a webhook is about, as it was registered: one of the three is given.
#[derive(SimpleObject, Default)]
pub struct WebhookScope {
    /// This org alone.
    pub exactly: Option<ID>,
    /// Its direct children.
    pub children_of: Option<ID>,
    /// The org and everything below it.
    pub subtree_of: Option<ID>,
}

impl From<Within> for WebhookScope {
    fn from(within: Within) -> Self {
        match within {
            Within::Exactly(id) => Self {
                exactly: Some(ID(id)),
                ..Self::default()
            },
            Within::ChildrenOf(id) => Self {
                children_of: Some(ID(id)),
                ..Self::default()
            },
            Within::SubtreeOf(id) => Self {
                subtree_of: Some(ID(id)),
                ..Self::default()
            },
        }
    }
}

/// What the present state has against an action.
fn against(row: &Row, action: WebhookAction) -> Option<Problem> {
    let command = match action {
        WebhookAction::Change => Command::Change,
        WebhookAction::Pause => Command::Pause(PauseReason::ByHand),
        WebhookAction::Resume => Command::Resume,
        WebhookAction::RotateSecret => Command::RotateSecret,
        WebhookAction::Replay => Command::Replay,
        WebhookAction::Test => Command::Test,
        WebhookAction::Delete => return None,
    };
    step(webhook::standing(row), command)
        .err()
        .map(|refused| refused.at("webhookId"))
}

/// A webhook 事件推送: an address that a service account is told at of what changes, message by message, in the order of the log, with
/// the rights that the account has when it is told. The server may pause it and never deletes it.
#[Object]
impl Webhook {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change that somebody makes; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// The service account whose rights decide what it is told.
    async fn account(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Account>> {
        loaders::load(ctx.data()?, AccountById(self.0.account_id.clone())).await
    }
    /// The org of that account.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.organization_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// Where messages are sent.
    async fn url(&self) -> &str {
        &self.0.url
    }
    /// The kinds that it is told of; null: all. What is about a subtree comes always.
    async fn types(&self) -> Option<Vec<EntityKind>> {
        webhook::types(&self.0)
    }
    /// The part of the tree that it is told of; null: all that the account may see.
    async fn within(&self) -> Option<WebhookScope> {
        webhook::within(&self.0).map(WebhookScope::from)
    }
    /// The GraphQL document that is answered for each change, with the account's rights at that time; null: messages have ids and
    /// types only.
    async fn document(&self) -> Option<&str> {
        self.0.document.as_deref()
    }
    /// Whether it is told what changes.
    async fn state(&self) -> WebhookState {
        webhook::standing(&self.0).0
    }
    /// Why it is paused; null where it is not.
    async fn pause_reason(&self) -> Option<PauseReason> {
        webhook::standing(&self.0).1
    }
    /// Since when it is paused.
    async fn paused_at(&self) -> Option<DateTime<Utc>> {
        self.0.paused_at
    }
    /// When it was registered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// When a message was taken last.
    async fn last_success_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_success_at
    }
    /// Since when the message at hand is not taken; null where nothing waits for another attempt.
    async fn failing_since(&self) -> Option<DateTime<Utc>> {
        self.0.failing_since
    }
    /// How often the message at hand was tried without success.
    async fn failed_attempts(&self) -> i64 {
        self.0.attempts
    }
    /// When the message at hand is tried again.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at
    }
    /// Everything up to here was told, or is none of the account's. A cursor of the account: it reads on from there with `changes`.
    async fn cursor(&self, ctx: &Context<'_>) -> async_graphql::Result<LogCursor> {
        let reading = ctx.operation()?.reading().await?;
        Ok(LogCursor(reading.position_of(&self.0).map_err(|f| to_error(&f))?))
    }
    /// Secrets that messages are signed with now, the oldest first, without the secrets.
    async fn secrets(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<WebhookSecret>> {
        Ok(loaders::load(ctx.data()?, WebhookSecretsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default())
    }
    /// What it was told and what came of it, the latest first; kept as long as the log of changes is.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand so.")] states: Option<Vec<DeliveryState>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<WebhookDeliveryConnection> {
        let states: Vec<String> = states.unwrap_or_default().iter().map(ToString::to_string).collect();
        let binding = binding("webhookDeliveries", &(&self.0.id, &states));
        let own = ctx.operation()?.reading().await?.actor.account_id == self.0.account_id;
        let id = self.0.id.clone();
        let read = reads!(id, states => |reading, request| reading.webhook_deliveries(&id, &states, &request));
        let values = |row: &DeliveryRow| vec![instant(row.created_at), row.id.clone()];
        let page = PageArguments::new(first, after, last, before);
        let node = |row| WebhookDelivery { row, own };
        WebhookDeliveryConnection::list(ctx, &binding, page, read, values, node).await
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<WebhookAction>,
    ) -> async_graphql::Result<Vec<WebhookPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.organization_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let target = webhook::target_of((*place).clone(), &self.0.account_id);
        let against = |action| against(&self.0, action);
        Ok(WebhookPermission::each(operation, &reading, actions, &target, against))
    }
}
