//! Lists of activities that hang on organizations, members and the viewer.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{NaiveDate, SecondsFormat};
use domain::vocabulary::{AttendanceState, LeaveCategory};

use super::attendance::{Attendance, AttendanceConnection};
use super::object::{AbsencesAt, Activity, ActivityConnection, LeavesAt, ParticipationsOf, Tally};
use crate::connection;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::member::object::Member;
use crate::graphql::page::{PageArguments, binding};
use crate::graphql::rulebook::query::library;
use crate::ops::activity::{Activity as Row, Between};

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
    let operation = ctx.operation()?;
    let between = Between {
        organization_id: organization_id.to_owned(),
        from,
        to,
        held: false,
    };
    let binding = binding("activities", &between);
    let request = page.request(&operation.app.keys, &binding)?;
    let reading = operation.reading().await?;
    let found = reading
        .activities_between(&between, &request)
        .await
        .map_err(|f| to_error(&f))?;
    ActivityConnection::of(&operation.app.keys, &binding, found, by_date, |row| {
        Activity(Arc::new(row))
    })
}

pub(super) fn by_date(row: &Row) -> Vec<String> {
    vec![row.local_date.to_string(), row.id.clone()]
}

/// What the member behind the account is expected at next.
///
/// # Errors
/// Wrong page arguments, or the database is away.
pub async fn upcoming(ctx: &Context<'_>, page: PageArguments) -> async_graphql::Result<ActivityConnection> {
    let operation = ctx.operation()?;
    let reading = operation.reading().await?;
    let binding = binding("upcoming", &reading.actor.account_id);
    let request = page.request(&operation.app.keys, &binding)?;
    let found = reading.upcoming(&request).await.map_err(|f| to_error(&f))?;
    let values = |row: &Row| {
        vec![
            row.starts_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            row.id.clone(),
        ]
    };
    ActivityConnection::of(&operation.app.keys, &binding, found, values, |row| {
        Activity(Arc::new(row))
    })
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
    let operation = ctx.operation()?;
    let binding = binding("attendance", &(member_id, year));
    let request = page.request(&operation.app.keys, &binding)?;
    let reading = operation.reading().await?;
    let found = reading
        .attendance_in(member_id, year, &request)
        .await
        .map_err(|f| to_error(&f))?;
    AttendanceConnection::of(
        &operation.app.keys,
        &binding,
        found,
        |row| vec![row.local_date.to_string(), row.id.clone()],
        Attendance,
    )
}

/// A member's year in organizational life.
#[derive(SimpleObject)]
pub struct Participation {
    pub expected: i64,
    /// In any mode.
    pub present: i64,
    pub online: i64,
    pub made_up_by_study: i64,
    pub on_leave: i64,
    pub unexcused: i64,
    pub unexplained: i64,
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
    pub state: Option<AttendanceState>,
    pub category: Option<LeaveCategory>,
    #[graphql(skip)]
    member_id: String,
}

#[async_graphql::ComplexObject]
impl Absence {
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
    async fn activity(&self) -> Activity {
        Activity(self.row.clone())
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
            orgs.iter().filter(|org| org.organization_id == self.organization_id),
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
    let operation = ctx.operation()?;
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let between = Between {
        organization_id: organization_id.to_owned(),
        from: day(1, 1),
        to: day(12, 31),
        held: true,
    };
    let binding = binding("register", &between);
    let request = page.request(&operation.app.keys, &binding)?;
    let reading = operation.reading().await?;
    let found = reading.register(&between, &request).await.map_err(|f| to_error(&f))?;
    RegisterConnection::of(
        &operation.app.keys,
        &binding,
        found,
        |(_, row)| by_date(row),
        |(number, row)| RegisterEntry {
            number,
            organization_id: organization_id.to_owned(),
            row: Arc::new(row),
        },
    )
}
