//! Seats at activities to come: who is meant to have one, who has one, and the writes that bring the two together.

use chrono::{DateTime, NaiveDate, Utc};
use domain::activity_kind::{Expected, capabilities};
use domain::lifecycle::activity::Person;
use domain::vocabulary::{ActivityKind, AttendanceMode, AttendanceState, DecisionState, Standing};
use entity::{attendance, leave_request};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, Value};

use super::activity_people::OFFICERS;
use super::attendance::{Attendance, Leave};
use super::rights::code;
use super::transaction::{Write, statement};
use super::{StoreResult, array};

/// Whose seats are looked at.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// Of these members, at what begins after an instant.
    Members(&'a [String], DateTime<Utc>),
    /// Of everybody at one activity.
    Activity(&'a str),
}

impl Whose<'_> {
    fn values(&self) -> Vec<Value> {
        match self {
            Self::Members(ids, after) => vec![array::bound(ids), (*after).into(), eve(*after).into()],
            Self::Activity(id) => vec![(*id).into()],
        }
    }

    /// What lies ahead, an activity once for each of its orgs that matter; looked up once, however many people there are. Of their
    /// orgs it is read what each hosts and what it joins: not all that the whole city has ahead.
    fn ahead<C: ConnectionTrait>(&self, tx: &C) -> String {
        const WHAT: &str = "SELECT a.id, a.kind, a.local_date, a.mode, ao.organization_id FROM activity_organization ao \
             JOIN activity a ON a.id = ao.activity_id WHERE a.status = 'SCHEDULED'";
        match self {
            Self::Members(..) => {
                let people = array::places(tx, "$1");
                let orgs: Vec<String> = sources().iter().map(|source| source.orgs(&people)).collect();
                let orgs = orgs.join(" UNION ");
                let when = "a.starts_at > $2 AND a.local_date >= $3";
                format!(
                    "org (id) AS MATERIALIZED ({orgs}), ahead AS MATERIALIZED ( \
                     {WHAT} AND {when} AND ao.organization_id = a.host_id AND a.host_id IN (SELECT id FROM org) UNION ALL \
                     {WHAT} AND {when} AND ao.joins AND ao.organization_id IN (SELECT id FROM org))"
                )
            }
            Self::Activity(_) => format!("ahead AS NOT MATERIALIZED ({WHAT} AND a.id = $1)"),
        }
    }

    /// The condition on the member of a seat.
    fn people<C: ConnectionTrait>(&self, tx: &C) -> String {
        match self {
            Self::Members(..) => format!(" AND s.member_id IN {}", array::places(tx, "$1")),
            Self::Activity(_) => String::new(),
        }
    }

    /// The condition on a seat `t` at an activity `a`.
    fn held<C: ConnectionTrait>(&self, tx: &C) -> String {
        match self {
            Self::Members(..) => format!(
                "t.member_id IN {} AND t.local_date >= $3 AND a.starts_at > $2",
                array::places(tx, "$1")
            ),
            Self::Activity(_) => "a.id = $1".to_owned(),
        }
    }
}

/// A day on or before which it is an instant's day in every zone: what lies ahead is found by days, and told by instants.
fn eve(at: DateTime<Utc>) -> NaiveDate {
    let day = at.date_naive();
    day.pred_opt().unwrap_or(day)
}

/// A seat that a member is meant to have.
#[derive(Debug, Clone)]
pub struct Meant {
    pub activity_id: String,
    pub activity_kind: String,
    pub local_date: NaiveDate,
    pub member_id: String,
    pub organization_id: String,
    /// Expected or exempt.
    pub state: AttendanceState,
}

#[derive(FromQueryResult)]
struct Row {
    activity_id: String,
    activity_kind: String,
    local_date: NaiveDate,
    mode: String,
    member_id: String,
    organization_id: String,
    status: String,
    hosted: bool,
    exempt: bool,
}

/// One way to belong to those an activity is for: a table of dated rows that name member and org.
struct Source {
    table: &'static str,
    organization: &'static str,
    from: &'static str,
    until: &'static str,
    kinds: fn(Expected) -> bool,
    also: String,
}

fn sources() -> [Source; 3] {
    let membership = |organization, kinds| Source {
        table: "membership",
        organization,
        from: "from_on",
        until: "until_on",
        kinds,
        also: String::new(),
    };
    [
        membership("branch_id", |expected| {
            matches!(expected, Expected::Members | Expected::MembersAndActivists)
        }),
        membership("group_id", |expected| expected == Expected::GroupMembers),
        Source {
            table: "appointment",
            organization: "organization_id",
            from: "since",
            until: "until",
            kinds: |expected| expected == Expected::Committee,
            also: format!(" AND s.post IN {OFFICERS}"),
        },
    ]
}

impl Source {
    /// The orgs that people in this list belong to in this way, whenever it was.
    fn orgs(&self, people: &str) -> String {
        let Self {
            table,
            organization,
            also,
            ..
        } = self;
        format!("SELECT s.{organization} FROM {table} s WHERE s.member_id IN {people}{also}")
    }

    fn sql(&self, people: &str) -> String {
        let kinds: Vec<String> = ActivityKind::ALL
            .iter()
            .filter(|kind| (self.kinds)(capabilities(**kind).expected))
            .map(|kind| format!("'{kind}'"))
            .collect();
        let Self {
            table,
            organization,
            from,
            until,
            also,
            ..
        } = self;
        format!(
            "SELECT a.id AS activity_id, a.kind AS activity_kind, a.local_date, a.mode, s.member_id, \
             s.{organization} AS organization_id FROM {table} s JOIN ahead a ON a.organization_id = s.{organization} \
             WHERE a.kind IN ({}) AND s.{from} <= a.local_date \
             AND (s.{until} IS NULL OR s.{until} > a.local_date){also}{people}",
            kinds.join(", ")
        )
    }
}

fn meant_sql(ahead: &str, people: &str) -> String {
    let sources: Vec<String> = sources().iter().map(|source| source.sql(people)).collect();
    format!(
        "WITH {ahead} SELECT seat.activity_id, seat.activity_kind, seat.local_date, seat.mode, seat.member_id, \
         seat.organization_id, m.status, (m.host_branch_id IS NOT NULL) AS hosted, EXISTS (SELECT 1 FROM exemption x \
         WHERE x.member_id = seat.member_id AND x.state = 'ACCEPTED' AND x.from_on <= seat.local_date \
         AND x.until_on >= seat.local_date) AS exempt \
         FROM ({}) seat JOIN member m ON m.id = seat.member_id \
         ORDER BY seat.activity_id, seat.member_id, seat.organization_id",
        sources.join(" UNION ")
    )
}

fn meant(row: Row) -> StoreResult<Option<Meant>> {
    let person = Person {
        member_id: row.member_id,
        organization_id: row.organization_id,
        // What decides on votes and on leave decides on no seat.
        standing: Standing::Full,
        leads: false,
        status: code(&row.status)?,
        hosted: row.hosted,
        guest: false,
        exempt: row.exempt,
    };
    let state = person.expected(code::<AttendanceMode>(&row.mode)?);
    Ok(state.map(|state| Meant {
        activity_id: row.activity_id,
        activity_kind: row.activity_kind,
        local_date: row.local_date,
        member_id: person.member_id,
        organization_id: person.organization_id,
        state,
    }))
}

impl Write {
    /// Seats that people are meant to have at scheduled activities, one for a member and an activity, ordered by both.
    ///
    /// # Errors
    /// The database fails.
    pub async fn seats_meant(&self, whose: Whose<'_>) -> StoreResult<Vec<Meant>> {
        let sql = meant_sql(&whose.ahead(&self.tx), &whose.people(&self.tx));
        let rows = Row::find_by_statement(statement(&self.tx, &sql, whose.values()))
            .all(&self.tx)
            .await?;
        let mut seats = Vec::new();
        for row in rows {
            seats.extend(meant(row)?);
        }
        seats.dedup_by(|one, other| one.activity_id == other.activity_id && one.member_id == other.member_id);
        Ok(seats)
    }

    /// Seats that people have at scheduled activities.
    ///
    /// # Errors
    /// The database fails.
    pub async fn seats_held(&self, whose: Whose<'_>) -> StoreResult<Vec<Attendance>> {
        let sql = format!(
            "SELECT t.* FROM attendance t JOIN activity a ON a.id = t.activity_id \
             WHERE a.status = 'SCHEDULED' AND {} ORDER BY t.id",
            whose.held(&self.tx)
        );
        Ok(Attendance::find_by_statement(statement(&self.tx, &sql, whose.values()))
            .all(&self.tx)
            .await?)
    }

    /// Puts seats at an org and into a state, one statement for all that share both.
    ///
    /// # Errors
    /// The database fails.
    pub async fn change_seats(&self, ids: &[String], organization: &str, state: &str) -> StoreResult<()> {
        attendance::Entity::update_many()
            .col_expr(attendance::Column::OrganizationId, Expr::value(organization))
            .col_expr(attendance::Column::State, Expr::value(state))
            .col_expr(
                attendance::Column::Version,
                Expr::col(attendance::Column::Version).add(1),
            )
            .filter(array::is_any(&self.tx, "id", ids))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Leave stands at the org through which its member is expected.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leave_follows_seats(&self, seats: &[String]) -> StoreResult<()> {
        let own = "FROM attendance t WHERE t.activity_id = leave_request.activity_id \
                   AND t.member_id = leave_request.member_id";
        let sql = format!(
            "UPDATE leave_request SET organization_id = (SELECT t.organization_id {own}) \
             WHERE EXISTS (SELECT 1 {own} AND t.id IN {})",
            array::places(&self.tx, "$1")
        );
        self.tx
            .execute_raw(statement(&self.tx, &sql, vec![array::bound(seats)]))
            .await?;
        Ok(())
    }

    /// Withdraws leave that these people asked for, in one of these states; gives the requests as they then are.
    ///
    /// # Errors
    /// The database fails.
    pub async fn withdraw_leave(
        &self,
        seats: &[String],
        states: &[DecisionState],
        at: DateTime<Utc>,
    ) -> StoreResult<Vec<Leave>> {
        let states: Vec<String> = states.iter().map(ToString::to_string).collect();
        let sql = format!(
            "SELECT l.* FROM leave_request l JOIN attendance t ON t.activity_id = l.activity_id AND t.member_id = l.member_id \
             WHERE t.id IN {} AND l.state IN {} ORDER BY l.id",
            array::places(&self.tx, "$1"),
            array::places(&self.tx, "$2")
        );
        let values = vec![array::bound(seats), array::bound(&states)];
        let mut asked = Leave::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?;
        if asked.is_empty() {
            return Ok(asked);
        }
        let ids: Vec<String> = asked.iter().map(|leave| leave.id.clone()).collect();
        leave_request::Entity::update_many()
            .col_expr(
                leave_request::Column::State,
                Expr::value(DecisionState::Withdrawn.as_str()),
            )
            .col_expr(leave_request::Column::DecidedAt, Expr::value(at))
            .col_expr(
                leave_request::Column::Version,
                Expr::col(leave_request::Column::Version).add(1),
            )
            .filter(array::is_any(&self.tx, "id", &ids))
            .exec(&self.tx)
            .await?;
        for leave in &mut asked {
            leave.state = DecisionState::Withdrawn.to_string();
            leave.decided_at = Some(at);
            leave.version += 1;
        }
        Ok(asked)
    }

    /// Counts the rows of activities to come afresh, in one statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn recount(&self, activities: &[String]) -> StoreResult<()> {
        let number = |condition: &str| {
            format!(
                "(SELECT COUNT(*) FROM attendance t WHERE t.activity_id = activity_organization.activity_id \
                 AND t.organization_id = activity_organization.organization_id AND {condition})"
            )
        };
        let sql = format!(
            "UPDATE activity_organization SET expected = {}, exempt = {}, on_leave = {} WHERE activity_id IN {}",
            number("t.state <> 'EXEMPT'"),
            number("t.state = 'EXEMPT'"),
            number("t.state = 'ON_LEAVE'"),
            array::places(&self.tx, "$1")
        );
        self.tx
            .execute_raw(statement(&self.tx, &sql, vec![array::bound(activities)]))
            .await?;
        Ok(())
    }
}
