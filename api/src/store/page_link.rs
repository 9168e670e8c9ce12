//! Links that open a printable page once.

use chrono::{DateTime, Utc};
use entity::page_link;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::StoreResult;
use super::transaction::Write;

pub type PageLink = page_link::Model;

impl Write {
    /// Keeps a new link and drops those that are over.
    ///
    /// # Errors
    /// The database fails.
    pub async fn keep_page_link(&self, link: PageLink, now: DateTime<Utc>) -> StoreResult<()> {
        page_link::Entity::delete_many()
            .filter(page_link::Column::ExpiresAt.lt(now))
            .exec(&self.tx)
            .await?;
        page_link::Entity::insert(page_link::ActiveModel::from(link))
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Uses a link up; `None` where there is none, or not any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn use_page_link(&self, hash: &str, now: DateTime<Utc>) -> StoreResult<Option<PageLink>> {
        let used = page_link::Entity::update_many()
            .col_expr(page_link::Column::UsedAt, Expr::value(now))
            .filter(page_link::Column::TokenHash.eq(hash))
            .filter(page_link::Column::UsedAt.is_null())
            .filter(page_link::Column::ExpiresAt.gt(now))
            .exec(&self.tx)
            .await?;
        if used.rows_affected == 0 {
            return Ok(None);
        }
        Ok(page_link::Entity::find_by_id(hash).one(&self.tx).await?)
    }
}
