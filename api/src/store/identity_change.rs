//! Corrections of sealed data that members asked for. The value is sealed while it waits, and gone once it is decided.

use domain::policy::{Permit, Scope};
use domain::vocabulary::IdentityChangeState;
use entity::identity_change;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type IdentityChange = identity_change::Model;

pub(super) const SEAT: Seat = Seat::at("identity_change.branch_id").about("identity_change.member_id");

impl Snapshot {
    /// Corrections that members asked for, as far as the scope shows them, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn identity_changes_of(&self, scope: &Scope, members: &[String]) -> StoreResult<Vec<IdentityChange>> {
        Ok(identity_change::Entity::find()
            .filter(array::is_any(&self.tx, "identity_change.member_id", members))
            .filter(condition(scope, SEAT))
            .order_by_desc(identity_change::Column::AskedAt)
            .order_by_asc(identity_change::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Corrections by id that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn identity_changes(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<IdentityChange>> {
        Ok(identity_change::Entity::find()
            .filter(array::is_any(&self.tx, "identity_change.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// A correction that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn identity_change(&self, scope: &Scope, id: &str) -> StoreResult<Option<IdentityChange>> {
        Ok(identity_change::Entity::find_by_id(id)
            .filter(condition(scope, SEAT))
            .one(&self.tx)
            .await?)
    }

    /// The corrections of a member that wait.
    ///
    /// # Errors
    /// The database fails.
    pub async fn open_identity_changes(&self, member: &str) -> StoreResult<Vec<IdentityChange>> {
        Ok(identity_change::Entity::find()
            .filter(identity_change::Column::MemberId.eq(member))
            .filter(identity_change::Column::State.eq(IdentityChangeState::Asked.as_str()))
            .all(&self.tx)
            .await?)
    }

    /// Writes a new correction.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_identity_change(&self, _permit: &Permit, row: IdentityChange) -> StoreResult<()> {
        identity_change::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes a correction as it now is; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_identity_change(&self, _permit: &Permit, row: &mut IdentityChange) -> StoreResult<bool> {
        let read = row.version;
        row.version += 1;
        super::version::update(&self.tx, row.clone().into_active_model().reset_all(), &row.id, read).await
    }
}
