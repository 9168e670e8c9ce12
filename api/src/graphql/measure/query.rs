use std::sync::Arc;

use async_graphql::{Context, Object};
use domain::vocabulary::MeasureState;

use super::object::{Measure, MeasureConnection};
use crate::graphql::page::{PageArguments, binding};
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::measure::Measure as Row;
use crate::reads;

fn values(row: &Row) -> Vec<String> {
    vec![row.last_absence_on.to_string(), row.id.clone()]
}

fn node(row: Row) -> Measure {
    Measure(Arc::new(row))
}

/// The measures of one member.
pub async fn of_member(
    ctx: &Context<'_>,
    member_id: &str,
    page: PageArguments,
) -> async_graphql::Result<MeasureConnection> {
    let binding = binding("measures-of", &member_id);
    let member = member_id.to_owned();
    let read = reads!(member => |reading, request| reading.measures_of_member(&member, &request));
    MeasureConnection::list(ctx, &binding, page, read, values, node).await
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
        let within = within.read(ctx).await?;
        let binding = binding("measures", &(&within, &states));
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(within, states => |reading, request| {
            reading.measures_within(&within, states.as_deref(), &request)
        });
        MeasureConnection::list(ctx, &binding, page, read, values, node).await
    }
}
