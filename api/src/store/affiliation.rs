//! Where a member belongs: joining a branch, leaving it, and what hangs on that.

use chrono::{DateTime, NaiveDate, Utc};
use domain::policy::{Headed, Permit};
use entity::{attendance, exemption, leave_request, member, organization};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _,
};

use super::member::Member;
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

pub type Leave = leave_request::Model;

/// An activity to come of a branch.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Ahead {
    pub id: String,
    pub kind: String,
    pub local_date: NaiveDate,
    pub mode: String,
    pub version: i64,
}

/// A member's place at an activity to come.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Seat {
    pub id: String,
    pub activity_id: String,
    pub organization_id: String,
    pub version: i64,
    /// The new branch takes part too.
    pub joint: bool,
}

#[derive(FromQueryResult)]
struct HeadRow {
    member_id: String,
    organization_id: String,
    has_deputy: bool,
}

const AHEAD: &str = "SELECT a.id, a.kind, a.local_date, a.mode, a.version FROM activity a \
     JOIN activity_organization ao ON ao.activity_id = a.id WHERE ao.organization_id = $1 AND a.status = 'SCHEDULED' \
     AND a.local_date >= $2 AND NOT EXISTS (SELECT 1 FROM attendance t WHERE t.activity_id = a.id AND t.member_id = $3) \
     ORDER BY a.id";

const SEATS: &str = "SELECT t.id, t.activity_id, t.organization_id, t.version, EXISTS (SELECT 1 \
     FROM activity_organization n WHERE n.activity_id = t.activity_id AND n.organization_id = $3) AS joint \
     FROM attendance t JOIN activity a ON a.id = t.activity_id WHERE t.member_id = $1 AND a.status = 'SCHEDULED' \
     AND t.state <> 'PRESENT' AND t.local_date >= $2 AND t.organization_id IN ";

async fn headships<C: ConnectionTrait>(
    tx: &C,
    members: &[String],
    on: NaiveDate,
) -> StoreResult<Vec<(String, Headed)>> {
    let runs = |of: &str| format!("{of}.since <= $1 AND ({of}.until IS NULL OR {of}.until > $1)");
    let sql = format!(
        "SELECT s.member_id, s.organization_id, EXISTS (SELECT 1 FROM appointment d \
         WHERE d.organization_id = s.organization_id AND d.post = 'DEPUTY_SECRETARY' AND {}) AS has_deputy \
         FROM appointment s WHERE s.post = 'SECRETARY' AND {} AND s.member_id IN {}",
        runs("d"),
        runs("s"),
        array::places(tx, "$2")
    );
    let rows = HeadRow::find_by_statement(statement(tx, &sql, vec![on.into(), array::bound(members)]))
        .all(tx)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let headed = Headed {
                org_id: row.organization_id,
                has_deputy: row.has_deputy,
            };
            (row.member_id, headed)
        })
        .collect())
}

impl Snapshot {
    /// Which orgs these members head on a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn headships(&self, members: &[String], on: NaiveDate) -> StoreResult<Vec<(String, Headed)>> {
        headships(&self.tx, members, on).await
    }
}

impl Write {
    /// Holds a member until the write ends, so that two writes about one person go one after the other.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_member(&self, id: &str) -> StoreResult<Option<Member>> {
        Ok(member::Entity::find_by_id(id)
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?)
    }

    /// The branch and its groups, by id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn with_groups(&self, branch: &str) -> StoreResult<Vec<String>> {
        let mut ids: Vec<String> = organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .filter(organization::Column::ParentId.eq(branch))
            .into_tuple()
            .all(&self.tx)
            .await?;
        ids.push(branch.to_owned());
        Ok(ids)
    }

    /// Exemptions go with the member: the new branch answers for them now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hand_over_exemptions(&self, _permit: &Permit, ids: &[String], branch: &str) -> StoreResult<()> {
        exemption::Entity::update_many()
            .col_expr(exemption::Column::BranchId, Expr::value(branch))
            .col_expr(exemption::Column::Version, Expr::col(exemption::Column::Version).add(1))
            .filter(array::is_any(&self.tx, "id", ids))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Activities to come of a branch at which this member has no place yet.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ahead_of(&self, branch: &str, member: &str, from: NaiveDate) -> StoreResult<Vec<Ahead>> {
        let values = vec![branch.into(), from.into(), member.into()];
        Ok(Ahead::find_by_statement(statement(&self.tx, AHEAD, values))
            .all(&self.tx)
            .await?)
    }

    /// A member's places at activities to come that they have through these orgs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn seats(
        &self,
        member: &str,
        orgs: &[String],
        new_branch: &str,
        from: NaiveDate,
    ) -> StoreResult<Vec<Seat>> {
        let sql = format!("{SEATS}{} ORDER BY t.id", array::places(&self.tx, "$4"));
        let values = vec![member.into(), from.into(), new_branch.into(), array::bound(orgs)];
        Ok(Seat::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// Takes places away, with what leave was asked for them; gives the requests that were open.
    ///
    /// # Errors
    /// The database fails.
    pub async fn give_up_seats(&self, member: &str, seats: &[Seat], at: DateTime<Utc>) -> StoreResult<Vec<Leave>> {
        let activities: Vec<String> = seats.iter().map(|seat| seat.activity_id.clone()).collect();
        let ids: Vec<String> = seats.iter().map(|seat| seat.id.clone()).collect();
        let asked = leave_request::Entity::find()
            .filter(array::is_any(&self.tx, "activity_id", &activities))
            .filter(leave_request::Column::MemberId.eq(member))
            .filter(leave_request::Column::State.eq("OPEN"))
            .all(&self.tx)
            .await?;
        let open: Vec<String> = asked.iter().map(|leave| leave.id.clone()).collect();
        leave_request::Entity::update_many()
            .col_expr(leave_request::Column::State, Expr::value("WITHDRAWN"))
            .col_expr(leave_request::Column::DecidedAt, Expr::value(at))
            .col_expr(
                leave_request::Column::Version,
                Expr::col(leave_request::Column::Version).add(1),
            )
            .filter(array::is_any(&self.tx, "id", &open))
            .exec(&self.tx)
            .await?;
        self.remove_attendance(&ids).await?;
        Ok(asked)
    }

    /// Places at joint activities go over to the other branch that takes part, leave included.
    ///
    /// # Errors
    /// The database fails.
    pub async fn change_seats(&self, member: &str, seats: &[Seat], branch: &str) -> StoreResult<()> {
        let activities: Vec<String> = seats.iter().map(|seat| seat.activity_id.clone()).collect();
        attendance::Entity::update_many()
            .col_expr(attendance::Column::OrganizationId, Expr::value(branch))
            .col_expr(
                attendance::Column::Version,
                Expr::col(attendance::Column::Version).add(1),
            )
            .filter(array::is_any(&self.tx, "activity_id", &activities))
            .filter(attendance::Column::MemberId.eq(member))
            .exec(&self.tx)
            .await?;
        leave_request::Entity::update_many()
            .col_expr(leave_request::Column::OrganizationId, Expr::value(branch))
            .filter(array::is_any(&self.tx, "activity_id", &activities))
            .filter(leave_request::Column::MemberId.eq(member))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
