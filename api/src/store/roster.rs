//! Writes of the roster: members, their membership over time, exemptions.

use chrono::NaiveDate;
use domain::policy::{Permit, Scope};
use domain::vocabulary::DecisionState;
use entity::{exemption, member, membership};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, Iterable as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::member::Member;
use super::scope::{Seat, condition};
use super::transaction::{Plans, ROWS_PER_INSERT, Snapshot, Write};
use super::{StoreResult, array, bulk};

pub type Exemption = exemption::Model;
pub type Membership = membership::Model;

pub(super) const EXEMPTION: Seat = Seat::at("exemption.branch_id").about("exemption.member_id");

impl Snapshot {
    /// Exemptions of members that the scope shows, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn exemptions_of(&self, scope: &Scope, members: &[String]) -> StoreResult<Vec<Exemption>> {
        Ok(exemption::Entity::find()
            .filter(array::is_any(&self.tx, "exemption.member_id", members))
            .filter(condition(scope, EXEMPTION))
            .order_by_desc(exemption::Column::FromOn)
            .order_by_asc(exemption::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Exemptions by id that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn exemptions(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Exemption>> {
        Ok(exemption::Entity::find()
            .filter(array::is_any(&self.tx, "exemption.id", ids))
            .filter(condition(scope, EXEMPTION))
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// An exemption that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn exemption(&self, scope: &Scope, id: &str) -> StoreResult<Option<Exemption>> {
        Ok(exemption::Entity::find_by_id(id)
            .filter(condition(scope, EXEMPTION))
            .one(&self.tx)
            .await?)
    }

    /// Exemptions of a member that are decided or wait for a decision and touch these days.
    ///
    /// # Errors
    /// The database fails.
    pub async fn exemptions_between(
        &self,
        member: &str,
        from: NaiveDate,
        until: NaiveDate,
    ) -> StoreResult<Vec<Exemption>> {
        let live = [DecisionState::Open.as_str(), DecisionState::Accepted.as_str()];
        Ok(exemption::Entity::find()
            .filter(exemption::Column::MemberId.eq(member))
            .filter(exemption::Column::State.is_in(live))
            .filter(exemption::Column::FromOn.lte(until))
            .filter(exemption::Column::UntilOn.gte(from))
            .all(&self.tx)
            .await?)
    }

    /// Writes a new exemption.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_exemption(&self, _permit: &Permit, row: Exemption) -> StoreResult<()> {
        exemption::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes an exemption as it now is.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_exemption(&self, _permit: &Permit, row: Exemption) -> StoreResult<()> {
        row.into_active_model().reset_all().update(&self.tx).await?;
        Ok(())
    }

    /// Writes a new member with their membership.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_member(&self, _permit: &Permit, row: Member, since: Membership) -> StoreResult<()> {
        member::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        membership::Entity::insert(since.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes a member as they now are; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_member(&self, _permit: &Permit, row: &mut Member) -> StoreResult<bool> {
        let read = row.version;
        row.version += 1;
        super::version::update(&self.tx, row.clone().into_active_model().reset_all(), &row.id, read).await
    }

    /// Whether any member, wherever they are, has one of these hashes of an identity number.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_known_identity(&self, hashes: &[String], but: &str) -> StoreResult<bool> {
        Ok(member::Entity::find()
            .filter(array::is_any(&self.tx, "identity_hash", hashes))
            .filter(member::Column::Id.ne(but))
            .one(&self.tx)
            .await?
            .is_some())
    }

    /// Who, wherever they are, has one of these hashes of an identity number: (hash, id of the member).
    ///
    /// # Errors
    /// The database fails.
    pub async fn known_identities(&self, hashes: &[String]) -> StoreResult<Vec<(String, String)>> {
        if hashes.is_empty() {
            return Ok(Vec::new());
        }
        Ok(member::Entity::find()
            .select_only()
            .column(member::Column::IdentityHash)
            .column(member::Column::Id)
            .filter(array::is_any(&self.tx, "identity_hash", hashes))
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// Writes new members with their memberships.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_members(
        &self,
        _permits: &[Permit],
        rows: Vec<Member>,
        since: Vec<Membership>,
    ) -> StoreResult<()> {
        self.plan_by(Plans::Kept).await?;
        bulk::insert_models(&self.tx, rows).await?;
        bulk::insert_models(&self.tx, since).await?;
        self.plan_by(Plans::Afresh).await
    }

    /// Writes members as they now are, each with its version raised already, some hundred by a statement; `false` where
    /// somebody was faster with one of them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_members(&self, _permits: &[Permit], rows: Vec<Member>) -> StoreResult<bool> {
        let wanted = rows.len() as u64;
        let columns = member::Column::iter().filter(|column| !matches!(column, member::Column::Id));
        let read = Expr::cust("excluded.version = member.version + 1");
        let conflict = OnConflict::column(member::Column::Id)
            .update_columns(columns)
            .action_and_where(read)
            .to_owned();
        let mut written = 0;
        for some in rows.chunks(ROWS_PER_INSERT) {
            let rows = some.iter().map(|row| row.clone().into_active_model().reset_all());
            written += member::Entity::insert_many(rows)
                .on_conflict(conflict.clone())
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(written == wanted)
    }

    /// The running membership of a member.
    ///
    /// # Errors
    /// The database fails.
    pub async fn membership_of(&self, member: &str) -> StoreResult<Option<Membership>> {
        Ok(membership::Entity::find()
            .filter(membership::Column::MemberId.eq(member))
            .filter(membership::Column::UntilOn.is_null())
            .order_by_desc(membership::Column::FromOn)
            .one(&self.tx)
            .await?)
    }

    /// Ends the running membership on a day and, unless the member leaves, opens the next from it. One that began on
    /// that very day is rewritten.
    ///
    /// # Errors
    /// The database fails.
    pub async fn turn_membership(
        &self,
        _permit: &Permit,
        mut running: Membership,
        on: NaiveDate,
        next: Option<Membership>,
    ) -> StoreResult<()> {
        if let Some(next) = &next
            && running.from_on >= on
        {
            running.branch_id.clone_from(&next.branch_id);
            running.group_id.clone_from(&next.group_id);
            running.unit_tag.clone_from(&next.unit_tag);
            running.into_active_model().reset_all().update(&self.tx).await?;
            return Ok(());
        }
        running.until_on = Some(on);
        running.into_active_model().reset_all().update(&self.tx).await?;
        if let Some(next) = next {
            membership::Entity::insert(next.into_active_model().reset_all())
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
    }
}
