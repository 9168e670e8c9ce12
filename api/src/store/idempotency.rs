//! Outcomes of writes under their keys: ids and position, never the answer itself.

use entity::idempotency;
use sea_orm::EntityTrait as _;

use super::StoreResult;
use super::transaction::Write;

/// What a key was used for.
pub struct Replay {
    pub input_hash: String,
    pub entity_ids: Vec<String>,
    pub position: i64,
}

impl Write {
    /// The earlier outcome under this key of this account.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_outcome(&self, account: &str, key: &str) -> StoreResult<Option<Replay>> {
        let row = idempotency::Entity::find_by_id((account.to_owned(), key.to_owned()))
            .one(&self.tx)
            .await?;
        Ok(row.map(|row| Replay {
            input_hash: row.input_hash,
            entity_ids: serde_json::from_value(row.entity_ids).unwrap_or_default(),
            position: row.position,
        }))
    }
}
