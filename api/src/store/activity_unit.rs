//! Units of orgs that host activities.

use domain::policy::{Permit, Scope};
use entity::activity_unit;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _,
};

use super::page::{Key, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type ActivityUnit = activity_unit::Model;

pub(super) const SEAT: Seat = Seat::at("activity_unit.organization_id");

/// By name.
pub const BY_NAME: &[Key] = &[Key::text("activity_unit.name_key"), Key::text("activity_unit.id")];

impl Snapshot {
    /// The units with these ids whose org the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn activity_units(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<ActivityUnit>> {
        Ok(activity_unit::Entity::find()
            .filter(array::is_any(&self.tx, "activity_unit.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .all(&self.tx)
            .await?)
    }

    /// A page of an org's units by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn activity_units_of(
        &self,
        scope: &Scope,
        (organization, closed): (&str, bool),
        page: &PageRequest,
    ) -> StoreResult<Page<ActivityUnit>> {
        let mut select = activity_unit::Entity::find()
            .filter(activity_unit::Column::OrganizationId.eq(organization))
            .filter(condition(scope, SEAT));
        if !closed {
            select = select.filter(activity_unit::Column::ClosedOn.is_null());
        }
        read(&self.tx, select, BY_NAME, page).await
    }
}

impl Write {
    /// A unit whose org the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn activity_unit(&self, scope: &Scope, id: &str) -> StoreResult<Option<ActivityUnit>> {
        Ok(activity_unit::Entity::find_by_id(id)
            .filter(condition(scope, SEAT))
            .one(&self.tx)
            .await?)
    }

    /// How many open units an org has, all of them or those with a name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_activity_units(&self, organization: &str, name: Option<&str>) -> StoreResult<u64> {
        let mut select = activity_unit::Entity::find()
            .filter(activity_unit::Column::OrganizationId.eq(organization))
            .filter(activity_unit::Column::ClosedOn.is_null());
        if let Some(name) = name {
            select = select.filter(activity_unit::Column::Name.eq(name));
        }
        Ok(select.count(&self.tx).await?)
    }

    /// Writes a new unit.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_activity_unit(&self, _permit: &Permit, row: ActivityUnit) -> StoreResult<()> {
        activity_unit::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes a unit as it now is; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_activity_unit(&self, _permit: &Permit, row: &mut ActivityUnit) -> StoreResult<bool> {
        let read = row.version;
        row.version += 1;
        super::version::update(&self.tx, row.clone().into_active_model().reset_all(), &row.id, read).await
    }
}
