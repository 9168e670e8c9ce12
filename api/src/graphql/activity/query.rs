use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::vocabulary::{ActivityKind, ActivityStatus};

use super::kind::{ActivityKindInfo, all};
use super::list::by_date;
use super::object::{Activity, ActivityById, ActivityConnection};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::external_id::{ActivityBy, id_of};
use crate::graphql::loaders;
use crate::graphql::page::{PageArguments, binding};
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::activity::reading::ActivityFilter;
use crate::ops::external_id::Identified;
use crate::ops::organization::Within;
use crate::reads;

#[derive(Default)]
pub struct ActivityQuery;

#[Object]
impl ActivityQuery {
    /// Every kind of activity and what it can do.
    async fn activity_kinds(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ActivityKindInfo>> {
        Ok(all(ctx.operation()?.language))
    }
    /// An activity by id, or `by` an id in another system; null for what one may not see.
    async fn activity(
        &self,
        ctx: &Context<'_>,
        id: Option<ID>,
        by: Option<ActivityBy>,
    ) -> async_graphql::Result<Option<Activity>> {
        let Some(id) = id_of(ctx, (id, by), Identified::Activity).await? else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, ActivityById(id)).await?.map(Activity::from))
    }

    /// Activities in which orgs of a part of the tree take part, by date; `from` and `to` are both included.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filters"
    )]
    async fn activities(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        kinds: Option<Vec<ActivityKind>>,
        statuses: Option<Vec<ActivityStatus>>,
        from: Option<Date>,
        to: Option<Date>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ActivityConnection> {
        let filter = ActivityFilter {
            kinds: kinds.map(|kinds| kinds.iter().map(ToString::to_string).collect()),
            statuses: statuses.map(|statuses| statuses.iter().map(ToString::to_string).collect()),
            from: from.map(Into::into),
            to: to.map(Into::into),
        };
        list(
            ctx,
            within.read(ctx).await?,
            filter,
            PageArguments::new(first, after, last, before),
        )
        .await
    }
}

async fn list(
    ctx: &Context<'_>,
    within: Within,
    filter: ActivityFilter,
    page: PageArguments,
) -> async_graphql::Result<ActivityConnection> {
    let binding = binding("activitiesWithin", &(&within, &filter));
    let read = reads!(within, filter => |reading, request| reading.activities_within(&within, &filter, &request));
    ActivityConnection::list(ctx, &binding, page, read, by_date, |row| Activity::from(Arc::new(row))).await
}
