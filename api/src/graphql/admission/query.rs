use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::vocabulary::AdmissionState;

use super::object::{Admission, AdmissionById, AdmissionConnection};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::page::{OrganizationScopeInput, PageArguments, binding, instant};
use crate::ops::organization::Within;

#[derive(Default)]
pub struct AdmissionQuery;

#[Object]
impl AdmissionQuery {
    /// An admission by id; null for what one may not see.
    async fn admission(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Admission>> {
        Ok(loaders::load(ctx.data()?, AdmissionById(id.0)).await?.map(Admission))
    }

    /// Admissions and full memberships in a part of the tree, the latest first.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filter"
    )]
    async fn admissions(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        states: Option<Vec<AdmissionState>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<AdmissionConnection> {
        let operation = ctx.operation()?;
        let within = Within::from(within);
        let binding = binding("admissions", &(&within, &states));
        let request = PageArguments::new(first, after, last, before).request(&operation.app.keys, &binding)?;
        let reading = operation.reading().await?;
        let page = reading.admissions_within(&within, states.as_deref(), &request).await;
        AdmissionConnection::of(
            &operation.app.keys,
            &binding,
            page.map_err(|f| to_error(&f))?,
            |row| vec![instant(row.proposed_at), row.id.clone()],
            |row| Admission(Arc::new(row)),
        )
    }
}
