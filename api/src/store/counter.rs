//! The log's counter row.

use entity::log_counter;
use sea_orm::{ActiveValue::Set, EntityTrait as _};

use super::StoreResult;
use super::transaction::Write;

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
            };
            log_counter::Entity::insert(row)
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
    }
}
