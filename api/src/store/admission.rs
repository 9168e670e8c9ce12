//! Admissions and full membership: look-ups, lists, the resolutions they rest on.

use chrono::NaiveDate;
use domain::policy::{Permit, Scope};
use domain::vocabulary::{AdmissionKind, AdmissionState};
use entity::{activity, activity_organization, admission, organization, resolution};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};

use super::activity_minutes::Resolution;
use super::organization::{Organization, Within};
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type Admission = admission::Model;

pub(super) const SEAT: Seat = Seat::at("admission.branch_id")
    .about("COALESCE(admission.member_id, admission.applicant_id)")
    .in_group("(SELECT m.group_id FROM member m WHERE m.id = admission.member_id)");

/// Latest first.
pub const LATEST: &[Key] = &[
    Key::of("admission.proposed_at", KeyKind::Instant, true),
    Key::of("admission.id", KeyKind::Text, true),
];

/// A resolution with what an admission asks of it.
#[derive(Debug, Clone)]
pub struct Voted {
    pub resolution: Resolution,
    /// The day of the meeting.
    pub on: NaiveDate,
    /// Orgs that held it.
    pub organizations: Vec<String>,
}

async fn by_ids<C: ConnectionTrait>(tx: &C, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Admission>> {
    Ok(admission::Entity::find()
        .filter(array::is_any(tx, "admission.id", ids))
        .filter(condition(scope, SEAT.singly()))
        .all(tx)
        .await?)
}

impl Snapshot {
    /// The admissions with these ids that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn admissions(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Admission>> {
        by_ids(&self.tx, scope, ids).await
    }

    /// The latest admission of each of these applicants that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn latest_admissions(&self, scope: &Scope, applicants: &[String]) -> StoreResult<Vec<Admission>> {
        let latest = "NOT EXISTS (SELECT 1 FROM admission l WHERE l.applicant_id = admission.applicant_id AND \
             (l.proposed_at > admission.proposed_at OR (l.proposed_at = admission.proposed_at AND l.id > admission.id)))";
        Ok(admission::Entity::find()
            .filter(array::is_any(&self.tx, "admission.applicant_id", applicants))
            .filter(Expr::cust(latest))
            .filter(condition(scope, SEAT))
            .all(&self.tx)
            .await?)
    }

    /// What was proposed of the full membership of these members, earliest first, as far as the scope shows it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn full_memberships(&self, scope: &Scope, members: &[String]) -> StoreResult<Vec<Admission>> {
        Ok(admission::Entity::find()
            .filter(array::is_any(&self.tx, "admission.member_id", members))
            .filter(admission::Column::Kind.eq(AdmissionKind::FullMembership.as_str()))
            .filter(condition(scope, SEAT))
            .order_by_asc(admission::Column::ProposedAt)
            .all(&self.tx)
            .await?)
    }

    /// A page of admissions, the latest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn admissions_within(
        &self,
        scope: &Scope,
        within: &Within,
        states: Option<&[AdmissionState]>,
        page: &PageRequest,
    ) -> StoreResult<Page<Admission>> {
        let mut select = admission::Entity::find()
            .filter(condition(scope, SEAT))
            .filter(within.condition("admission.branch_id"));
        if let Some(states) = states {
            let codes: Vec<String> = states.iter().map(ToString::to_string).collect();
            select = select.filter(array::is_any(&self.tx, "admission.state", &codes));
        }
        read(&self.tx, select, LATEST, page).await
    }
}

impl Write {
    /// An admission that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn admission(&self, scope: &Scope, id: &str) -> StoreResult<Option<Admission>> {
        Ok(by_ids(&self.tx, scope, &[id.to_owned()]).await?.pop())
    }

    /// All admissions of one kind of an applicant or member, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn admissions_of(&self, kind: AdmissionKind, person: &str) -> StoreResult<Vec<Admission>> {
        let column = match kind {
            AdmissionKind::Admission => admission::Column::ApplicantId,
            AdmissionKind::FullMembership => admission::Column::MemberId,
        };
        Ok(admission::Entity::find()
            .filter(column.eq(person))
            .filter(admission::Column::Kind.eq(kind.as_str()))
            .order_by_asc(admission::Column::ProposedAt)
            .all(&self.tx)
            .await?)
    }

    /// Admissions that rest on a resolution and were not turned down.
    ///
    /// # Errors
    /// The database fails.
    pub async fn admissions_by(&self, resolution: &str) -> StoreResult<Vec<Admission>> {
        Ok(admission::Entity::find()
            .filter(admission::Column::ResolutionId.eq(resolution))
            .filter(admission::Column::State.is_not_in(["REJECTED", "WITHDRAWN"]))
            .all(&self.tx)
            .await?)
    }

    /// Drafts, and proposals that wait for the approver.
    ///
    /// # Errors
    /// The database fails.
    pub async fn open_admissions(&self) -> StoreResult<Vec<Admission>> {
        Ok(admission::Entity::find()
            .filter(admission::Column::State.is_in(["DRAFT", "PROPOSED"]))
            .order_by_asc(admission::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Drafts and proposals that wait, of branches at or below a path, with the branches.
    ///
    /// # Errors
    /// The database fails.
    pub async fn admissions_below(&self, path: &str) -> StoreResult<Vec<(Admission, Organization)>> {
        let within = Query::select()
            .expr(Expr::cust("id"))
            .from("organization")
            .and_where(Expr::cust("path").gte(path))
            .and_where(Expr::cust("path").lt(domain::place::upper_bound(path)))
            .to_owned();
        let rows = admission::Entity::find()
            .filter(admission::Column::State.is_in(["DRAFT", "PROPOSED"]))
            .filter(admission::Column::BranchId.in_subquery(within))
            .order_by_asc(admission::Column::Id)
            .all(&self.tx)
            .await?;
        let ids: Vec<String> = rows.iter().map(|row| row.branch_id.clone()).collect();
        let branches = organization::Entity::find()
            .filter(array::is_any(&self.tx, "organization.id", &ids))
            .all(&self.tx)
            .await?;
        let branch = |id: &str| branches.iter().find(|branch| branch.id == id).cloned();
        Ok(rows
            .into_iter()
            .filter_map(|row| Some((branch(&row.branch_id)?, row)))
            .map(|(branch, row)| (row, branch))
            .collect())
    }

    /// A resolution with the day and the orgs of its meeting.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voted(&self, id: &str) -> StoreResult<Option<Voted>> {
        let found = resolution::Entity::find_by_id(id).one(&self.tx).await?;
        let Some(resolution) = found else { return Ok(None) };
        let held = activity::Entity::find_by_id(resolution.activity_id.as_str())
            .one(&self.tx)
            .await?;
        let orgs = activity_organization::Entity::find()
            .filter(activity_organization::Column::ActivityId.eq(resolution.activity_id.as_str()))
            .all(&self.tx)
            .await?;
        Ok(held.map(|held| Voted {
            resolution,
            on: held.local_date,
            organizations: orgs.into_iter().map(|org| org.organization_id).collect(),
        }))
    }

    /// Adds an admission.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_admission(&self, _permit: &Permit, row: Admission) -> StoreResult<()> {
        admission::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes an admission as it now is, raising its version; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_admission(&self, _permit: &Permit, row: &mut Admission) -> StoreResult<bool> {
        let read = row.version;
        row.version += 1;
        super::version::update(&self.tx, row.clone().into_active_model().reset_all(), &row.id, read).await
    }
}
