//! Work that one process of all does at a time: a row with its holder, taken for a while, and how far the work has come.

use chrono::{DateTime, TimeDelta, Utc};
use entity::job;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _,
};
use serde_json::Value;

use super::StoreResult;
use super::lease::instant;
use super::transaction::{Snapshot, Write};

/// Who holds a piece of work, and until when without a sign of life.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    pub kind: &'static str,
    pub holder: &'a str,
    pub now: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Lease<'_> {
    /// Until when it is the holder's, from now on by the clock of the database.
    fn end(&self, backend: DbBackend) -> SimpleExpr {
        instant(backend, self.until - self.now)
    }
}

impl Snapshot {
    /// How far a piece of work has come; `None` where it never ran.
    ///
    /// # Errors
    /// The database fails.
    pub async fn progress(&self, kind: &str) -> StoreResult<Option<Value>> {
        Ok(job::Entity::find_by_id(kind)
            .one(&self.tx)
            .await?
            .map(|row| row.progress))
    }
}

impl Write {
    /// How far a piece of work has come; `None` where it never ran.
    ///
    /// # Errors
    /// The database fails.
    pub async fn progress(&self, kind: &str) -> StoreResult<Option<Value>> {
        Ok(job::Entity::find_by_id(kind)
            .one(&self.tx)
            .await?
            .map(|row| row.progress))
    }

    /// Takes the lease where it is free. `None`: another holder has it; else how far the work has come.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take(&self, lease: &Lease<'_>) -> StoreResult<Option<Value>> {
        let row = job::ActiveModel {
            id: Set(lease.kind.to_owned()),
            kind: Set(lease.kind.to_owned()),
            state: Set("IDLE".to_owned()),
            holder: Set(None),
            locked_until: Set(None),
            progress: Set(serde_json::json!({})),
            updated_at: Set(lease.now),
        };
        job::Entity::insert(row)
            .on_conflict(OnConflict::column(job::Column::Kind).do_nothing().to_owned())
            .exec_without_returning(&self.tx)
            .await?;
        let backend = self.tx.get_database_backend();
        let over = Expr::col(job::Column::LockedUntil).lte(instant(backend, TimeDelta::zero()));
        let free = job::Column::LockedUntil.is_null().or(over);
        let taken = job::Entity::update_many()
            .col_expr(job::Column::Holder, Expr::value(lease.holder))
            .col_expr(job::Column::LockedUntil, lease.end(backend))
            .col_expr(job::Column::State, Expr::value("RUNNING"))
            .col_expr(job::Column::UpdatedAt, Expr::value(lease.now))
            .filter(job::Column::Kind.eq(lease.kind))
            .filter(free)
            .exec(&self.tx)
            .await?;
        if taken.rows_affected == 0 {
            return Ok(None);
        }
        Ok(Some(self.progress(lease.kind).await?.unwrap_or_default()))
    }

    /// Keeps the lease for longer; false where somebody else took it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold(&self, lease: &Lease<'_>) -> StoreResult<bool> {
        let held = job::Entity::update_many()
            .col_expr(job::Column::LockedUntil, lease.end(self.tx.get_database_backend()))
            .col_expr(job::Column::UpdatedAt, Expr::value(lease.now))
            .filter(job::Column::Kind.eq(lease.kind))
            .filter(job::Column::Holder.eq(lease.holder))
            .exec(&self.tx)
            .await?;
        Ok(held.rows_affected > 0)
    }

    /// Notes how far the work has come and keeps the lease; false where somebody else took it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_progress(&self, lease: &Lease<'_>, progress: Value) -> StoreResult<bool> {
        let noted = job::Entity::update_many()
            .col_expr(job::Column::Progress, Expr::value(progress))
            .col_expr(job::Column::LockedUntil, lease.end(self.tx.get_database_backend()))
            .col_expr(job::Column::UpdatedAt, Expr::value(lease.now))
            .filter(job::Column::Kind.eq(lease.kind))
            .filter(job::Column::Holder.eq(lease.holder))
            .exec(&self.tx)
            .await?;
        Ok(noted.rows_affected > 0)
    }

    /// Gives the lease back.
    ///
    /// # Errors
    /// The database fails.
    pub async fn release(&self, lease: &Lease<'_>) -> StoreResult<()> {
        job::Entity::update_many()
            .col_expr(job::Column::Holder, Expr::value(None::<String>))
            .col_expr(job::Column::LockedUntil, Expr::value(None::<DateTime<Utc>>))
            .col_expr(job::Column::State, Expr::value("IDLE"))
            .col_expr(job::Column::UpdatedAt, Expr::value(lease.now))
            .filter(job::Column::Kind.eq(lease.kind))
            .filter(job::Column::Holder.eq(lease.holder))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
