//! Accounts and refresh tokens. These reads carry the system scope of sign-in: they come before any actor exists.

use chrono::{DateTime, Utc};
use entity::{account, refresh_token};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::StoreResult;
use super::transaction::{Snapshot, Write};

pub type Account = account::Model;
pub type RefreshToken = refresh_token::Model;

impl Snapshot {
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

impl Write {
    /// The account, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_account(&self, id: &str) -> StoreResult<Option<Account>> {
        Ok(account::Entity::find_by_id(id).one(&self.tx).await?)
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

    /// The refresh token with this fingerprint.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_refresh_token(&self, hash: &str) -> StoreResult<Option<RefreshToken>> {
        Ok(refresh_token::Entity::find()
            .filter(refresh_token::Column::TokenHash.eq(hash))
            .one(&self.tx)
            .await?)
    }

    /// Whether the successor of a consumed token has been used itself.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_consumed(&self, id: &str) -> StoreResult<bool> {
        let row = refresh_token::Entity::find_by_id(id).one(&self.tx).await?;
        Ok(row.is_none_or(|row| row.consumed_at.is_some() || row.revoked_at.is_some()))
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
