//! Webhooks as people see and change them. How far each has been told is [`super::webhook_work`]'s.

use chrono::{DateTime, Utc};
use domain::policy::{Permit, Scope};
use domain::vocabulary::{DeliveryState, EntityKind};
use entity::{event, webhook, webhook_delivery, webhook_secret};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait as _, DbBackend,
    EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::connect::Database;
use super::feed::Point;
use super::organization::Within;
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

pub type Webhook = webhook::Model;
pub type WebhookSecret = webhook_secret::Model;
pub type WebhookDelivery = webhook_delivery::Model;

/// At the org of its account; the account stands where the person concerned does.
const SEAT: Seat = Seat::at("webhook.organization_id").about("webhook.account_id");

/// The oldest first.
pub const BY_AGE: &[Key] = &[
    Key::of("webhook.created_at", KeyKind::Instant, false),
    Key::text("webhook.id"),
];

/// The newest first.
pub const LATEST: &[Key] = &[
    Key::of("webhook_delivery.created_at", KeyKind::Instant, true),
    Key::of("webhook_delivery.id", KeyKind::Text, true),
];

fn alive(now: DateTime<Utc>) -> Condition {
    Condition::any()
        .add(webhook_secret::Column::ExpiresAt.is_null())
        .add(webhook_secret::Column::ExpiresAt.gt(now))
}

impl Database {
    /// Whether the log speaks of endpoints in a stretch of positions, both ends included.
    ///
    /// # Errors
    /// The database fails.
    pub async fn speaks_of_webhooks(&self, (from, to): (i64, i64)) -> StoreResult<bool> {
        let found = event::Entity::find()
            .select_only()
            .column(event::Column::Position)
            .filter(event::Column::Position.between(from, to))
            .filter(event::Column::EntityKind.eq(EntityKind::Webhook.as_str()))
            .limit(1)
            .into_tuple::<i64>()
            .one(&self.feed)
            .await?;
        Ok(found.is_some())
    }
}

impl Snapshot {
    /// The webhooks with these ids that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn webhooks(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Webhook>> {
        Ok(webhook::Entity::find()
            .filter(array::is_any(&self.tx, "webhook.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .all(&self.tx)
            .await?)
    }

    /// A page of the webhooks of accounts of a part of the tree, of one account where it is named, in these states where
    /// any is named.
    ///
    /// # Errors
    /// The database fails.
    pub async fn webhooks_within(
        &self,
        scope: &Scope,
        (within, account, states): (Option<&Within>, Option<&str>, &[String]),
        page: &PageRequest,
    ) -> StoreResult<Page<Webhook>> {
        let mut select = webhook::Entity::find().filter(condition(scope, SEAT));
        if let Some(within) = within {
            select = select.filter(within.condition("webhook.organization_id"));
        }
        if let Some(account) = account {
            select = select.filter(webhook::Column::AccountId.eq(account));
        }
        if !states.is_empty() {
            select = select.filter(array::is_any(&self.tx, "webhook.state", states));
        }
        read(&self.tx, select, BY_AGE, page).await
    }

    /// Secrets of webhooks that are signed with, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn webhook_secrets(&self, webhooks: &[String], now: DateTime<Utc>) -> StoreResult<Vec<WebhookSecret>> {
        Ok(webhook_secret::Entity::find()
            .filter(array::is_any(&self.tx, "webhook_secret.webhook_id", webhooks))
            .filter(alive(now))
            .order_by_asc(webhook_secret::Column::CreatedAt)
            .order_by_asc(webhook_secret::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// A page of what a webhook was told, in these states where any is named. Whether the reader may see the webhook is
    /// decided before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn webhook_deliveries(
        &self,
        webhook: &str,
        states: &[String],
        page: &PageRequest,
    ) -> StoreResult<Page<WebhookDelivery>> {
        let mut select = webhook_delivery::Entity::find().filter(webhook_delivery::Column::WebhookId.eq(webhook));
        if !states.is_empty() {
            select = select.filter(array::is_any(&self.tx, "webhook_delivery.state", states));
        }
        read(&self.tx, select, LATEST, page).await
    }
}

impl Write {
    /// A webhook that the scope shows, held until the write ends: two that count what it has go one after the other.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_webhook(&self, scope: &Scope, id: &str) -> StoreResult<Option<Webhook>> {
        Ok(webhook::Entity::find_by_id(id)
            .filter(condition(scope, SEAT))
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?)
    }

    /// How many webhooks an account has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_webhooks(&self, account: &str) -> StoreResult<u64> {
        Ok(webhook::Entity::find()
            .filter(webhook::Column::AccountId.eq(account))
            .count(&self.tx)
            .await?)
    }

    /// Writes a new webhook.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_webhook(&self, _permit: &Permit, row: Webhook) -> StoreResult<()> {
        webhook::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes what people change of a webhook, and lets it be tried at once; `false` where somebody was faster. How far it has
    /// been told stays.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_webhook(&self, _permit: &Permit, row: &mut Webhook) -> StoreResult<bool> {
        let read = row.version;
        row.version += 1;
        let settings = webhook::ActiveModel {
            url: Set(row.url.clone()),
            types: Set(row.types.clone()),
            within_kind: Set(row.within_kind.clone()),
            within_id: Set(row.within_id.clone()),
            document: Set(row.document.clone()),
            state: Set(row.state.clone()),
            pause_reason: Set(row.pause_reason.clone()),
            paused_at: Set(row.paused_at),
            version: Set(row.version),
            failing_since: Set(None),
            attempts: Set(0),
            next_attempt_at: Set(None),
            ..Default::default()
        };
        super::version::update(&self.tx, settings, &row.id, read).await
    }

    /// Lets a webhook go on behind another place in the log.
    ///
    /// # Errors
    /// The database fails.
    pub async fn place_webhook(&self, _permit: &Permit, id: &str, epoch: &str, at: Point) -> StoreResult<()> {
        webhook::Entity::update_many()
            .col_expr(webhook::Column::Epoch, Expr::value(epoch))
            .col_expr(webhook::Column::Position, Expr::value(at.position))
            .col_expr(webhook::Column::Sub, Expr::value(at.sub))
            .col_expr(webhook::Column::Part, Expr::value(0))
            .filter(webhook::Column::Id.eq(id))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Removes a webhook with its secrets and all that was noted of its deliveries; `false` where somebody changed it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_webhook(&self, _permit: &Permit, id: &str, version: i64) -> StoreResult<bool> {
        if self.tx.get_database_backend() == DbBackend::Postgres {
            // Nobody notes a delivery of it meanwhile.
            let lock = statement(
                &self.tx,
                "SELECT id FROM webhook WHERE id = $1 FOR UPDATE",
                vec![id.into()],
            );
            self.tx.query_one_raw(lock).await?;
        }
        webhook_secret::Entity::delete_many()
            .filter(webhook_secret::Column::WebhookId.eq(id))
            .exec(&self.tx)
            .await?;
        webhook_delivery::Entity::delete_many()
            .filter(webhook_delivery::Column::WebhookId.eq(id))
            .exec(&self.tx)
            .await?;
        let gone = webhook::Entity::delete_many()
            .filter(webhook::Column::Id.eq(id))
            .filter(webhook::Column::Version.eq(version))
            .exec(&self.tx)
            .await?;
        Ok(gone.rows_affected == 1)
    }

    /// Keeps a secret of a webhook.
    ///
    /// # Errors
    /// The database fails.
    pub async fn keep_webhook_secret(&self, _permit: &Permit, secret: WebhookSecret) -> StoreResult<()> {
        webhook_secret::Entity::insert(secret.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// How many secrets of a webhook are signed with at an instant.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_webhook_secrets(&self, webhook: &str, at: DateTime<Utc>) -> StoreResult<u64> {
        Ok(webhook_secret::Entity::find()
            .filter(webhook_secret::Column::WebhookId.eq(webhook))
            .filter(alive(at))
            .count(&self.tx)
            .await?)
    }

    /// Lets the secrets that are signed with now end at an instant, where they do not end before; those that ended already
    /// go.
    ///
    /// # Errors
    /// The database fails.
    pub async fn end_webhook_secrets(
        &self,
        webhook: &str,
        (now, at): (DateTime<Utc>, DateTime<Utc>),
    ) -> StoreResult<()> {
        webhook_secret::Entity::delete_many()
            .filter(webhook_secret::Column::WebhookId.eq(webhook))
            .filter(webhook_secret::Column::ExpiresAt.lte(now))
            .exec(&self.tx)
            .await?;
        webhook_secret::Entity::update_many()
            .col_expr(webhook_secret::Column::ExpiresAt, Expr::value(Some(at)))
            .filter(webhook_secret::Column::WebhookId.eq(webhook))
            .filter(alive(at))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Where the log stands before this write: its epoch and its position.
    ///
    /// # Errors
    /// The database fails.
    pub async fn log_stands_at(&self) -> StoreResult<(String, i64)> {
        let row = entity::log_counter::Entity::find_by_id(1).one(&self.tx).await?;
        Ok(row.map(|row| (row.epoch, row.position)).unwrap_or_default())
    }

    /// How many trials of a webhook wait to be sent.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_trials(&self, webhook: &str) -> StoreResult<u64> {
        Ok(webhook_delivery::Entity::find()
            .filter(webhook_delivery::Column::WebhookId.eq(webhook))
            .filter(webhook_delivery::Column::DueAt.is_not_null())
            .filter(webhook_delivery::Column::State.eq(DeliveryState::Pending.as_str()))
            .count(&self.tx)
            .await?)
    }

    /// Notes a delivery.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_delivery(&self, row: WebhookDelivery) -> StoreResult<()> {
        webhook_delivery::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Removes what was noted of deliveries before an instant, up to `most` rows; of what still waits nothing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn trim_deliveries(&self, before: DateTime<Utc>, most: u64) -> StoreResult<u64> {
        let old: Vec<String> = webhook_delivery::Entity::find()
            .select_only()
            .column(webhook_delivery::Column::Id)
            .filter(webhook_delivery::Column::CreatedAt.lt(before))
            .filter(webhook_delivery::Column::State.ne(DeliveryState::Pending.as_str()))
            .order_by_asc(webhook_delivery::Column::CreatedAt)
            .limit(most)
            .into_tuple()
            .all(&self.tx)
            .await?;
        if old.is_empty() {
            return Ok(0);
        }
        let gone = webhook_delivery::Entity::delete_many()
            .filter(array::is_any(&self.tx, "id", &old))
            .exec(&self.tx)
            .await?;
        Ok(gone.rows_affected)
    }
}
