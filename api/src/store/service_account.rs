//! Service accounts and their secrets.

use chrono::{DateTime, Utc};
use domain::policy::{Permit, Scope};
use domain::vocabulary::AccountKind;
use entity::{account, service_secret};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _,
};

use super::account::Account;
use super::organization::Within;
use super::page::{Key, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type ServiceSecret = service_secret::Model;

/// By user name.
const BY_USERNAME: &[Key] = &[Key::text("account.username"), Key::text("account.id")];

/// The service accounts that a scope shows.
pub(super) fn services(scope: &Scope) -> Condition {
    Condition::all()
        .add(account::Column::Kind.eq(AccountKind::Service.as_str()))
        .add(condition(scope, Seat::at("account.organization_id")))
}

fn alive(now: DateTime<Utc>) -> Condition {
    Condition::any()
        .add(service_secret::Column::ExpiresAt.is_null())
        .add(service_secret::Column::ExpiresAt.gt(now))
}

impl Snapshot {
    /// A page of the service accounts whose org lies within a part of the tree.
    ///
    /// # Errors
    /// The database fails.
    pub async fn service_accounts_within(
        &self,
        scope: &Scope,
        within: &Within,
        page: &PageRequest,
    ) -> StoreResult<Page<Account>> {
        let select = account::Entity::find()
            .filter(services(scope))
            .filter(within.condition("account.organization_id"));
        read(&self.tx, select, BY_USERNAME, page).await
    }

    /// The service accounts with these ids that the scope shows, closed ones too.
    ///
    /// # Errors
    /// The database fails.
    pub async fn service_accounts(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Account>> {
        Ok(account::Entity::find()
            .filter(array::is_any(&self.tx, "account.id", ids))
            .filter(services(scope))
            .all(&self.tx)
            .await?)
    }

    /// Secrets of accounts that still work, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn secrets_of(&self, accounts: &[String], now: DateTime<Utc>) -> StoreResult<Vec<ServiceSecret>> {
        Ok(service_secret::Entity::find()
            .filter(array::is_any(&self.tx, "service_secret.account_id", accounts))
            .filter(alive(now))
            .order_by_asc(service_secret::Column::CreatedAt)
            .order_by_asc(service_secret::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// The secret with this fingerprint, if it is the account's and still works.
    ///
    /// # Errors
    /// The database fails.
    pub async fn working_secret(
        &self,
        account: &str,
        hash: &str,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<ServiceSecret>> {
        Ok(service_secret::Entity::find()
            .filter(service_secret::Column::SecretHash.eq(hash))
            .filter(service_secret::Column::AccountId.eq(account))
            .filter(alive(now))
            .one(&self.tx)
            .await?)
    }
}

impl Write {
    /// Keeps a secret of an account (its fingerprint only).
    ///
    /// # Errors
    /// The database fails.
    pub async fn keep_secret(&self, _permit: &Permit, secret: ServiceSecret) -> StoreResult<()> {
        service_secret::Entity::insert(secret.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// How many secrets of an account work at an instant.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_secrets(&self, account: &str, at: DateTime<Utc>) -> StoreResult<u64> {
        Ok(service_secret::Entity::find()
            .filter(service_secret::Column::AccountId.eq(account))
            .filter(alive(at))
            .count(&self.tx)
            .await?)
    }

    /// Lets the secrets of an account that work now end at an instant, where they do not end before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn end_secrets(&self, account: &str, at: DateTime<Utc>) -> StoreResult<()> {
        service_secret::Entity::update_many()
            .col_expr(service_secret::Column::ExpiresAt, Expr::value(Some(at)))
            .filter(service_secret::Column::AccountId.eq(account))
            .filter(alive(at))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Notes that a secret was used.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_use(&self, secret: &str, at: DateTime<Utc>) -> StoreResult<()> {
        service_secret::Entity::update_many()
            .col_expr(service_secret::Column::LastUsedAt, Expr::value(Some(at)))
            .filter(service_secret::Column::Id.eq(secret))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
