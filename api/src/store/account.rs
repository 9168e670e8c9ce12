//! Accounts and refresh tokens. These reads carry the system scope of sign-in: they come before any actor exists.

use chrono::{DateTime, Utc};
use domain::policy::{Permit, Scope};
use entity::{account, member, one_time_token, refresh_token};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _,
    JoinType, QueryFilter as _, QuerySelect as _,
};

use super::scope::{Seat, condition};
use super::service_account::services;
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type Account = account::Model;
pub type RefreshToken = refresh_token::Model;

pub type OneTimeToken = one_time_token::Model;

impl Snapshot {
    /// Accounts of people and of programs, where the scope shows those of their branch or org.
    ///
    /// # Errors
    /// The database fails.
    pub async fn accounts_within(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Account>> {
        Ok(shown(scope)
            .filter(array::is_any(&self.tx, "account.id", ids))
            .all(&self.tx)
            .await?)
    }

    /// Accounts of members, where the scope shows them; an open one last.
    ///
    /// # Errors
    /// The database fails.
    pub async fn accounts_of(&self, scope: &Scope, members: &[String]) -> StoreResult<Vec<Account>> {
        let mut rows = people(scope)
            .filter(array::is_any(&self.tx, "account.member_id", members))
            .all(&self.tx)
            .await?;
        rows.sort_by_key(|row| (row.disabled_at.is_none(), row.id.clone()));
        Ok(rows)
    }

    /// The one-time token with this fingerprint.
    ///
    /// # Errors
    /// The database fails.
    pub async fn one_time_token(&self, hash: &str) -> StoreResult<Option<OneTimeToken>> {
        Ok(one_time_token::Entity::find()
            .filter(one_time_token::Column::TokenHash.eq(hash))
            .one(&self.tx)
            .await?)
    }

    /// The account with this user name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_account_by_username(&self, username: &str) -> StoreResult<Option<Account>> {
        Ok(account::Entity::find()
            .filter(account::Column::Username.eq(username))
            .one(&self.tx)
            .await?)
    }

    /// The account with this id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_account(&self, id: &str) -> StoreResult<Option<Account>> {
        Ok(account::Entity::find_by_id(id).one(&self.tx).await?)
    }
}

const OF_PERSON: Seat = Seat::at("member.branch_id").about("member.id");

fn to_member() -> sea_orm::RelationDef {
    account::Entity::belongs_to(member::Entity)
        .from(account::Column::MemberId)
        .to(member::Column::Id)
        .into()
}

/// Accounts of people and of programs, where the scope shows those of their branch or org.
fn shown(scope: &Scope) -> sea_orm::Select<account::Entity> {
    let person = Condition::all()
        .add(account::Column::MemberId.is_not_null())
        .add(condition(scope, OF_PERSON));
    account::Entity::find()
        .join(JoinType::LeftJoin, to_member())
        .filter(Condition::any().add(person).add(services(scope)))
}

fn people(scope: &Scope) -> sea_orm::Select<account::Entity> {
    account::Entity::find()
        .join(JoinType::InnerJoin, to_member())
        .filter(condition(scope, OF_PERSON))
}

impl Write {
    /// An account of a person or a program that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn account(&self, scope: &Scope, id: &str) -> StoreResult<Option<Account>> {
        Ok(shown(scope).filter(account::Column::Id.eq(id)).one(&self.tx).await?)
    }

    /// The open account of a member.
    ///
    /// # Errors
    /// The database fails.
    pub async fn open_account_of(&self, member: &str) -> StoreResult<Option<Account>> {
        Ok(account::Entity::find()
            .filter(account::Column::MemberId.eq(member))
            .filter(account::Column::DisabledAt.is_null())
            .one(&self.tx)
            .await?)
    }

    /// Whether some account, open or closed, has this name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_username_taken(&self, username: &str) -> StoreResult<bool> {
        Ok(account::Entity::find()
            .filter(account::Column::Username.eq(username))
            .one(&self.tx)
            .await?
            .is_some())
    }

    /// Writes a new account.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_account(&self, _permit: &Permit, row: Account) -> StoreResult<()> {
        account::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes an account as it now is.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_account(&self, row: &Account) -> StoreResult<()> {
        row.clone().into_active_model().reset_all().update(&self.tx).await?;
        Ok(())
    }

    /// Keeps a one-time token (its fingerprint only).
    ///
    /// # Errors
    /// The database fails.
    pub async fn keep_one_time_token(&self, token: OneTimeToken) -> StoreResult<()> {
        one_time_token::Entity::insert(token.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Makes every one-time token of an account worthless.
    ///
    /// # Errors
    /// The database fails.
    pub async fn drop_one_time_tokens(&self, account: &str) -> StoreResult<()> {
        one_time_token::Entity::delete_many()
            .filter(one_time_token::Column::AccountId.eq(account))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Uses a token up: the account it is for, or `None` where it is unknown, used or too old. Of two at once one wins.
    ///
    /// # Errors
    /// The database fails.
    pub async fn use_one_time_token(&self, hash: &str, at: DateTime<Utc>) -> StoreResult<Option<String>> {
        let done = one_time_token::Entity::update_many()
            .col_expr(one_time_token::Column::UsedAt, Expr::value(at))
            .filter(one_time_token::Column::TokenHash.eq(hash))
            .filter(one_time_token::Column::UsedAt.is_null())
            .filter(one_time_token::Column::ExpiresAt.gt(at))
            .exec(&self.tx)
            .await?;
        if done.rows_affected != 1 {
            return Ok(None);
        }
        Ok(one_time_token::Entity::find()
            .filter(one_time_token::Column::TokenHash.eq(hash))
            .one(&self.tx)
            .await?
            .map(|token| token.account_id))
    }

    /// Revokes every refresh token of an account.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_all(&self, account: &str, at: DateTime<Utc>) -> StoreResult<()> {
        refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::RevokedAt, Expr::value(at))
            .filter(refresh_token::Column::AccountId.eq(account))
            .filter(refresh_token::Column::RevokedAt.is_null())
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// The account, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_account(&self, id: &str) -> StoreResult<Option<Account>> {
        Ok(account::Entity::find_by_id(id).one(&self.tx).await?)
    }

    /// The account with this id, held until the write ends: two that count what it has go one after the other.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_account(&self, id: &str) -> StoreResult<Option<Account>> {
        Ok(account::Entity::find_by_id(id)
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?)
    }

    /// Keeps a new refresh token (its fingerprint only).
    ///
    /// # Errors
    /// The database fails.
    pub async fn keep_refresh_token(&self, token: RefreshToken) -> StoreResult<()> {
        let row: refresh_token::ActiveModel = token.into();
        refresh_token::Entity::insert(row.reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// The refresh token with this fingerprint, held until the write ends: two that show it at once go one after the other.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_refresh_token(&self, hash: &str) -> StoreResult<Option<RefreshToken>> {
        Ok(refresh_token::Entity::find()
            .filter(refresh_token::Column::TokenHash.eq(hash))
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?)
    }

    /// Puts a token that nobody used out of use, without a successor: whoever shows it afterwards shows a used one. `false`
    /// where it was used before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn supersede(&self, id: &str, at: DateTime<Utc>) -> StoreResult<bool> {
        let done = refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::ConsumedAt, Expr::value(at))
            .filter(refresh_token::Column::Id.eq(id))
            .filter(refresh_token::Column::ConsumedAt.is_null())
            .filter(refresh_token::Column::RevokedAt.is_null())
            .exec(&self.tx)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Marks a token consumed by its successor.
    ///
    /// # Errors
    /// The database fails.
    pub async fn consume(&self, id: &str, successor: &str, at: DateTime<Utc>) -> StoreResult<()> {
        let row = refresh_token::ActiveModel {
            id: Set(id.to_owned()),
            consumed_at: Set(Some(at)),
            successor_id: Set(Some(successor.to_owned())),
            ..Default::default()
        };
        refresh_token::Entity::update(row).exec(&self.tx).await?;
        Ok(())
    }

    /// Closes the accounts of a member who left: no token of theirs works any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn close_accounts_of(&self, member: &str, at: DateTime<Utc>) -> StoreResult<()> {
        account::Entity::update_many()
            .col_expr(account::Column::DisabledAt, Expr::value(at))
            .col_expr(account::Column::AuthEpoch, Expr::cust("auth_epoch + 1"))
            .col_expr(account::Column::Version, Expr::cust("version + 1"))
            .filter(account::Column::MemberId.eq(member))
            .filter(account::Column::DisabledAt.is_null())
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Revokes every token of a family.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_family(&self, family: &str, at: DateTime<Utc>) -> StoreResult<()> {
        refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::RevokedAt, Expr::value(at))
            .filter(refresh_token::Column::Family.eq(family))
            .filter(refresh_token::Column::RevokedAt.is_null())
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
