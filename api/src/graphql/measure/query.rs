use std::sync::Arc;

use async_graphql::{Context, Object};
use domain::vocabulary::MeasureState;

use super::object::{Measure, MeasureConnection};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::page::{OrganizationScopeInput, PageArguments, binding};
use crate::ops::measure::Measure as Row;
use crate::ops::organization::{Page, Within};

fn connection(ctx: &Context<'_>, binding: &str, page: Page<Row>) -> async_graphql::Result<MeasureConnection> {
    MeasureConnection::of(
        &ctx.operation()?.app.keys,
        binding,
        page,
        |row| vec![row.last_absence_on.to_string(), row.id.clone()],
        |row| Measure(Arc::new(row)),
    )
}

/// The measures of one member.
pub async fn of_member(
    ctx: &Context<'_>,
    member_id: &str,
    page: PageArguments,
) -> async_graphql::Result<MeasureConnection> {
    let operation = ctx.operation()?;
    let binding = binding("measures-of", &member_id);
    let request = page.request(&operation.app.keys, &binding)?;
    let page = operation
        .reading()
        .await?
        .measures_of_member(member_id, &request)
        .await
        .map_err(|f| to_error(&f))?;
    connection(ctx, &binding, page)
}

#[derive(Default)]
pub struct MeasureQuery;

#[Object]
impl MeasureQuery {
    /// Measures for absence (G2.5a) in a part of the tree, latest first, as far as the reader may see them.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filters"
    )]
    async fn measures(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        states: Option<Vec<MeasureState>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<MeasureConnection> {
        let operation = ctx.operation()?;
        let within = Within::from(within);
        let binding = binding("measures", &(&within, &states));
        let request = PageArguments::new(first, after, last, before).request(&operation.app.keys, &binding)?;
        let page = operation
            .reading()
            .await?
            .measures_within(&within, states.as_deref(), &request)
            .await
            .map_err(|f| to_error(&f))?;
        connection(ctx, &binding, page)
    }
}
