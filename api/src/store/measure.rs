//! Absence measures, and the sessions that the ladder is judged from: for many members in a constant number of statements.

use chrono::NaiveDate;
use domain::policy::Scope;
use entity::{attendance, measure};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::attendance::ATTENDANCE;
use super::organization::Within;
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array, bulk};

pub type Measure = measure::Model;

pub(super) const SEAT: Seat = Seat::at("measure.decider_id").about("measure.member_id");

/// Measures, latest first.
pub const LATEST: &[Key] = &[
    Key::of("measure.last_absence_on", KeyKind::Date, true),
    Key::of("measure.id", KeyKind::Text, true),
];

/// One member at one activity, with what decides whether an absence there counts.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SessionRow {
    pub member_id: String,
    pub activity_id: String,
    pub local_date: NaiveDate,
    pub activity_kind: String,
    pub state: String,
    pub mode: Option<String>,
    /// The org through which the member was expected.
    pub organization_id: String,
    pub org_kind: String,
    pub path: String,
    pub sector: String,
    /// Exempt that day, or between transfer request and its answer.
    pub neutral: bool,
}

/// An org that decides on measures.
#[derive(Debug, Clone, FromQueryResult)]
pub struct DecidingOrg {
    pub id: String,
    pub path: String,
    pub kind: String,
    pub parent_id: Option<String>,
    /// The secretary of a branch or the leader of a group.
    pub head_id: Option<String>,
    pub deputy_id: Option<String>,
    pub dissolved: bool,
}

/// Which sessions are judged.
#[derive(Debug, Clone)]
pub struct Since {
    /// From the last occasion before this day that ends a run in every rulebook; `None`: all there are.
    pub day: Option<NaiveDate>,
    /// States that end a run in every rulebook.
    pub breaks: Vec<String>,
    /// Kinds that count as organizational life.
    pub kinds: Vec<String>,
}

const EXEMPT: &str = "EXISTS (SELECT 1 FROM exemption x WHERE x.member_id = attendance.member_id AND x.state = 'ACCEPTED' \
     AND x.from_on <= attendance.local_date AND x.until_on >= attendance.local_date)";
const UNDER_TRANSFER: &str = "EXISTS (SELECT 1 FROM transfer t JOIN activity a ON a.id = attendance.activity_id \
     WHERE t.member_id = attendance.member_id AND t.state <> 'WITHDRAWN' AND t.requested_at <= a.starts_at \
     AND (t.decided_at IS NULL OR t.decided_at > a.starts_at))";

fn sessions_sql(members: &str, breaks: &str, kinds: &str, bounded: bool) -> String {
    let (join, from) = if bounded {
        (
            format!(
                "LEFT JOIN (SELECT member_id, MAX(local_date) AS day FROM attendance WHERE member_id IN {members} \
                 AND local_date < $4 AND state IN {breaks} AND activity_kind IN {kinds} GROUP BY member_id) anchor \
                 ON anchor.member_id = attendance.member_id"
            ),
            "AND (anchor.day IS NULL OR attendance.local_date >= anchor.day)",
        )
    } else {
        (String::new(), "")
    };
    format!(
        "SELECT attendance.member_id, attendance.activity_id, attendance.local_date, attendance.activity_kind, \
         attendance.state, attendance.mode, attendance.organization_id, o.kind AS org_kind, o.path, o.sector, \
         ({EXEMPT} OR {UNDER_TRANSFER}) AS neutral \
         FROM attendance JOIN organization o ON o.id = attendance.organization_id {join} \
         WHERE attendance.member_id IN {members} AND attendance.state <> 'EXPECTED' {from} \
         ORDER BY attendance.member_id, attendance.local_date, attendance.activity_id"
    )
}

impl Write {
    /// The sessions of these members, by member and day, each from the start of the run that may have changed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sessions(&self, members: &[String], since: &Since) -> StoreResult<Vec<SessionRow>> {
        let place = |number: &str| array::places(&self.tx, number);
        let bounded = since.day.filter(|_| !since.breaks.is_empty());
        let sql = sessions_sql(&place("$1"), &place("$2"), &place("$3"), bounded.is_some());
        let mut values = vec![array::bound(members)];
        if let Some(day) = bounded {
            values.extend([array::bound(&since.breaks), array::bound(&since.kinds), day.into()]);
        }
        Ok(SessionRow::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// Holds these members until the write ends, in one order for all. SQLite has one writer anyhow.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lock_members(&self, ids: &[String]) -> StoreResult<()> {
        if self.tx.get_database_backend() == sea_orm::DbBackend::Postgres {
            let sql = format!(
                "SELECT id FROM member WHERE id IN {} ORDER BY id FOR NO KEY UPDATE",
                array::places(&self.tx, "$1")
            );
            self.tx
                .query_all_raw(statement(&self.tx, &sql, vec![array::bound(ids)]))
                .await?;
        }
        Ok(())
    }

    /// Members whose measures may need judging: with an absence of one of these states, or with a measure.
    ///
    /// # Errors
    /// The database fails.
    pub async fn members_with_absences(&self, states: &[String]) -> StoreResult<Vec<String>> {
        let sql = format!(
            "SELECT member_id FROM attendance WHERE state IN {} UNION SELECT member_id FROM measure ORDER BY member_id",
            array::places(&self.tx, "$1")
        );
        let rows = self
            .tx
            .query_all_raw(statement(&self.tx, &sql, vec![array::bound(states)]))
            .await?;
        Ok(rows
            .iter()
            .map(|row| row.try_get("", "member_id"))
            .collect::<Result<_, _>>()?)
    }

    /// Members with an absence of one of these states at one of these orgs since a day, or with a measure that rests on one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn members_absent_at(
        &self,
        organizations: &[String],
        since: NaiveDate,
        states: &[String],
    ) -> StoreResult<Vec<String>> {
        let places = |number: &str| array::places(&self.tx, number);
        let sql = format!(
            "SELECT member_id FROM attendance WHERE organization_id IN {0} AND local_date >= $2 AND state IN {1} \
             UNION SELECT member_id FROM measure WHERE branch_id IN {0} AND last_absence_on >= $2 ORDER BY member_id",
            places("$1"),
            places("$3")
        );
        let values = vec![array::bound(organizations), since.into(), array::bound(states)];
        let rows = self.tx.query_all_raw(statement(&self.tx, &sql, values)).await?;
        Ok(rows
            .iter()
            .map(|row| row.try_get("", "member_id"))
            .collect::<Result<_, _>>()?)
    }

    /// All measures of these members.
    ///
    /// # Errors
    /// The database fails.
    pub async fn measures_of(&self, members: &[String]) -> StoreResult<Vec<Measure>> {
        Ok(measure::Entity::find()
            .filter(array::is_any(&self.tx, "member_id", members))
            .order_by_asc(measure::Column::MemberId)
            .order_by_asc(measure::Column::LastAbsenceOn)
            .order_by_asc(measure::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// One measure that the scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn measure(&self, scope: &Scope, id: &str) -> StoreResult<Option<Measure>> {
        Ok(measure::Entity::find_by_id(id.to_owned())
            .filter(condition(scope, SEAT))
            .one(&self.tx)
            .await?)
    }

    /// These orgs and the orgs above them, with who heads them on a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deciding_orgs(&self, ids: &[String], on: NaiveDate) -> StoreResult<Vec<DecidingOrg>> {
        deciding_orgs(&self.tx, ids, on).await
    }

    /// Measures that wait for whoever leads an org.
    ///
    /// # Errors
    /// The database fails.
    pub async fn measures_waiting_for(&self, organization: &str) -> StoreResult<Vec<Measure>> {
        Ok(measure::Entity::find()
            .filter(measure::Column::DeciderId.eq(organization))
            .filter(measure::Column::State.is_in(["OPEN", "FOR_REVIEW"]))
            .order_by_asc(measure::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Writes new and changed measures.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_measures(&self, rows: &[Measure]) -> StoreResult<()> {
        use measure::Column as C;
        let changed = [
            C::BranchId,
            C::DeciderId,
            C::DeciderPost,
            C::State,
            C::ProposedAt,
            C::DecidedAt,
            C::DecidedBy,
            C::Talk,
            C::Reason,
            C::Version,
        ];
        Ok(bulk::put(&self.tx, bulk::whole(rows.to_vec()), Some((&[C::Id], &changed))).await?)
    }

    /// The measures of these branches: (branch, kind, state, day of the last absence).
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_measures(&self, branches: &[String]) -> StoreResult<Vec<(String, String, String, NaiveDate)>> {
        Ok(measure::Entity::find()
            .filter(array::is_any(&self.tx, "branch_id", branches))
            .select_only()
            .column(measure::Column::BranchId)
            .column(measure::Column::Kind)
            .column(measure::Column::State)
            .column(measure::Column::LastAbsenceOn)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }
}

async fn deciding_orgs<C: ConnectionTrait>(tx: &C, ids: &[String], on: NaiveDate) -> StoreResult<Vec<DecidingOrg>> {
    let held = "a.organization_id = o.id AND a.since <= $2 AND (a.until IS NULL OR a.until > $2)";
    let places = array::places(tx, "$1");
    let sql = format!(
        "SELECT o.id, o.path, o.kind, o.parent_id, (o.dissolved_on IS NOT NULL) AS dissolved, \
         (SELECT MIN(a.member_id) FROM appointment a WHERE {held} AND a.post IN ('SECRETARY', 'GROUP_LEADER')) AS head_id, \
         (SELECT MIN(a.member_id) FROM appointment a WHERE {held} AND a.post = 'DEPUTY_SECRETARY') AS deputy_id \
         FROM (SELECT p.id FROM organization p WHERE p.id IN {places} \
         UNION SELECT p.parent_id FROM organization p WHERE p.id IN {places}) asked \
         JOIN organization o ON o.id = asked.id ORDER BY o.path"
    );
    Ok(
        DecidingOrg::find_by_statement(statement(tx, &sql, vec![array::bound(ids), on.into()]))
            .all(tx)
            .await?,
    )
}

impl Snapshot {
    /// A page of one member's measures, latest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn measures_of_member(
        &self,
        scope: &Scope,
        member: &str,
        page: &PageRequest,
    ) -> StoreResult<Page<Measure>> {
        let select = measure::Entity::find()
            .filter(measure::Column::MemberId.eq(member))
            .filter(condition(scope, SEAT));
        read(&self.tx, select, LATEST, page).await
    }

    /// A page of the measures of a part of the tree, in some states or all, latest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn measures_within(
        &self,
        scope: &Scope,
        within: &Within,
        states: Option<&[String]>,
        page: &PageRequest,
    ) -> StoreResult<Page<Measure>> {
        let mut select = measure::Entity::find().filter(condition(scope, SEAT)).filter(
            Condition::any()
                .add(within.condition("measure.branch_id"))
                .add(within.condition("measure.decider_id")),
        );
        if let Some(states) = states {
            select = select.filter(array::is_any(&self.tx, "measure.state", states));
        }
        read(&self.tx, select, LATEST, page).await
    }

    /// The measures with these ids that the scope shows, in no order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn measures(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Measure>> {
        Ok(measure::Entity::find()
            .filter(array::is_any(&self.tx, "measure.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .all(&self.tx)
            .await?)
    }

    /// These orgs and the orgs above them, with who heads them on a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deciding_orgs(&self, ids: &[String], on: NaiveDate) -> StoreResult<Vec<DecidingOrg>> {
        deciding_orgs(&self.tx, ids, on).await
    }

    /// One member's sessions before a day, as far as the scope shows them: of the time from `from` on, and back to the
    /// start of the run that lasts until then.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sessions_of(
        &self,
        scope: &Scope,
        member: &str,
        (from, until): (NaiveDate, NaiveDate),
        since: &Since,
    ) -> StoreResult<Vec<SessionRow>> {
        let broken = attendance::Entity::find()
            .select_only()
            .expr(Expr::cust("MAX(attendance.local_date)"))
            .filter(attendance::Column::MemberId.eq(member))
            .filter(attendance::Column::LocalDate.lt(from))
            .filter(array::is_any(&self.tx, "attendance.state", &since.breaks))
            .filter(array::is_any(&self.tx, "attendance.activity_kind", &since.kinds));
        let broken = sea_orm::QueryTrait::into_query(broken);
        // Before every attendance, and a date to both databases (`NaiveDate::MIN` is none to PostgreSQL).
        let earliest = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default();
        let start = Expr::expr(sea_orm::sea_query::SimpleExpr::from(broken)).if_null(Expr::value(earliest));
        let select = attendance::Entity::find()
            .select_only()
            .columns([
                attendance::Column::MemberId,
                attendance::Column::ActivityId,
                attendance::Column::LocalDate,
                attendance::Column::ActivityKind,
                attendance::Column::State,
                attendance::Column::Mode,
                attendance::Column::OrganizationId,
            ])
            .expr_as(
                Expr::cust("(SELECT o.kind FROM organization o WHERE o.id = attendance.organization_id)"),
                "org_kind",
            )
            .expr_as(
                Expr::cust("(SELECT o.path FROM organization o WHERE o.id = attendance.organization_id)"),
                "path",
            )
            .expr_as(
                Expr::cust("(SELECT o.sector FROM organization o WHERE o.id = attendance.organization_id)"),
                "sector",
            )
            .expr_as(Expr::cust(format!("({EXEMPT} OR {UNDER_TRANSFER})")), "neutral")
            .filter(attendance::Column::MemberId.eq(member))
            .filter(attendance::Column::LocalDate.lt(until))
            .filter(attendance::Column::State.ne("EXPECTED"))
            .filter(Expr::cust("attendance.local_date").gte(start))
            .filter(condition(scope, ATTENDANCE))
            .order_by_asc(attendance::Column::LocalDate)
            .order_by_asc(attendance::Column::Id);
        Ok(select.into_model::<SessionRow>().all(&self.tx).await?)
    }
}
