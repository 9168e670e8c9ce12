use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::vocabulary::TransferState;

use super::object::{Transfer, TransferById, TransferConnection};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::page::{OrganizationScopeInput, PageArguments, binding};
use crate::ops::organization::Within;

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
        let operation = ctx.operation()?;
        let within = Within::from(within);
        let binding = binding("transfers", &(&within, &states));
        let request = PageArguments::new(first, after, last, before).request(&operation.app.keys, &binding)?;
        let reading = operation.reading().await?;
        let page = reading.transfers_within(&within, states.as_deref(), &request).await;
        let values = |row: &crate::ops::transfer::Transfer| {
            vec![crate::graphql::page::instant(row.requested_at), row.id.clone()]
        };
        let page = page.map_err(|f| to_error(&f))?;
        TransferConnection::of(&operation.app.keys, &binding, page, values, |row| {
            Transfer(Arc::new(row))
        })
    }
}
