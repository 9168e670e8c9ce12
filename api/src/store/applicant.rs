//! Applicants: look-ups, lists, changes.

use domain::policy::{Permit, Scope};
use domain::vocabulary::ApplicantStage;
use entity::{account, applicant};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QuerySelect as _,
};

use super::organization::Within;
use super::page::{Key, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type Applicant = applicant::Model;

pub(super) const SEAT: Seat = Seat::at("applicant.branch_id").about("COALESCE(applicant.member_id, applicant.id)");

/// By pinyin.
pub const BY_NAME: &[Key] = &[Key::text("applicant.name_key"), Key::text("applicant.id")];

async fn by_ids<C: ConnectionTrait>(tx: &C, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Applicant>> {
    Ok(applicant::Entity::find()
        .filter(array::is_any(tx, "applicant.id", ids))
        .filter(condition(scope, SEAT.singly()))
        .all(tx)
        .await?)
}

impl Snapshot {
    /// The applicants with these ids that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn applicants(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Applicant>> {
        by_ids(&self.tx, scope, ids).await
    }

    /// A page of those who are on their way: neither admitted nor withdrawn.
    ///
    /// # Errors
    /// The database fails.
    pub async fn applicants_within(
        &self,
        scope: &Scope,
        within: &Within,
        stages: Option<&[ApplicantStage]>,
        page: &PageRequest,
    ) -> StoreResult<Page<Applicant>> {
        let mut select = applicant::Entity::find()
            .filter(condition(scope, SEAT))
            .filter(within.condition("applicant.branch_id"))
            .filter(applicant::Column::MemberId.is_null())
            .filter(applicant::Column::WithdrawnOn.is_null());
        if let Some(stages) = stages {
            let codes: Vec<String> = stages.iter().map(ToString::to_string).collect();
            select = select.filter(array::is_any(&self.tx, "applicant.stage", &codes));
        }
        read(&self.tx, select, BY_NAME, page).await
    }
}

impl Write {
    /// An applicant that the scope shows, held until the write ends.
    ///
    /// # Errors
    /// The database fails.
    pub async fn applicant(&self, scope: &Scope, id: &str) -> StoreResult<Option<Applicant>> {
        Ok(applicant::Entity::find_by_id(id)
            .filter(condition(scope, SEAT))
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?)
    }

    /// Enters an applicant.
    ///
    /// # Errors
    /// The database fails.
    pub async fn enter_applicant(&self, _permit: &Permit, row: Applicant) -> StoreResult<()> {
        applicant::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes an applicant as they now are, raising the version; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_applicant(&self, _permit: &Permit, row: &mut Applicant) -> StoreResult<bool> {
        let read = row.version;
        row.version += 1;
        super::version::update(&self.tx, row.clone().into_active_model().reset_all(), &row.id, read).await
    }

    /// Gives the account of an applicant to the member that they have become.
    ///
    /// # Errors
    /// The database fails.
    pub async fn make_account_a_members(&self, _permit: &Permit, applicant: &str, member: &str) -> StoreResult<()> {
        account::Entity::update_many()
            .col_expr(account::Column::MemberId, Expr::value(Some(member.to_owned())))
            .col_expr(account::Column::ApplicantId, Expr::value(None::<String>))
            .col_expr(account::Column::Version, Expr::col(account::Column::Version).add(1))
            .filter(account::Column::ApplicantId.eq(applicant))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
