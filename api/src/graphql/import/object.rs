use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::intake::{ErrorPolicy, RowOutcome};
use domain::policy::Target;
use domain::problem::Problem;
use domain::vocabulary::{ImportFailure, ImportFormat, ImportKind, ImportMode, ImportPhase, ImportState};

use super::report::{ImportReportConnection, ImportReportRow};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::{UserError, to_error, user_errors};
use crate::graphql::export::object::JobProgress;
use crate::graphql::page::{PageArguments, binding};
use crate::ops::import::download;
use crate::ops::import::job::{ImportJob as Row, state_of};
use crate::ops::import::report::{ReportRow, problems_of};
use crate::{connection, loader, permission, reads};

loader!(
    /// An account's own import by id.
    ImportJobById => Row, |reading, ids| {
        Ok(reading.import_jobs(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);

permission! {
    /// What can be done with an import.
    ImportJobAction, ImportJobPermission {
        /// End it before its time.
        Cancel => RunImport,
    }
}

/// Rows of each outcome. Of a dry run, what would have come of them.
#[derive(SimpleObject)]
pub struct ImportCounts {
    /// Of what was not there before.
    pub created: i64,
    /// Of what was there, otherwise than before.
    pub changed: i64,
    /// Of what was so already.
    pub unchanged: i64,
    /// That were refused.
    pub rejected: i64,
}

#[derive(Clone)]
pub struct ImportJob(pub Row);

connection!(ImportJobConnection, ImportJobEdge, ImportJob);

/// An import in bulk 批量导入: rows of a file carried out one after another. It is the account's own and nobody else sees it;
/// what it writes stands in the log like any other change.
#[Object]
impl ImportJob {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised when it is taken up and when it ends; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// How it stands.
    async fn state(&self, ctx: &Context<'_>) -> async_graphql::Result<ImportState> {
        Ok(state_of(&self.0, ctx.operation()?.app.clock.now()))
    }
    /// What it is at.
    async fn phase(&self) -> Option<ImportPhase> {
        self.0.phase.parse().ok()
    }
    /// Why it came to nothing, or to an early end.
    async fn failure(&self) -> Option<ImportFailure> {
        self.0.failure.as_deref()?.parse().ok()
    }
    /// What is wrong with the file, or with what would come of it as a whole; rows have their own in the report.
    async fn user_errors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<UserError>> {
        Ok(user_errors(problems_of(&self.0.problems), ctx.operation()?.language))
    }
    /// How far it has come, in rows of the file.
    async fn progress(&self) -> JobProgress {
        JobProgress {
            done: self.0.done,
            total: self.0.total,
        }
    }
    /// What came of the rows so far.
    async fn counts(&self) -> ImportCounts {
        let held_back = self.0.failure.as_deref() == Some(ImportFailure::RowsRejected.as_str());
        let written = |number: i64| if held_back { 0 } else { number };
        ImportCounts {
            created: written(self.0.created),
            changed: written(self.0.changed),
            unchanged: written(self.0.unchanged),
            rejected: self.0.rejected,
        }
    }
    /// What its rows are.
    async fn kind(&self) -> Option<ImportKind> {
        self.0.kind.parse().ok()
    }
    /// How the file is written.
    async fn format(&self) -> Option<ImportFormat> {
        self.0.format.parse().ok()
    }
    /// Which rows are taken.
    async fn mode(&self) -> Option<ImportMode> {
        self.0.mode.parse().ok()
    }
    /// What one refused row means for the others.
    async fn error_policy(&self) -> Option<ErrorPolicy> {
        self.0.error_policy.parse().ok()
    }
    /// Whether it only looks what would come of it.
    async fn dry_run(&self) -> bool {
        self.0.dry_run
    }
    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// When it ended, well or not.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
    /// Until when its report can be read.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }
    /// What became of each row, in the order of the file; those who leave by a mirror come last.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn report(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        #[graphql(default, desc = "Only rows of these outcomes; all of them where it is empty.")] outcomes: Vec<
            RowOutcome,
        >,
    ) -> async_graphql::Result<ImportReportConnection> {
        let codes: Vec<&str> = outcomes.iter().map(|outcome| outcome.as_str()).collect();
        let binding = binding("importReport", &(&self.0.id, codes));
        let page = PageArguments::new(first, after, last, before);
        let job = self.0.clone();
        let read = reads!(job, outcomes => |reading, request| reading.import_report(&job, &outcomes, &request));
        let values = |row: &ReportRow| vec![row.piece.to_string(), row.index.to_string()];
        ImportReportConnection::list(ctx, &binding, page, read, values, ImportReportRow).await
    }
    /// Path to fetch the report from, below the address of the API, with the account's bearer token; put `.csv` or `.xlsx`
    /// behind it.
    async fn report_url(&self) -> String {
        download::address(&self.0.id)
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<ImportJobAction>,
    ) -> async_graphql::Result<Vec<ImportJobPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let place = reading.import_place(&self.0).await.map_err(|f| to_error(&f))?;
        let Some(place) = place else { return Ok(Vec::new()) };
        let state = state_of(&self.0, operation.app.clock.now());
        let against = |_| state.is_over().then(|| Problem::wrong_state("jobId", state));
        let target = Target::at(place);
        Ok(ImportJobPermission::each(
            operation, &reading, actions, &target, against,
        ))
    }
}
