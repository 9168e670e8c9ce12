//! Affiliation transfers: look-ups and lists.

use domain::policy::{Permit, Scope};
use domain::vocabulary::TransferState;
use entity::transfer;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use super::organization::Within;
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type Transfer = transfer::Model;

pub(super) const SEAT: Seat = Seat::at("transfer.from_id")
    .about("transfer.member_id")
    .leading_to("transfer.to_id");

/// Latest first.
pub const LATEST: &[Key] = &[
    Key::of("transfer.requested_at", KeyKind::Instant, true),
    Key::of("transfer.id", KeyKind::Text, true),
];

impl Snapshot {
    /// The transfers with these ids that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn transfers(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Transfer>> {
        Ok(transfer::Entity::find()
            .filter(array::is_any(&self.tx, "transfer.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .all(&self.tx)
            .await?)
    }

    /// Open transfers of these members that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn pending_transfers(&self, scope: &Scope, members: &[String]) -> StoreResult<Vec<Transfer>> {
        Ok(transfer::Entity::find()
            .filter(array::is_any(&self.tx, "transfer.member_id", members))
            .filter(transfer::Column::State.eq(TransferState::Requested.as_str()))
            .filter(condition(scope, SEAT))
            .all(&self.tx)
            .await?)
    }

    /// A page of transfers that lead from or to a part of the tree, the latest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn transfers_within(
        &self,
        scope: &Scope,
        within: &Within,
        states: Option<&[TransferState]>,
        page: &PageRequest,
    ) -> StoreResult<Page<Transfer>> {
        let either = sea_orm::Condition::any()
            .add(within.condition("transfer.from_id"))
            .add(within.condition("transfer.to_id"));
        let mut select = transfer::Entity::find().filter(condition(scope, SEAT)).filter(either);
        if let Some(states) = states {
            let codes: Vec<String> = states.iter().map(ToString::to_string).collect();
            select = select.filter(array::is_any(&self.tx, "transfer.state", &codes));
        }
        read(&self.tx, select, LATEST, page).await
    }
}

impl Write {
    /// A transfer that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn transfer(&self, scope: &Scope, id: &str) -> StoreResult<Option<Transfer>> {
        Ok(transfer::Entity::find_by_id(id)
            .filter(condition(scope, SEAT))
            .one(&self.tx)
            .await?)
    }

    /// The transfer of this member that is under way.
    ///
    /// # Errors
    /// The database fails.
    pub async fn pending_transfer(&self, member: &str) -> StoreResult<Option<Transfer>> {
        Ok(transfer::Entity::find()
            .filter(transfer::Column::MemberId.eq(member))
            .filter(transfer::Column::State.eq(TransferState::Requested.as_str()))
            .one(&self.tx)
            .await?)
    }

    /// Whether a transfer of this member is under way.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_transferring(&self, member: &str) -> StoreResult<bool> {
        Ok(self.pending_transfer(member).await?.is_some())
    }

    /// Transfers that wait for their target.
    ///
    /// # Errors
    /// The database fails.
    pub async fn open_transfers(&self) -> StoreResult<Vec<Transfer>> {
        Ok(transfer::Entity::find()
            .filter(transfer::Column::State.eq(TransferState::Requested.as_str()))
            .order_by_asc(transfer::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Adds a transfer.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_transfer(&self, _permit: &Permit, row: Transfer) -> StoreResult<()> {
        transfer::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes a transfer as it now is, raising its version; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_transfer(&self, _permit: &Permit, row: &mut Transfer) -> StoreResult<bool> {
        let read = row.version;
        row.version += 1;
        super::version::update(&self.tx, row.clone().into_active_model().reset_all(), &row.id, read).await
    }
}
