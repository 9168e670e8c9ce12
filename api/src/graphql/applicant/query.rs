use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::vocabulary::ApplicantStage;

use super::object::{Applicant, ApplicantById, ApplicantConnection};
use crate::graphql::loaders;
use crate::graphql::page::{PageArguments, binding};
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::applicant::Applicant as Row;
use crate::ops::organization::Within;
use crate::reads;

/// Applicants on their way in a part of the tree, by name.
pub async fn list(
    ctx: &Context<'_>,
    within: Within,
    stages: Option<Vec<ApplicantStage>>,
    page: PageArguments,
) -> async_graphql::Result<ApplicantConnection> {
    let binding = binding("applicants", &(&within, &stages));
    let read = reads!(within, stages => |reading, request| {
        reading.applicants_within(&within, stages.as_deref(), &request)
    });
    let values = |row: &Row| vec![row.name_key.clone(), row.id.clone()];
    ApplicantConnection::list(ctx, &binding, page, read, values, |row| Applicant(Arc::new(row))).await
}

#[derive(Default)]
pub struct ApplicantQuery;

#[Object]
impl ApplicantQuery {
    /// An applicant by id; null for what one may not see.
    async fn applicant(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Applicant>> {
        Ok(loaders::load(ctx.data()?, ApplicantById(id.0)).await?.map(Applicant))
    }

    /// Who is on the way to membership in a part of the tree, by name; neither the admitted nor the withdrawn.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filter"
    )]
    async fn applicants(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        stages: Option<Vec<ApplicantStage>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ApplicantConnection> {
        let page = PageArguments::new(first, after, last, before);
        list(ctx, within.read(ctx).await?, stages, page).await
    }
}
