//! The lock of the day's tick: one row, taken for a while, with the last day that is done.

use chrono::{DateTime, NaiveDate, Utc};
use entity::job;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::StoreResult;
use super::transaction::Write;

const ID: &str = "TICK";
const LAST_DAY: &str = "lastDay";

impl Write {
    /// The last day that the tick has done; `None` where it never ran.
    ///
    /// # Errors
    /// The database fails.
    pub async fn last_tick(&self) -> StoreResult<Option<NaiveDate>> {
        let row = job::Entity::find_by_id(ID).one(&self.tx).await?;
        let day = row.and_then(|row| row.progress.get(LAST_DAY)?.as_str()?.parse().ok());
        Ok(day)
    }

    /// Takes the lock where it is free. `None`: another holder has it; else the last day done, if there is one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_tick(
        &self,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> StoreResult<Option<Option<NaiveDate>>> {
        let row = job::ActiveModel {
            id: Set(ID.to_owned()),
            kind: Set(ID.to_owned()),
            state: Set("IDLE".to_owned()),
            holder: Set(None),
            locked_until: Set(None),
            progress: Set(serde_json::json!({})),
            updated_at: Set(now),
        };
        job::Entity::insert(row)
            .on_conflict(OnConflict::column(job::Column::Kind).do_nothing().to_owned())
            .exec_without_returning(&self.tx)
            .await?;
        let free = job::Column::LockedUntil.is_null().or(job::Column::LockedUntil.lte(now));
        let taken = job::Entity::update_many()
            .col_expr(job::Column::Holder, Expr::value(holder))
            .col_expr(job::Column::LockedUntil, Expr::value(until))
            .col_expr(job::Column::State, Expr::value("RUNNING"))
            .col_expr(job::Column::UpdatedAt, Expr::value(now))
            .filter(job::Column::Kind.eq(ID))
            .filter(free)
            .exec(&self.tx)
            .await?;
        if taken.rows_affected == 0 {
            return Ok(None);
        }
        let row = job::Entity::find()
            .filter(job::Column::Kind.eq(ID))
            .one(&self.tx)
            .await?;
        Ok(Some(
            row.and_then(|row| row.progress.get(LAST_DAY)?.as_str()?.parse().ok()),
        ))
    }

    /// Keeps the lock for longer; false where somebody else took it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_tick(&self, holder: &str, now: DateTime<Utc>, until: DateTime<Utc>) -> StoreResult<bool> {
        let held = job::Entity::update_many()
            .col_expr(job::Column::LockedUntil, Expr::value(until))
            .col_expr(job::Column::UpdatedAt, Expr::value(now))
            .filter(job::Column::Kind.eq(ID))
            .filter(job::Column::Holder.eq(holder))
            .exec(&self.tx)
            .await?;
        Ok(held.rows_affected > 0)
    }

    /// Notes that a day is done; false where somebody else took the lock.
    ///
    /// # Errors
    /// The database fails.
    pub async fn passed(&self, holder: &str, day: NaiveDate, now: DateTime<Utc>) -> StoreResult<bool> {
        let mut progress = serde_json::Map::new();
        progress.insert(LAST_DAY.to_owned(), day.to_string().into());
        let noted = job::Entity::update_many()
            .col_expr(job::Column::Progress, Expr::value(serde_json::Value::Object(progress)))
            .col_expr(job::Column::UpdatedAt, Expr::value(now))
            .filter(job::Column::Kind.eq(ID))
            .filter(job::Column::Holder.eq(holder))
            .exec(&self.tx)
            .await?;
        Ok(noted.rows_affected > 0)
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// The database fails.
    pub async fn release_tick(&self, holder: &str, now: DateTime<Utc>) -> StoreResult<()> {
        job::Entity::update_many()
            .col_expr(job::Column::Holder, Expr::value(None::<String>))
            .col_expr(job::Column::LockedUntil, Expr::value(None::<DateTime<Utc>>))
            .col_expr(job::Column::State, Expr::value("IDLE"))
            .col_expr(job::Column::UpdatedAt, Expr::value(now))
            .filter(job::Column::Kind.eq(ID))
            .filter(job::Column::Holder.eq(holder))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
