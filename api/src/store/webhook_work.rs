//! Webhooks as nodes tell them: which node has which, how far each has been told, what came of each message.

use chrono::{DateTime, TimeDelta, Utc};
use domain::vocabulary::{DeliveryKind, DeliveryState, WebhookState};
use entity::{organization, webhook, webhook_delivery};
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _,
    FromQueryResult, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::StoreResult;
use super::connect::Database;
use super::feed::Point;
use super::lease::{instant, milliseconds as clock};
use super::transaction::{Snapshot, Write, statement};
use super::webhook::{Webhook, WebhookDelivery};

/// A webhook that is to be told, as far as who tells it must know.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Duty {
    pub id: String,
    pub version: i64,
    /// Its lease is free, or has run out.
    pub free: bool,
}

/// How far a webhook has been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub epoch: String,
    pub at: Point,
    /// Messages of the event behind `at` that were told.
    pub part: i64,
    pub failing_since: Option<DateTime<Utc>>,
    pub attempts: i64,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub last_success_at: Option<DateTime<Utc>>,
}

/// How webhooks stand, for those who watch the node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct Standing {
    pub active: i64,
    pub failing: i64,
    pub paused: i64,
}

/// Who tells a webhook, as it was read: what is noted counts only while that is so.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    pub webhook: &'a str,
    pub node: &'a str,
    pub version: i64,
}

/// Trials that no node has.
fn due(backend: DbBackend) -> SimpleExpr {
    Expr::col(webhook_delivery::Column::DueAt).lte(instant(backend, TimeDelta::zero()))
}

impl Database {
    /// The active webhooks that a node tells, and those that nobody does.
    ///
    /// # Errors
    /// The database fails.
    pub async fn duties(&self, node: &str) -> StoreResult<Vec<Duty>> {
        let now = clock(self.feed.get_database_backend());
        let sql = format!(
            "SELECT id, version, (leased_until < {now}) AS free FROM webhook WHERE state = 'ACTIVE' AND (holder = $1 OR \
             leased_until < {now}) ORDER BY leased_until, id"
        );
        let statement = statement(&self.feed, &sql, vec![node.into()]);
        Ok(Duty::find_by_statement(statement).all(&self.feed).await?)
    }

    /// Trials that wait to be sent.
    ///
    /// # Errors
    /// The database fails.
    pub async fn trials_due(&self, most: u64) -> StoreResult<Vec<WebhookDelivery>> {
        Ok(webhook_delivery::Entity::find()
            .filter(webhook_delivery::Column::State.eq(DeliveryState::Pending.as_str()))
            .filter(webhook_delivery::Column::Kind.eq(DeliveryKind::Test.as_str()))
            .filter(due(self.feed.get_database_backend()))
            .order_by_asc(webhook_delivery::Column::CreatedAt)
            .limit(most)
            .all(&self.feed)
            .await?)
    }

    /// Where an org stands, for deciding which part of the log is about it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn path_of(&self, organization: &str) -> StoreResult<Option<String>> {
        let row = organization::Entity::find_by_id(organization).one(&self.feed).await?;
        Ok(row.map(|row| row.path))
    }

    /// How all webhooks stand.
    ///
    /// # Errors
    /// The database fails.
    pub async fn webhooks_standing(&self) -> StoreResult<Standing> {
        let sql = "SELECT COUNT(CASE WHEN state = 'ACTIVE' THEN 1 END) AS active, \
                   COUNT(CASE WHEN state = 'ACTIVE' AND failing_since IS NOT NULL THEN 1 END) AS failing, \
                   COUNT(CASE WHEN state = 'PAUSED' THEN 1 END) AS paused FROM webhook";
        let found = Standing::find_by_statement(statement(&self.feed, sql, Vec::new()))
            .one(&self.feed)
            .await?;
        Ok(found.unwrap_or_default())
    }
}

impl Snapshot {
    /// A webhook by id, for who tells it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn webhook_to_tell(&self, id: &str) -> StoreResult<Option<Webhook>> {
        Ok(webhook::Entity::find_by_id(id).one(&self.tx).await?)
    }

    /// The message of a webhook that was tried and not taken; at most one waits, for they go in order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delivery_under_way(&self, webhook: &str) -> StoreResult<Option<WebhookDelivery>> {
        Ok(webhook_delivery::Entity::find()
            .filter(webhook_delivery::Column::WebhookId.eq(webhook))
            .filter(webhook_delivery::Column::State.eq(DeliveryState::Pending.as_str()))
            .filter(webhook_delivery::Column::Kind.ne(DeliveryKind::Test.as_str()))
            .order_by_desc(webhook_delivery::Column::CreatedAt)
            .one(&self.tx)
            .await?)
    }
}

impl Write {
    /// Takes a webhook for a while where nobody has it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lease_webhook(&self, id: &str, node: &str, milliseconds: i64) -> StoreResult<bool> {
        let now = clock(self.tx.get_database_backend());
        let sql = format!(
            "UPDATE webhook SET holder = $1, leased_until = {now} + $2 WHERE id = $3 AND state = 'ACTIVE' AND leased_until < {now}"
        );
        let values = vec![node.into(), milliseconds.into(), id.into()];
        let done = self.tx.execute_raw(statement(&self.tx, &sql, values)).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps all that a node has for longer.
    ///
    /// # Errors
    /// The database fails.
    pub async fn renew_leases(&self, node: &str, milliseconds: i64) -> StoreResult<()> {
        let now = clock(self.tx.get_database_backend());
        let sql = format!("UPDATE webhook SET leased_until = {now} + $2 WHERE holder = $1 AND leased_until >= {now}");
        let values = vec![node.into(), milliseconds.into()];
        self.tx.execute_raw(statement(&self.tx, &sql, values)).await?;
        Ok(())
    }

    /// Gives back a webhook, or all that a node has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn release_webhooks(&self, node: &str, one: Option<&str>) -> StoreResult<()> {
        let mut update = webhook::Entity::update_many()
            .col_expr(webhook::Column::Holder, Expr::value(None::<String>))
            .col_expr(webhook::Column::LeasedUntil, Expr::value(0_i64))
            .filter(webhook::Column::Holder.eq(node));
        if let Some(id) = one {
            update = update.filter(webhook::Column::Id.eq(id));
        }
        update.exec(&self.tx).await?;
        Ok(())
    }

    /// Notes how far a webhook has been told; `false` where it is no longer the holder's to tell, or was changed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_told(&self, holder: Holder<'_>, told: &Told) -> StoreResult<bool> {
        let progress = webhook::ActiveModel {
            epoch: Set(told.epoch.clone()),
            position: Set(told.at.position),
            sub: Set(told.at.sub),
            part: Set(told.part),
            failing_since: Set(told.failing_since),
            attempts: Set(told.attempts),
            next_attempt_at: Set(told.next_attempt_at),
            last_success_at: Set(told.last_success_at),
            ..Default::default()
        };
        let done = webhook::Entity::update_many()
            .set(progress)
            .filter(webhook::Column::Id.eq(holder.webhook))
            .filter(webhook::Column::Holder.eq(holder.node))
            .filter(webhook::Column::Version.eq(holder.version))
            .filter(webhook::Column::State.eq(WebhookState::Active.as_str()))
            .exec(&self.tx)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Writes a delivery as it now is, where its webhook is still there.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_delivery(&self, row: &WebhookDelivery) -> StoreResult<()> {
        webhook_delivery::Entity::update_many()
            .set(row.clone().into_active_model().reset_all())
            .filter(webhook_delivery::Column::Id.eq(row.id.as_str()))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Takes a trial for a while; `false` where another node has it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn claim_trial(&self, id: &str, time: TimeDelta) -> StoreResult<bool> {
        let backend = self.tx.get_database_backend();
        let done = webhook_delivery::Entity::update_many()
            .col_expr(webhook_delivery::Column::DueAt, instant(backend, time))
            .filter(webhook_delivery::Column::Id.eq(id))
            .filter(webhook_delivery::Column::State.eq(DeliveryState::Pending.as_str()))
            .filter(due(backend))
            .exec(&self.tx)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Where an org stands, for the event about what belongs to it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn path_of(&self, organization: &str) -> StoreResult<Option<String>> {
        let row = organization::Entity::find_by_id(organization).one(&self.tx).await?;
        Ok(row.map(|row| row.path))
    }

    /// A webhook by id, for who pauses it of the server's own accord.
    ///
    /// # Errors
    /// The database fails.
    pub async fn webhook_to_pause(&self, id: &str) -> StoreResult<Option<Webhook>> {
        Ok(webhook::Entity::find_by_id(id).one(&self.tx).await?)
    }
}
