//! Rows that the command line begins a deployment with, and its accounts.

use chrono::{DateTime, Utc};
use domain::policy::Permit;
use entity::{account, appointment, member, membership, organ, refresh_token, rulebook_assignment};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use super::StoreResult;
use super::account::Account;
use super::transaction::{Snapshot, Write};

pub use entity::appointment::Model as AppointmentRow;
pub use entity::member::Model as MemberRow;
pub use entity::membership::Model as MembershipRow;
pub use entity::organ::Model as OrganRow;
pub use entity::rulebook_assignment::Model as AssignmentRow;

/// The first person of a city, with where they belong and what they hold.
pub struct FirstPerson {
    pub member: MemberRow,
    pub membership: MembershipRow,
    pub appointment: AppointmentRow,
}

impl Write {
    /// Organs of the first committee and the rulebook that holds for it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn begin_committee(
        &self,
        _permit: &Permit,
        organs: Vec<OrganRow>,
        assigned: AssignmentRow,
    ) -> StoreResult<()> {
        let organs = organs.into_iter().map(|row| row.into_active_model().reset_all());
        organ::Entity::insert_many(organs)
            .exec_without_returning(&self.tx)
            .await?;
        rulebook_assignment::Entity::insert(assigned.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// The first member, in the first branch, in the first post.
    ///
    /// # Errors
    /// The database fails.
    pub async fn begin_person(&self, _permit: &Permit, first: FirstPerson) -> StoreResult<()> {
        member::Entity::insert(first.member.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        membership::Entity::insert(first.membership.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        appointment::Entity::insert(first.appointment.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// A new account.
    ///
    /// # Errors
    /// The database fails, or the user name is taken.
    pub async fn begin_account(&self, _permit: &Permit, row: Account) -> StoreResult<()> {
        account::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// The account with this user name, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn account_named(&self, username: &str) -> StoreResult<Option<Account>> {
        Ok(account::Entity::find()
            .filter(account::Column::Username.eq(username))
            .one(&self.tx)
            .await?)
    }

    /// Whether there is such a member who has not left.
    ///
    /// # Errors
    /// The database fails.
    pub async fn has_member(&self, id: &str) -> StoreResult<bool> {
        let found = member::Entity::find_by_id(id).one(&self.tx).await?;
        Ok(found.is_some_and(|row| row.status != "LEFT"))
    }

    /// Stores a changed account and ends all its sessions.
    ///
    /// # Errors
    /// The database fails.
    pub async fn change_account(&self, _permit: &Permit, row: Account, at: DateTime<Utc>) -> StoreResult<()> {
        refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::RevokedAt, Expr::value(at))
            .filter(refresh_token::Column::AccountId.eq(row.id.as_str()))
            .filter(refresh_token::Column::RevokedAt.is_null())
            .exec(&self.tx)
            .await?;
        row.into_active_model().reset_all().update(&self.tx).await?;
        Ok(())
    }
}

impl Snapshot {
    /// All accounts by user name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn all_accounts(&self) -> StoreResult<Vec<Account>> {
        Ok(account::Entity::find()
            .order_by_asc(account::Column::Username)
            .all(&self.tx)
            .await?)
    }
}
