use async_graphql::{Context, ID, Object};

use super::kind::{ActivityKindInfo, all};
use super::object::{Activity, ActivityById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::loaders;

#[derive(Default)]
pub struct ActivityQuery;

#[Object]
impl ActivityQuery {
    /// Every kind of activity and what it can do.
    async fn activity_kinds(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ActivityKindInfo>> {
        Ok(all(ctx.operation()?.language))
    }
    /// An activity by id; null for what one may not see.
    async fn activity(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Activity>> {
        Ok(loaders::load(ctx.data()?, ActivityById(id.0)).await?.map(Activity::from))
    }
}
