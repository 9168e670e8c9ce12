//! The log's counter row.

use entity::{event, log_counter};
use sea_orm::{ActiveValue::Set, EntityTrait as _, QueryOrder as _, QuerySelect as _};

use super::StoreResult;
use super::transaction::{Snapshot, Write};

impl Snapshot {
    /// The first position of the log that is still kept.
    ///
    /// # Errors
    /// The database fails.
    pub async fn oldest_position(&self) -> StoreResult<Option<i64>> {
        let first = event::Entity::find()
            .order_by_asc(event::Column::Position)
            .limit(1)
            .one(&self.tx)
            .await?;
        Ok(first.map(|row| row.position))
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
            };
            log_counter::Entity::insert(row)
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
    }
}
