//! Writes of rulebooks and of their assignment to subtrees.

use std::sync::atomic::Ordering;

use chrono::NaiveDate;
use domain::policy::Permit;
use entity::{organization, rulebook, rulebook_assignment};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

use super::StoreResult;
use super::organization::Organization;
use super::transaction::{Snapshot, Write};

pub type StoredRulebook = rulebook::Model;

impl Snapshot {
    /// The org at the top; `None` in an empty database.
    ///
    /// # Errors
    /// The database fails.
    pub async fn root(&self) -> StoreResult<Option<Organization>> {
        Ok(organization::Entity::find()
            .filter(organization::Column::ParentId.is_null())
            .order_by_asc(organization::Column::Path)
            .one(&self.tx)
            .await?)
    }
}

impl Write {
    /// The org at the top; `None` in an empty database.
    ///
    /// # Errors
    /// The database fails.
    pub async fn root(&self) -> StoreResult<Option<Organization>> {
        Ok(organization::Entity::find()
            .filter(organization::Column::ParentId.is_null())
            .order_by_asc(organization::Column::Path)
            .one(&self.tx)
            .await?)
    }

    /// Keeps a new rulebook or version.
    ///
    /// # Errors
    /// The database fails, or that version is there.
    pub async fn keep_rulebook(&self, _permit: &Permit, row: StoredRulebook) -> StoreResult<()> {
        self.rulebooks.store(true, Ordering::Relaxed);
        rulebook::Entity::insert(rulebook::ActiveModel::from(row).reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Assigns a rulebook from a day on; another one for the same org and day gives way.
    ///
    /// # Errors
    /// The database fails.
    pub async fn assign_rulebook(
        &self,
        _permit: &Permit,
        id: String,
        organization_id: &str,
        key: &str,
        from_on: NaiveDate,
    ) -> StoreResult<()> {
        self.rulebooks.store(true, Ordering::Relaxed);
        let row = rulebook_assignment::ActiveModel {
            id: Set(id),
            organization_id: Set(organization_id.to_owned()),
            rulebook_key: Set(key.to_owned()),
            from_on: Set(from_on),
        };
        let same_day = OnConflict::columns([
            rulebook_assignment::Column::OrganizationId,
            rulebook_assignment::Column::FromOn,
        ])
        .update_column(rulebook_assignment::Column::RulebookKey)
        .to_owned();
        rulebook_assignment::Entity::insert(row)
            .on_conflict(same_day)
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }
}
