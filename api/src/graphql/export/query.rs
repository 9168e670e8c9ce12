use async_graphql::{Context, ID, Object};

use super::object::{ExportJob, ExportJobById, ExportJobConnection};
use crate::graphql::loaders;
use crate::graphql::page::{PageArguments, binding, instant};
use crate::ops::export::ExportJob as Row;
use crate::reads;

#[derive(Default)]
pub struct ExportQuery;

#[Object]
impl ExportQuery {
    /// An export of the reader's own account by id; null for any other, and without the right to exports.
    async fn export_job(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<ExportJob>> {
        Ok(loaders::load(ctx.data()?, ExportJobById(id.0)).await?.map(ExportJob))
    }

    /// The exports of the reader's own account, the latest first; they are told of for thirty days after their end.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn export_jobs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ExportJobConnection> {
        let binding = binding("exportJobs", &());
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(=> |reading, request| reading.exports_begun(&request));
        let values = |row: &Row| vec![instant(row.created_at), row.id.clone()];
        ExportJobConnection::list(ctx, &binding, page, read, values, ExportJob).await
    }
}
