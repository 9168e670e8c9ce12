use async_graphql::{Context, ID, Object};

use super::object::{Activity, ActivityById};
use crate::graphql::loaders;

#[derive(Default)]
pub struct ActivityQuery;

#[Object]
impl ActivityQuery {
    /// An activity by id; null for what one may not see.
    async fn activity(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Activity>> {
        Ok(loaders::load(ctx.data()?, ActivityById(id.0)).await?.map(Activity))
    }
}
