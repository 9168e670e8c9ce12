//! The log's counter row.

use chrono::{DateTime, Utc};
use entity::{event, idempotency, log_counter};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::StoreResult;
use super::transaction::{Snapshot, Write};

#[derive(FromQueryResult)]
struct Aged {
    position: i64,
    at: DateTime<Utc>,
}

impl Snapshot {
    /// When the oldest event of the log was written.
    ///
    /// # Errors
    /// The database fails.
    pub async fn oldest_event(&self) -> StoreResult<Option<DateTime<Utc>>> {
        let first = event::Entity::find()
            .order_by_asc(event::Column::Position)
            .limit(1)
            .one(&self.tx)
            .await?;
        Ok(first.map(|row| row.at))
    }
}

impl Write {
    /// Makes sure that the counter row is there; a new database gets the epoch given.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ensure_counter(&self, epoch: &str) -> StoreResult<()> {
        if log_counter::Entity::find_by_id(1).one(&self.tx).await?.is_none() {
            let row = log_counter::ActiveModel {
                id: Set(1),
                epoch: Set(epoch.to_owned()),
                position: Set(0),
                trimmed: Set(0),
                rulebooks_at: Set(0),
                home: Set(None),
            };
            log_counter::Entity::insert(row)
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
    }

    /// Removes the oldest events that were written before an instant, whole positions only, about `most` of them, and with
    /// them what writes of that time answered, and notes up to where the log is gone. How many events went.
    ///
    /// # Errors
    /// The database fails.
    pub async fn trim_log(&self, before: DateTime<Utc>, most: u64) -> StoreResult<u64> {
        let rows: Vec<Aged> = event::Entity::find()
            .select_only()
            .columns([event::Column::Position, event::Column::At])
            .order_by_asc(event::Column::Position)
            .order_by_asc(event::Column::Sub)
            .limit(most)
            .into_model()
            .all(&self.tx)
            .await?;
        let full = u64::try_from(rows.len()).unwrap_or(u64::MAX) >= most;
        let (first, last) = (
            rows.first().map(|row| row.position),
            rows.last().map(|row| row.position),
        );
        // The last position may go on behind the chunk, unless it is all of it.
        let whole = |row: &&Aged| !full || first == last || Some(row.position) != last;
        let old = rows.iter().take_while(|row| row.at < before).filter(whole);
        let Some((upto, at)) = old.map(|row| (row.position, row.at)).max() else {
            return Ok(0);
        };
        let gone = event::Entity::delete_many()
            .filter(event::Column::Position.lte(upto))
            .exec(&self.tx)
            .await?;
        idempotency::Entity::delete_many()
            .filter(idempotency::Column::CreatedAt.lte(at))
            .exec(&self.tx)
            .await?;
        log_counter::Entity::update_many()
            .col_expr(log_counter::Column::Trimmed, Expr::value(upto))
            .filter(log_counter::Column::Id.eq(1))
            .exec(&self.tx)
            .await?;
        Ok(gone.rows_affected)
    }

    /// Begins a new epoch of the log.
    ///
    /// # Errors
    /// The database fails.
    pub async fn begin_epoch(&self, epoch: &str) -> StoreResult<()> {
        log_counter::Entity::update_many()
            .col_expr(log_counter::Column::Epoch, Expr::value(epoch))
            .filter(log_counter::Column::Id.eq(1))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// The same, unless another node did it already.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leave_epoch(&self, old: &str, new: &str) -> StoreResult<()> {
        log_counter::Entity::update_many()
            .col_expr(log_counter::Column::Epoch, Expr::value(new))
            .filter(log_counter::Column::Id.eq(1))
            .filter(log_counter::Column::Epoch.eq(old))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Notes in which place the database lives.
    ///
    /// # Errors
    /// The database fails.
    pub async fn settle_at(&self, home: &str) -> StoreResult<()> {
        log_counter::Entity::update_many()
            .col_expr(log_counter::Column::Home, Expr::value(home))
            .filter(log_counter::Column::Id.eq(1))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
