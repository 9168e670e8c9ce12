use async_graphql::{Context, Object};

use super::object::Viewer;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::ops::outcome::Failure;

#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who asks, with what they may see of themselves.
    async fn viewer(&self, ctx: &Context<'_>) -> async_graphql::Result<Viewer> {
        let reading = ctx.operation()?.reading().await?;
        if reading.actor.is_anonymous() {
            return Err(to_error(&Failure::Unauthenticated));
        }
        Ok(Viewer(reading))
    }
}
