//! The seals of the audit trail: one for each line, in the order of the commits, each over its line and the seal before.
//! Lines and seals are only ever added.

use entity::{audit, audit_seal};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::audit::AuditLine;
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array, bulk};

pub type Seal = audit_seal::Model;

fn behind(last: Option<&Seal>) -> Condition {
    let Some(last) = last else { return Condition::all() };
    let later = Condition::any().add(audit::Column::Position.gt(last.position)).add(
        Condition::all()
            .add(audit::Column::Position.eq(last.position))
            .add(audit::Column::Id.gt(last.audit_id.as_str())),
    );
    // Said twice, so that the index is read from there on and not from its begin.
    Condition::all()
        .add(audit::Column::Position.gte(last.position))
        .add(later)
}

impl Snapshot {
    /// The last seal.
    ///
    /// # Errors
    /// The database fails.
    pub async fn last_seal(&self) -> StoreResult<Option<Seal>> {
        Ok(audit_seal::Entity::find()
            .order_by_desc(audit_seal::Column::Number)
            .one(&self.tx)
            .await?)
    }

    /// Lines behind a seal, in the order of the commits.
    ///
    /// # Errors
    /// The database fails.
    pub async fn unsealed(&self, last: Option<&Seal>, most: u64) -> StoreResult<Vec<AuditLine>> {
        Ok(audit::Entity::find()
            .filter(audit::Column::Position.is_not_null())
            .filter(behind(last))
            .order_by_asc(audit::Column::Position)
            .order_by_asc(audit::Column::Id)
            .limit(most)
            .all(&self.tx)
            .await?)
    }

    /// Seals behind a number.
    ///
    /// # Errors
    /// The database fails.
    pub async fn seals_after(&self, number: i64, most: u64) -> StoreResult<Vec<Seal>> {
        Ok(audit_seal::Entity::find()
            .filter(audit_seal::Column::Number.gt(number))
            .order_by_asc(audit_seal::Column::Number)
            .limit(most)
            .all(&self.tx)
            .await?)
    }

    /// The lines with these ids.
    ///
    /// # Errors
    /// The database fails.
    pub async fn trail_lines(&self, ids: &[String]) -> StoreResult<Vec<AuditLine>> {
        Ok(audit::Entity::find()
            .filter(array::is_any(&self.tx, "audit.id", ids))
            .all(&self.tx)
            .await?)
    }

    /// How many lines there are up to a seal.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_sealed_lines(&self, last: Option<&Seal>) -> StoreResult<u64> {
        let all = audit::Entity::find().filter(audit::Column::Position.is_not_null());
        let later = all.clone().filter(behind(last)).count(&self.tx).await?;
        Ok(all.count(&self.tx).await? - later)
    }
}

impl Write {
    /// Adds seals.
    ///
    /// # Errors
    /// The database fails; another process sealed the same lines.
    pub async fn add_seals(&self, seals: &[Seal]) -> StoreResult<()> {
        Ok(bulk::insert_models(&self.tx, seals.to_vec()).await?)
    }
}
