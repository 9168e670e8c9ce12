//! Leaders of an org and how each lives in their own branch 双重组织生活 (G2.2a).

use chrono::NaiveDate;
use domain::activity_kind::codes;
use domain::policy::Scope;
use entity::appointment;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _};

use super::member::Appointment;
use super::organization::current;
use super::page::{Key, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, statement};
use super::{StoreResult, array};

const SEAT: Seat = Seat::at("appointment.organization_id").about("appointment.member_id");

/// By the leader's id; one line per post.
pub const BY_LEADER: &[Key] = &[Key::text("appointment.member_id"), Key::text("appointment.id")];

const OFFICERS: [&str; 6] = [
    "SECRETARY",
    "DEPUTY_SECRETARY",
    "ORGANIZATION_COMMITTEE_MEMBER",
    "PUBLICITY_COMMITTEE_MEMBER",
    "DISCIPLINE_INSPECTION_COMMITTEE_MEMBER",
    "COMMITTEE_MEMBER",
];

/// Leaders are officers of an org above the branches.
const ABOVE_BRANCHES: &str =
    "appointment.organization_id IN (SELECT id FROM organization WHERE kind NOT IN ('BRANCH', 'PARTY_GROUP'))";

/// How often a member stood in one state in a year, by mode.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Times {
    pub member_id: String,
    pub state: String,
    pub mode: Option<String>,
    pub times: i64,
}

/// A member's follow-ups of resolutions of their branch and group.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Tasks {
    pub member_id: String,
    pub done: i64,
    pub open: i64,
    pub overdue: i64,
}

impl Snapshot {
    /// A page of an org's officers on a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leaders(
        &self,
        scope: &Scope,
        org: &str,
        today: NaiveDate,
        page: &PageRequest,
    ) -> StoreResult<Page<Appointment>> {
        let select = appointment::Entity::find()
            .filter(appointment::Column::OrganizationId.eq(org))
            .filter(appointment::Column::Post.is_in(OFFICERS))
            .filter(current(today))
            .filter(Expr::cust(ABOVE_BRANCHES))
            .filter(condition(scope, SEAT));
        read(&self.tx, select, BY_LEADER, page).await
    }

    /// How these members took part, between two dates, in what their own branch and group held as organizational life.
    ///
    /// # Errors
    /// The database fails.
    pub async fn times(&self, members: &[String], dates: (NaiveDate, NaiveDate)) -> StoreResult<Vec<Times>> {
        let sql = format!(
            "SELECT t.member_id, t.state, t.mode, COUNT(*) AS times FROM attendance t \
             JOIN activity a ON a.id = t.activity_id WHERE t.member_id IN {} AND t.local_date >= $2 AND t.local_date < $3 \
             AND a.status IN ('HELD', 'FILED') AND t.activity_kind IN {life} \
             GROUP BY t.member_id, t.state, t.mode ORDER BY t.member_id, t.state",
            array::places(&self.tx, "$1"),
            life = codes(|kind| kind.counts_as_organizational_life),
        );
        let values = vec![array::bound(members), dates.0.into(), dates.1.into()];
        Ok(Times::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// What these members carry out, of resolutions between two dates.
    ///
    /// # Errors
    /// The database fails.
    pub async fn tasks(
        &self,
        members: &[String],
        dates: (NaiveDate, NaiveDate),
        today: NaiveDate,
    ) -> StoreResult<Vec<Tasks>> {
        let sql = format!(
            "SELECT r.follow_up_owner_id AS member_id, SUM(CASE WHEN r.done_on IS NOT NULL THEN 1 ELSE 0 END) AS done, \
             SUM(CASE WHEN r.done_on IS NULL THEN 1 ELSE 0 END) AS open, \
             SUM(CASE WHEN r.done_on IS NULL AND r.follow_up_on < $4 THEN 1 ELSE 0 END) AS overdue \
             FROM resolution r JOIN activity a ON a.id = r.activity_id WHERE r.follow_up_owner_id IN {} AND r.passed \
             AND r.follow_up_on IS NOT NULL AND a.local_date >= $2 AND a.local_date < $3 GROUP BY r.follow_up_owner_id",
            array::places(&self.tx, "$1")
        );
        let values = vec![array::bound(members), dates.0.into(), dates.1.into(), today.into()];
        Ok(Tasks::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }
}
