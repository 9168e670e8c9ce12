//! Keys of access tokens: the private half sealed, the public half for the JWKS address.

use chrono::{DateTime, Utc};
use entity::signing_key;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::StoreResult;
use super::connect::Database;
use super::transaction::Write;

pub type StoredKey = signing_key::Model;

impl Database {
    /// All keys that may still verify, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn signing_keys(&self) -> StoreResult<Vec<StoredKey>> {
        Ok(signing_key::Entity::find()
            .filter(signing_key::Column::RetiredAt.is_null())
            .order_by_desc(signing_key::Column::CreatedAt)
            .all(&self.feed)
            .await?)
    }
}

impl Write {
    /// Keeps a new key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn keep_signing_key(&self, key: StoredKey) -> StoreResult<()> {
        let row = signing_key::ActiveModel {
            kid: Set(key.kid),
            private_sealed: Set(key.private_sealed),
            public_jwk: Set(key.public_jwk),
            created_at: Set(key.created_at),
            retired_at: Set(key.retired_at),
        };
        signing_key::Entity::insert(row)
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Retires keys: all, or those that a newer key took over from before `superseded`. A key that was the newest until now
    /// stays, however old it is: its tokens are under way.
    ///
    /// # Errors
    /// The database fails.
    pub async fn retire_signing_keys(&self, superseded: Option<DateTime<Utc>>, at: DateTime<Utc>) -> StoreResult<u64> {
        let mut keys = signing_key::Entity::update_many()
            .col_expr(signing_key::Column::RetiredAt, Expr::value(at))
            .filter(signing_key::Column::RetiredAt.is_null());
        if let Some(superseded) = superseded {
            let successor = signing_key::Entity::find()
                .filter(signing_key::Column::RetiredAt.is_null())
                .filter(signing_key::Column::CreatedAt.lt(superseded))
                .order_by_desc(signing_key::Column::CreatedAt)
                .one(&self.tx)
                .await?;
            let Some(successor) = successor else {
                return Ok(0);
            };
            keys = keys.filter(signing_key::Column::CreatedAt.lt(successor.created_at));
        }
        Ok(keys.exec(&self.tx).await?.rows_affected)
    }
}
