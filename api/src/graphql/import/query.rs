use async_graphql::{Context, ID, Object};

use super::object::{ImportJob, ImportJobById, ImportJobConnection};
use crate::graphql::loaders;
use crate::graphql::page::{PageArguments, binding, instant};
use crate::ops::import::job::ImportJob as Row;
use crate::reads;

#[derive(Default)]
pub struct ImportQuery;

#[Object]
impl ImportQuery {
    /// An import of the reader's own account by id; null for any other, and without the right to imports.
    async fn import_job(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<ImportJob>> {
        Ok(loaders::load(ctx.data()?, ImportJobById(id.0)).await?.map(ImportJob))
    }

    /// The imports of the reader's own account, the latest first; they are told of for thirty days after their end.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn import_jobs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ImportJobConnection> {
        let binding = binding("importJobs", &());
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(=> |reading, request| reading.imports_begun(&request));
        let values = |row: &Row| vec![instant(row.created_at), row.id.clone()];
        ImportJobConnection::list(ctx, &binding, page, read, values, ImportJob).await
    }
}
