use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::vocabulary::TransferState;

use super::object::{Transfer, TransferById, TransferConnection};
use crate::graphql::loaders;
use crate::graphql::page::{PageArguments, binding, instant};
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::transfer::Transfer as Row;
use crate::reads;

#[derive(Default)]
pub struct TransferQuery;

#[Object]
impl TransferQuery {
    /// A transfer by id; null for what one may not see.
    async fn transfer(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Transfer>> {
        Ok(loaders::load(ctx.data()?, TransferById(id.0)).await?.map(Transfer))
    }

    /// Transfers from or to a part of the tree, the latest first.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filter"
    )]
    async fn transfers(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        states: Option<Vec<TransferState>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<TransferConnection> {
        let within = within.read(ctx).await?;
        let binding = binding("transfers", &(&within, &states));
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(within, states => |reading, request| {
            reading.transfers_within(&within, states.as_deref(), &request)
        });
        let values = |row: &Row| vec![instant(row.requested_at), row.id.clone()];
        TransferConnection::list(ctx, &binding, page, read, values, |row| Transfer(Arc::new(row))).await
    }
}
