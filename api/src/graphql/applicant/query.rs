use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::vocabulary::ApplicantStage;

use super::object::{Applicant, ApplicantById, ApplicantConnection};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::page::{OrganizationScopeInput, PageArguments, binding};
use crate::ops::organization::Within;

/// Applicants on their way in a part of the tree, by name.
pub async fn list(
    ctx: &Context<'_>,
    within: Within,
    stages: Option<Vec<ApplicantStage>>,
    page: PageArguments,
) -> async_graphql::Result<ApplicantConnection> {
    let operation = ctx.operation()?;
    let binding = binding("applicants", &(&within, &stages));
    let request = page.request(&operation.app.keys, &binding)?;
    let reading = operation.reading().await?;
    let page = reading
        .applicants_within(&within, stages.as_deref(), &request)
        .await
        .map_err(|f| to_error(&f))?;
    ApplicantConnection::of(
        &operation.app.keys,
        &binding,
        page,
        |row| vec![row.name_key.clone(), row.id.clone()],
        |row| Applicant(Arc::new(row)),
    )
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
        list(ctx, within.into(), stages, page).await
    }
}
