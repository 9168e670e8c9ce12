//! Applicants and activists invited to activities; counted apart from members.

use chrono::{DateTime, Utc};
use domain::policy::Scope;
use entity::{activity, activity_invitation, activity_organization, applicant, organization};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::activity::{Activity, taken_part_by};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

pub type Invitation = activity_invitation::Model;
pub type Applicant = applicant::Model;

const APPLICANTS: Seat = Seat::at("applicant.branch_id").about("applicant.id");

/// How many were invited to an activity, and how many of them came.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Invited {
    pub activity_id: String,
    pub invited: i64,
    pub present: i64,
}

#[derive(FromQueryResult)]
struct Highest {
    organization_id: String,
    number: i64,
}

impl Snapshot {
    /// Counts of those invited, per activity.
    ///
    /// # Errors
    /// The database fails.
    pub async fn invited(&self, activities: &[String]) -> StoreResult<Vec<Invited>> {
        let sql = format!(
            "SELECT activity_id, COUNT(*) AS invited, SUM(CASE WHEN state = 'PRESENT' THEN 1 ELSE 0 END) AS present \
             FROM activity_invitation WHERE activity_id IN {} GROUP BY activity_id",
            array::places(&self.tx, "$1")
        );
        let values = vec![array::bound(activities)];
        Ok(Invited::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// The applicants of these branches that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn applicants_of(&self, scope: &Scope, branches: &[String]) -> StoreResult<Vec<Applicant>> {
        Ok(applicant::Entity::find()
            .filter(array::is_any(&self.tx, "applicant.branch_id", branches))
            .filter(applicant::Column::MemberId.is_null())
            .filter(applicant::Column::WithdrawnOn.is_null())
            .filter(condition(scope, APPLICANTS))
            .order_by_asc(applicant::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Takes back the invitations of an applicant, who is none any more, to activities to come.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_back_invitations(&self, applicant: &str, now: DateTime<Utc>) -> StoreResult<()> {
        let sql = "DELETE FROM activity_invitation WHERE applicant_id = $1 AND activity_id IN \
             (SELECT id FROM activity WHERE status = 'SCHEDULED' AND starts_at > $2)";
        let values = vec![applicant.into(), now.into()];
        self.tx.execute_raw(statement(&self.tx, sql, values)).await?;
        Ok(())
    }

    /// Those invited to an activity.
    ///
    /// # Errors
    /// The database fails.
    pub async fn invitations_to(&self, activity: &str) -> StoreResult<Vec<Invitation>> {
        Ok(activity_invitation::Entity::find()
            .filter(activity_invitation::Column::ActivityId.eq(activity))
            .order_by_asc(activity_invitation::Column::ApplicantId)
            .all(&self.tx)
            .await?)
    }

    /// Takes all invitations to an activity back.
    ///
    /// # Errors
    /// The database fails.
    pub async fn invite_nobody(&self, activity: &str) -> StoreResult<()> {
        activity_invitation::Entity::delete_many()
            .filter(activity_invitation::Column::ActivityId.eq(activity))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Adds invitations.
    ///
    /// # Errors
    /// The database fails.
    pub async fn invite(&self, rows: Vec<Invitation>) -> StoreResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        activity_invitation::Entity::insert_many(rows.into_iter().map(activity_invitation::ActiveModel::from))
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes who of those invited came: these did not, all others did.
    ///
    /// # Errors
    /// The database fails.
    pub async fn invited_came(&self, activity: &str, absent: &[String]) -> StoreResult<()> {
        for (came, state) in [(true, "PRESENT"), (false, "ABSENT")] {
            let named = array::is_any(&self.tx, "applicant_id", absent);
            activity_invitation::Entity::update_many()
                .col_expr(activity_invitation::Column::State, Expr::value(state))
                .filter(activity_invitation::Column::ActivityId.eq(activity))
                .filter(if came { named.not() } else { named })
                .exec(&self.tx)
                .await?;
        }
        Ok(())
    }

    /// Holds these orgs until the end of the write, so that two records of one org follow each other.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_organizations(&self, ids: &[String]) -> StoreResult<()> {
        organization::Entity::find()
            .filter(array::is_any(&self.tx, "organization.id", ids))
            .order_by_asc(organization::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&self.tx)
            .await?;
        Ok(())
    }

    /// Activities of a kind in which an org takes part and that lie, from start to end, at least in part between two instants;
    /// not those that are cancelled. By start.
    ///
    /// # Errors
    /// The database fails.
    pub async fn at_about(
        &self,
        organization: &str,
        kind: &str,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
    ) -> StoreResult<Vec<Activity>> {
        let (starts, ends) = (activity::Column::StartsAt, activity::Column::EndsAt);
        Ok(activity::Entity::find()
            .filter(Expr::cust("activity.id").in_subquery(taken_part_by(organization)))
            .filter(activity::Column::Kind.eq(kind))
            .filter(starts.lte(to))
            .filter(starts.gte(from).or(ends.gte(from)))
            .filter(activity::Column::Status.ne("CANCELLED"))
            .order_by_asc(starts)
            .order_by_asc(activity::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Gives an activity its number in the register of each org that takes part: the next of the org's year.
    ///
    /// # Errors
    /// The database fails.
    pub async fn number_in_registers(&self, activity: &Activity, orgs: &[String], year: i32) -> StoreResult<()> {
        let sql = format!(
            "SELECT o.organization_id, MAX(o.register_number) AS number FROM activity_organization o \
             JOIN activity a ON a.id = o.activity_id WHERE o.organization_id IN {} AND o.register_number IS NOT NULL \
             AND a.local_date >= $2 AND a.local_date < $3 GROUP BY o.organization_id",
            array::places(&self.tx, "$1")
        );
        let first = |year| chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        let values = vec![
            array::bound(orgs),
            first(year).into(),
            first(year.saturating_add(1)).into(),
        ];
        let highest = Highest::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?;
        for org in orgs {
            let number = highest.iter().find(|row| row.organization_id == *org);
            let row = activity_organization::ActiveModel {
                activity_id: Set(activity.id.clone()),
                organization_id: Set(org.clone()),
                register_number: Set(Some(number.map_or(0, |row| row.number) + 1)),
                ..Default::default()
            };
            activity_organization::Entity::update(row).exec(&self.tx).await?;
        }
        Ok(())
    }
}
