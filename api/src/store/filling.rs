//! Whether a database holds a demo city, and whether its filling came to its end. The mark is the only thing that tells a
//! half-filled city from a whole one, and a demo city, which may be thrown away, from one that is somebody's own.

use chrono::{DateTime, Utc};
use entity::job;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait as _};

use super::StoreResult;
use super::connect::Database;
use super::transaction::Write;

const KIND: &str = "DEMO_CITY";
const DONE: &str = "DONE";

/// How far the filling with a demo city came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    /// Something of it is written; whoever finds it later begins anew.
    Begun,
    /// All of it is written, and so are its accounts.
    Done,
}

impl Database {
    /// How far a filling came; `None` where none ever began.
    ///
    /// # Errors
    /// The database fails.
    pub async fn filling(&self) -> StoreResult<Option<Filling>> {
        let row = job::Entity::find_by_id(KIND).one(&self.reads).await?;
        Ok(row.map(|row| {
            if row.state == DONE {
                Filling::Done
            } else {
                Filling::Begun
            }
        }))
    }
}

impl Write {
    /// Marks how far the filling came.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mark_filling(&self, filling: Filling, now: DateTime<Utc>) -> StoreResult<()> {
        let state = match filling {
            Filling::Begun => "BEGUN",
            Filling::Done => DONE,
        };
        let row = job::ActiveModel {
            id: Set(KIND.to_owned()),
            kind: Set(KIND.to_owned()),
            state: Set(state.to_owned()),
            holder: Set(None),
            locked_until: Set(None),
            progress: Set(serde_json::json!({})),
            updated_at: Set(now),
        };
        let conflict = OnConflict::column(job::Column::Id)
            .update_columns([job::Column::State, job::Column::UpdatedAt])
            .to_owned();
        job::Entity::insert(row)
            .on_conflict(conflict)
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }
}
