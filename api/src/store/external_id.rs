//! Names of objects in other systems.

use domain::policy::Permit;
use domain::vocabulary::EntityKind;
use entity::external_id;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};

use super::transaction::{Plans, Snapshot, Write, statement};
use super::{StoreResult, array, bulk};

pub type ExternalId = external_id::Model;

/// What can have a name in another system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identified {
    Organization,
    Member,
    Activity,
}

impl Identified {
    #[must_use]
    pub fn kind(self) -> EntityKind {
        match self {
            Self::Organization => EntityKind::Organization,
            Self::Member => EntityKind::Member,
            Self::Activity => EntityKind::Activity,
        }
    }
}

fn key(system: &str, value: &str, of: Identified) -> (String, String, String) {
    (system.to_owned(), value.to_owned(), of.kind().to_string())
}

/// What other systems call so (system, value): found by the key, name by name, however many names there are.
async fn named(on: &impl ConnectionTrait, names: &[(String, String)]) -> StoreResult<Vec<ExternalId>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT e.* FROM {} JOIN external_id e ON e.system = asked.value ->> 0 AND e.value = asked.value ->> 1",
        array::rows(on, "$1", "asked")
    );
    let values = vec![serde_json::json!(names).to_string().into()];
    Ok(ExternalId::find_by_statement(statement(on, &sql, values))
        .all(on)
        .await?)
}

impl Snapshot {
    /// What other systems call so (system, value), whatever the reader may see.
    ///
    /// # Errors
    /// The database fails.
    pub async fn external_ids_named(&self, names: &[(String, String)]) -> StoreResult<Vec<ExternalId>> {
        named(&self.tx, names).await
    }

    /// External ids of entities.
    ///
    /// # Errors
    /// The database fails.
    pub async fn external_ids(&self, ids: &[String]) -> StoreResult<Vec<ExternalId>> {
        Ok(external_id::Entity::find()
            .filter(array::is_any(&self.tx, "entity_id", ids))
            .order_by_asc(external_id::Column::System)
            .order_by_asc(external_id::Column::Value)
            .all(&self.tx)
            .await?)
    }

    /// The entity that another system calls `value`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_by_external(&self, system: &str, value: &str, of: Identified) -> StoreResult<Option<String>> {
        let row = external_id::Entity::find_by_id(key(system, value, of))
            .one(&self.tx)
            .await?;
        Ok(row.map(|row| row.entity_id))
    }
}

impl Write {
    /// What another system calls `value`, whatever the writer may see.
    ///
    /// # Errors
    /// The database fails.
    pub async fn external_id(&self, system: &str, value: &str, of: Identified) -> StoreResult<Option<ExternalId>> {
        Ok(external_id::Entity::find_by_id(key(system, value, of))
            .one(&self.tx)
            .await?)
    }

    /// What other systems call so (system, value), whatever the writer may see.
    ///
    /// # Errors
    /// The database fails.
    pub async fn external_ids_named(&self, names: &[(String, String)]) -> StoreResult<Vec<ExternalId>> {
        named(&self.tx, names).await
    }

    /// Gives entities names in another system.
    ///
    /// # Errors
    /// The database fails, or some entity of the kind has one of these names.
    pub async fn insert_external_ids(&self, _permits: &[Permit], rows: Vec<ExternalId>) -> StoreResult<()> {
        self.plan_by(Plans::Kept).await?;
        bulk::insert_models(&self.tx, rows).await?;
        self.plan_by(Plans::Afresh).await
    }

    /// How many names in other systems an entity has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_external_ids(&self, entity: &str) -> StoreResult<u64> {
        let of = external_id::Entity::find().filter(external_id::Column::EntityId.eq(entity));
        Ok(of.count(&self.tx).await?)
    }

    /// Gives an entity a name in another system.
    ///
    /// # Errors
    /// The database fails, or some entity of the kind has this name.
    pub async fn insert_external_id(&self, _permit: &Permit, row: ExternalId) -> StoreResult<()> {
        external_id::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Ends a name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_external_id(&self, _permit: &Permit, row: ExternalId) -> StoreResult<()> {
        external_id::Entity::delete_by_id((row.system, row.value, row.entity_kind))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
