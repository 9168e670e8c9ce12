use std::sync::Arc;

use async_graphql::{Context, Object};
use chrono::NaiveDate;
use domain::vocabulary::ObligationStatus;

use super::alert::{Alert, AlertConnection};
use super::object::{Obligation, ObligationConnection};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::page::{PageArguments, binding, refused};
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::obligation::reading::{Alert as AlertRow, Obligation as Row, ObligationFilter};
use crate::ops::organization::Within;
use crate::reads;

/// The day that a list is about, or the first and last day on which what it lists is due.
pub type Days = (Option<Date>, Option<Date>, Option<Date>);

/// The obligations of one org: those of the periods that hold the day, and earlier ones that are not closed; or those due
/// between two days.
pub async fn of_organization(
    ctx: &Context<'_>,
    organization_id: &str,
    days: Days,
    page: PageArguments,
) -> async_graphql::Result<ObligationConnection> {
    list(ctx, Within::Exactly(organization_id.to_owned()), days, None, None, page).await
}

async fn list(
    ctx: &Context<'_>,
    within: Within,
    (on, from, to): Days,
    statuses: Option<Vec<ObligationStatus>>,
    rules: Option<Vec<String>>,
    page: PageArguments,
) -> async_graphql::Result<ObligationConnection> {
    let operation = ctx.operation()?;
    let reading = operation.reading().await?;
    let due = (from.is_some() || to.is_some()).then(|| (from.map(NaiveDate::from), to.map(NaiveDate::from)));
    if on.is_some() && due.is_some() {
        return Err(refused("Give `on`, or `from` and `to`.", "BAD_USER_INPUT"));
    }
    let on = on.map_or(reading.today, NaiveDate::from);
    let filter = ObligationFilter {
        on,
        due,
        statuses,
        stored: true,
        rules,
    };
    let binding = binding("obligations", &(&within, on, due, &filter.statuses, &filter.rules));
    let read = reads!(within, filter => |reading, request| reading.obligations_within(&within, &filter, &request));
    let values = |row: &Row| vec![row.due_on.to_string(), row.id.clone()];
    ObligationConnection::list(ctx, &binding, page, read, values, |row| Obligation(Arc::new(row))).await
}

#[derive(Default)]
pub struct ObligationQuery;

#[Object]
impl ObligationQuery {
    /// What is owed in a part of the tree, by due day: who has not held it yet. Listed are the periods that run `on` a day
    /// (today), and earlier ones that are not closed. `on` another day it is judged with that day as today, periods closed
    /// by now with their latest revision; such a page may hold fewer nodes than asked for. With `from` or `to` instead of
    /// `on` everything due in those days is listed as it stands, closed periods too: what was missed last year.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filters"
    )]
    async fn obligations(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        on: Option<Date>,
        #[graphql(desc = "Due on this day or later; closed periods too.")] from: Option<Date>,
        #[graphql(desc = "Due on this day or earlier; closed periods too.")] to: Option<Date>,
        statuses: Option<Vec<ObligationStatus>>,
        #[graphql(desc = "Keys of rulebook entries.")] rules: Option<Vec<String>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ObligationConnection> {
        let page = PageArguments::new(first, after, last, before);
        list(ctx, within.read(ctx).await?, (on, from, to), statuses, rules, page).await
    }

    /// Alerts in a part of the tree, the newest first.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filter"
    )]
    async fn alerts(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        #[graphql(desc = "Only open ones, or only closed ones.")] open: Option<bool>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<AlertConnection> {
        let within = within.read(ctx).await?;
        let binding = binding("alerts", &(&within, open));
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(within => |reading, request| reading.alerts_within(&within, open, &request));
        let values = |row: &AlertRow| vec![row.raised_on.to_string(), row.id.clone()];
        AlertConnection::list(ctx, &binding, page, read, values, |row| Alert(Arc::new(row))).await
    }
}
