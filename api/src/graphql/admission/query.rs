use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::vocabulary::AdmissionState;

use super::object::{Admission, AdmissionById, AdmissionConnection};
use crate::graphql::loaders;
use crate::graphql::page::{PageArguments, binding, instant};
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::admission::Admission as Row;
use crate::reads;

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
        let within = within.read(ctx).await?;
        let binding = binding("admissions", &(&within, &states));
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(within, states => |reading, request| {
            reading.admissions_within(&within, states.as_deref(), &request)
        });
        let values = |row: &Row| vec![instant(row.proposed_at), row.id.clone()];
        AdmissionConnection::list(ctx, &binding, page, read, values, |row| Admission(Arc::new(row))).await
    }
}
