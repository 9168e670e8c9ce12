//! Organs of city and county committees.

use domain::policy::Permit;
use entity::organ;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type Organ = organ::Model;

impl Snapshot {
    /// The organs of these committees.
    ///
    /// # Errors
    /// The database fails.
    pub async fn organs_of(&self, organizations: &[String]) -> StoreResult<Vec<Organ>> {
        Ok(organ::Entity::find()
            .filter(array::is_any(&self.tx, "organization_id", organizations))
            .order_by_desc(organ::Column::Kind)
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// Adds organs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_organs(&self, _permit: &Permit, rows: Vec<Organ>) -> StoreResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        organ::Entity::insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()))
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Renames the organ of a committee that is called so.
    ///
    /// # Errors
    /// The database fails.
    pub async fn rename_organ(
        &self,
        _permit: &Permit,
        committee: &str,
        (before, after): (&str, &str),
    ) -> StoreResult<()> {
        organ::Entity::update_many()
            .col_expr(organ::Column::Name, Expr::value(after))
            .filter(organ::Column::OrganizationId.eq(committee))
            .filter(organ::Column::Name.eq(before))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
