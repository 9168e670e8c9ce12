//! Lists of activities that hang on organizations, members and the viewer.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{NaiveDate, SecondsFormat};
use domain::vocabulary::{AttendanceState, LeaveCategory};

use super::attendance::{Attendance, AttendanceConnection};
use super::object::{AbsencesAt, Activity, ActivityConnection, LeavesAt, ParticipationsOf};
use super::tally::Tally;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::member::object::Member;
use crate::graphql::page::{PageArguments, binding};
use crate::graphql::rulebook::query::library;
use crate::ops::activity::{Activity as Row, Attendance as AttendanceRow, Between};
use crate::{connection, reads};

/// Activities of an org between two dates, both included, soonest first.
///
/// # Errors
/// Wrong page arguments, or the database is away.
pub async fn of_organization(
    ctx: &Context<'_>,
    organization_id: &str,
    (from, to): (NaiveDate, NaiveDate),
    page: PageArguments,
) -> async_graphql::Result<ActivityConnection> {
    let between = Between {
        organization_id: organization_id.to_owned(),
        from,
        to,
        held: false,
    };
    let binding = binding("activities", &between);
    let read = reads!(between => |reading, request| reading.activities_between(&between, &request));
    ActivityConnection::list(ctx, &binding, page, read, by_date, |row| Activity::from(Arc::new(row))).await
}

pub(super) fn by_date(row: &Row) -> Vec<String> {
    vec![row.local_date.to_string(), row.id.clone()]
}

/// What the member behind the account is expected at next.
///
/// # Errors
/// Wrong page arguments, or the database is away.
pub async fn upcoming(ctx: &Context<'_>, page: PageArguments) -> async_graphql::Result<ActivityConnection> {
    let reading = ctx.operation()?.reading().await?;
    let binding = binding("upcoming", &reading.actor.account_id);
    let read = reads!(=> |reading, request| reading.upcoming(&request));
    let values = |(row, _): &(Row, Option<AttendanceRow>)| {
        vec![
            row.starts_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            row.id.clone(),
        ]
    };
    let node = |(row, mine)| Activity(Arc::new(row), mine);
    ActivityConnection::list(ctx, &binding, page, read, values, node).await
}

/// A member's attendance in a year, latest first, as far as the reader may see it.
///
/// # Errors
/// Wrong page arguments, or the database is away.
pub async fn attendance_of(
    ctx: &Context<'_>,
    member_id: &str,
    year: i32,
    page: PageArguments,
) -> async_graphql::Result<AttendanceConnection> {
    let binding = binding("attendance", &(member_id, year));
    let member = member_id.to_owned();
    let read = reads!(member => |reading, request| reading.attendance_in(&member, year, &request));
    let values = |row: &AttendanceRow| vec![row.local_date.to_string(), row.id.clone()];
    AttendanceConnection::list(ctx, &binding, page, read, values, Attendance).await
}

/// A member's year in organizational life.
#[derive(SimpleObject)]
pub struct Participation {
    /// Without the exempt.
    pub expected: i64,
    /// In any mode.
    pub present: i64,
    /// Of those present.
    pub online: i64,
    /// Absent, studied afterwards, accepted.
    pub made_up_by_study: i64,
    /// With leave.
    pub on_leave: i64,
    /// Absent without excuse.
    pub unexcused: i64,
    /// Absent without timely notice, not decided yet.
    pub unexplained: i64,
    /// Not expected by decision of the branch.
    pub exempt: i64,
    /// Unexcused absences in a row (G2.5a); the run does not restart with the year.
    pub consecutive_absences: i64,
}

/// A member's counts of a year, as far as the reader may see their attendance.
///
/// # Errors
/// The database is away.
pub async fn participation_of(ctx: &Context<'_>, member_id: &str, year: i32) -> async_graphql::Result<Participation> {
    let reading = ctx.operation()?.reading().await?;
    let library = library(ctx).await?;
    let taken = reading.participation(member_id, year, &library).await;
    let taken = taken.map_err(|f| to_error(&f))?;
    Ok(Participation {
        expected: taken.tally.expected,
        present: taken.tally.present,
        online: taken.tally.online,
        made_up_by_study: taken.tally.made_up_by_study,
        on_leave: taken.tally.on_leave,
        unexcused: taken.tally.unexcused,
        unexplained: taken.tally.unexplained,
        exempt: taken.tally.exempt,
        consecutive_absences: taken.consecutive_absences,
    })
}

/// One line of an org's yearly register 组织生活台账: derived, never typed (G1.1f).
pub struct RegisterEntry {
    number: u64,
    organization_id: String,
    row: Arc<Row>,
}

connection!(RegisterConnection, RegisterEdge, RegisterEntry);

/// Somebody who was absent, with the category of their leave.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Absence {
    /// How it stands.
    pub state: Option<AttendanceState>,
    /// A coarse category.
    pub category: Option<LeaveCategory>,
    #[graphql(skip)]
    member_id: String,
}

#[async_graphql::ComplexObject]
impl Absence {
    /// Whom it concerns.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.member_id).await
    }
}

/// One line of an org's yearly register 组织生活台账: derived, never typed (G1.1f).
#[Object]
impl RegisterEntry {
    /// Counted from 1 over the org's year.
    async fn number(&self) -> u64 {
        self.number
    }
    /// The activity; null where the reader may not see it.
    async fn activity(&self) -> Activity {
        Activity::from(self.row.clone())
    }
    /// Absences of the org's own people, as far as one may see them.
    async fn absences(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Absence>> {
        let loads = ctx.data()?;
        let absences = loaders::load(loads, AbsencesAt(self.row.id.clone()))
            .await?
            .unwrap_or_default();
        let leaves = loaders::load(loads, LeavesAt(self.row.id.clone()))
            .await?
            .unwrap_or_default();
        let own = absences
            .into_iter()
            .filter(|row| row.organization_id == self.organization_id);
        Ok(own
            .map(|row| Absence {
                state: row.state.parse().ok(),
                category: leaves
                    .iter()
                    .find(|leave| leave.member_id == row.member_id)
                    .and_then(|leave| leave.category.parse().ok()),
                member_id: row.member_id,
            })
            .collect())
    }
    /// Counts of the org's own people.
    async fn tally(&self, ctx: &Context<'_>) -> async_graphql::Result<Tally> {
        let orgs = loaders::load(ctx.data()?, ParticipationsOf(self.row.id.clone()))
            .await?
            .unwrap_or_default();
        Ok(Tally::sum(
            orgs.iter()
                .map(|(org, _)| org)
                .filter(|org| org.organization_id == self.organization_id),
        ))
    }
}

/// The register of an org's year.
///
/// # Errors
/// Wrong page arguments, or the database is away.
pub async fn register(
    ctx: &Context<'_>,
    organization_id: &str,
    year: i32,
    page: PageArguments,
) -> async_graphql::Result<RegisterConnection> {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let between = Between {
        organization_id: organization_id.to_owned(),
        from: day(1, 1),
        to: day(12, 31),
        held: true,
    };
    let binding = binding("register", &between);
    let read = reads!(between => |reading, request| reading.register(&between, &request));
    let values = |(_, row): &(u64, Row)| by_date(row);
    let node = |(number, row)| RegisterEntry {
        number,
        organization_id: organization_id.to_owned(),
        row: Arc::new(row),
    };
    RegisterConnection::list(ctx, &binding, page, read, values, node).await
}
