//! Who belongs to the orgs of an activity on its day, with the facts that decide whether they are expected.

use chrono::NaiveDate;
use domain::activity_kind::Expected;
use domain::lifecycle::activity::Person;
use domain::vocabulary::Standing;
use entity::member;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _};

use super::rights::code;
use super::transaction::{Write, statement};
use super::{StoreResult, array};

#[derive(FromQueryResult)]
struct Row {
    member_id: String,
    organization_id: String,
    standing: String,
    status: String,
    became_full_on: Option<NaiveDate>,
    hosted: bool,
    guest: bool,
    exempt: bool,
    leads: bool,
}

pub(super) const OFFICERS: &str = "('SECRETARY', 'DEPUTY_SECRETARY', 'ORGANIZATION_COMMITTEE_MEMBER', \
     'PUBLICITY_COMMITTEE_MEMBER', 'DISCIPLINE_INSPECTION_COMMITTEE_MEMBER', 'COMMITTEE_MEMBER')";

/// The relation `seat(member_id, organization_id)` of those an activity is for.
fn seats(expected: Expected, orgs: &str) -> String {
    let held = |from: &str, until: &str| format!("s.{from} <= $2 AND (s.{until} IS NULL OR s.{until} > $2)");
    match expected {
        Expected::Members | Expected::MembersAndActivists => format!(
            "SELECT s.member_id, s.branch_id AS organization_id, 0 AS guest FROM membership s WHERE s.branch_id IN {orgs} \
             AND {} UNION SELECT h.id, h.host_branch_id, 1 FROM member h WHERE h.host_branch_id IN {orgs} \
             AND h.status = 'FLOATING'",
            held("from_on", "until_on")
        ),
        Expected::GroupMembers => format!(
            "SELECT s.member_id, s.group_id AS organization_id, 0 AS guest FROM membership s WHERE s.group_id IN {orgs} AND {}",
            held("from_on", "until_on")
        ),
        Expected::Committee => format!(
            "SELECT s.member_id, s.organization_id, 0 AS guest FROM appointment s WHERE s.organization_id IN {orgs} \
             AND s.post IN {OFFICERS} AND {}",
            held("since", "until")
        ),
    }
}

fn people_sql(expected: Expected, orgs: &str) -> String {
    format!(
        "SELECT DISTINCT seat.member_id, seat.organization_id, m.standing, m.status, m.became_full_on, \
         (m.host_branch_id IS NOT NULL) AS hosted, (seat.guest = 1) AS guest, \
         EXISTS (SELECT 1 FROM exemption x WHERE x.member_id = m.id AND x.state = 'ACCEPTED' AND x.from_on <= $2 AND x.until_on >= $2) AS exempt, \
         EXISTS (SELECT 1 FROM appointment l JOIN organization o ON o.id = l.organization_id WHERE l.member_id = m.id \
         AND l.post IN {OFFICERS} AND l.since <= $2 AND (l.until IS NULL OR l.until > $2) \
         AND o.kind NOT IN ('BRANCH', 'PARTY_GROUP')) AS leads \
         FROM ({}) seat JOIN member m ON m.id = seat.member_id ORDER BY seat.member_id, guest, seat.organization_id",
        seats(expected, orgs)
    )
}

impl Write {
    /// How many full members each of these branches has; those without any are left out.
    ///
    /// # Errors
    /// The database fails.
    pub async fn full_members(&self, branches: &[String]) -> StoreResult<Vec<(String, i64)>> {
        Ok(member::Entity::find()
            .select_only()
            .column(member::Column::BranchId)
            .expr(Expr::cust("COUNT(*)"))
            .filter(member::Column::Status.ne("LEFT"))
            .filter(member::Column::Standing.eq("FULL"))
            .filter(array::is_any(&self.tx, "branch_id", branches))
            .group_by(member::Column::BranchId)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// The people of these orgs on a day, each once.
    ///
    /// # Errors
    /// The database fails.
    pub async fn people(&self, orgs: &[String], expected: Expected, on: NaiveDate) -> StoreResult<Vec<Person>> {
        let sql = people_sql(expected, &array::places(&self.tx, "$1"));
        let rows = Row::find_by_statement(statement(&self.tx, &sql, vec![array::bound(orgs), on.into()]))
            .all(&self.tx)
            .await?;
        let mut people: Vec<Person> = rows
            .into_iter()
            .map(|row| person(row, on))
            .collect::<StoreResult<_>>()?;
        people.dedup_by(|one, other| one.member_id == other.member_id);
        Ok(people)
    }
}

fn person(row: Row, on: NaiveDate) -> StoreResult<Person> {
    let full_then = row.became_full_on.is_none_or(|day| day <= on);
    let now: Standing = code(&row.standing)?;
    Ok(Person {
        member_id: row.member_id,
        organization_id: row.organization_id,
        standing: if now == Standing::Full && !full_then {
            Standing::Probationary
        } else {
            now
        },
        status: code(&row.status)?,
        hosted: row.hosted,
        guest: row.guest,
        exempt: row.exempt,
        leads: row.leads,
    })
}
