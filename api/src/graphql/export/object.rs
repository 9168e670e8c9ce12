use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::policy::Target;
use domain::problem::Problem;
use domain::vocabulary::{ExportFailure, ExportFormat, ExportKind, ExportState, SealedField};

use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::log::LogCursor;
use crate::ops::export::download::{address, file_name, manifest_address};
use crate::ops::export::{ExportJob as Row, ExportPart as PartRow, fields_of, kinds_of, state_of};
use crate::{connection, loader, permission};

loader!(
    /// An account's own export by id.
    ExportJobById => Row, |reading, ids| {
        Ok(reading.export_jobs(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);

loader!(
    /// The parts of an export.
    ExportPartsOf => Vec<PartRow>, |reading, ids| {
        let mut parts = std::collections::HashMap::<String, Vec<PartRow>>::new();
        for row in reading.export_parts(&ids).await? {
            parts.entry(row.job_id.clone()).or_default().push(row);
        }
        Ok(parts)
    }
);

permission! {
    /// What can be done with an export.
    ExportJobAction, ExportJobPermission {
        /// End it before its time.
        Cancel => RunExport,
    }
}

/// How far a job has come, in rows.
#[derive(SimpleObject)]
pub struct JobProgress {
    /// Rows that are done.
    pub done: i64,
    /// Rows in all; null until they are counted.
    pub total: Option<i64>,
}

/// A file of an export: rows of one kind.
#[derive(SimpleObject)]
pub struct ExportPart {
    /// Place among the parts, from 1: parts in this order have everything behind what it refers to.
    pub number: i64,
    /// What its rows are.
    pub kind: Option<ExportKind>,
    /// Path to fetch it from, below the address of the API, with the account's bearer token.
    pub url: String,
    /// How it is called when it is saved.
    pub name: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Rows in it, without a header.
    pub rows: i64,
    /// Length of the file.
    pub bytes: i64,
}

fn part(row: PartRow, format: ExportFormat) -> ExportPart {
    ExportPart {
        url: address(&row.job_id, row.number),
        name: file_name(row.number, &row.kind, format),
        number: row.number,
        kind: row.kind.parse().ok(),
        sha256: row.sha256,
        rows: row.rows,
        bytes: row.bytes,
    }
}

#[derive(Clone)]
pub struct ExportJob(pub Row);

connection!(ExportJobConnection, ExportJobEdge, ExportJob);

/// An export in bulk 批量导出: a part of the tree as files, all of one snapshot. It is the account's own and nobody else sees
/// it; the log has no events of it: ask how it stands.
#[Object]
impl ExportJob {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change of its state; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// How it stands.
    async fn state(&self, ctx: &Context<'_>) -> async_graphql::Result<ExportState> {
        Ok(state_of(&self.0, ctx.operation()?.app.clock.now()))
    }
    /// Why it came to nothing.
    async fn failure(&self) -> Option<ExportFailure> {
        self.0.failure.as_deref()?.parse().ok()
    }
    /// How far it has come.
    async fn progress(&self) -> JobProgress {
        JobProgress {
            done: self.0.done,
            total: self.0.total,
        }
    }
    /// What its rows are, in the order in which they are written.
    async fn kinds(&self) -> Vec<ExportKind> {
        kinds_of(&self.0)
    }
    /// How its files are written.
    async fn format(&self) -> Option<ExportFormat> {
        self.0.format.parse().ok()
    }
    /// The day of the past that structure and roster are of; null for now.
    async fn as_of(&self) -> Option<Date> {
        self.0.as_of.map(Date)
    }
    /// Sealed fields that are written plainly.
    async fn fields(&self) -> Vec<SealedField> {
        fields_of(&self.0)
    }
    /// What these are wanted for, as the trail has it.
    async fn purpose(&self) -> Option<&str> {
        self.0.purpose.as_deref()
    }
    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// When it ended, well or not.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
    /// Until when its parts can be fetched.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }
    /// Where its snapshot stands in the log: `changes` and subscriptions go on from here without a gap. Null until the
    /// snapshot is taken, and where a day of the past was asked for.
    async fn snapshot_cursor(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<LogCursor>> {
        let reading = ctx.operation()?.reading().await?;
        let cursor = reading.export_cursor(&self.0).await.map_err(|f| to_error(&f))?;
        Ok(cursor.map(LogCursor))
    }
    /// Its files, once it is completed and until it expires; fetch them in this order.
    async fn parts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ExportPart>> {
        if state_of(&self.0, ctx.operation()?.app.clock.now()) != ExportState::Completed {
            return Ok(Vec::new());
        }
        let found = loaders::load(ctx.data()?, ExportPartsOf(self.0.id.clone())).await?;
        let format = self.0.format.parse().unwrap_or(ExportFormat::Jsonl);
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(|row| part(row, format))
            .collect())
    }
    /// Path to fetch the list of all parts from, with the snapshot's cursor, as JSON; null as long as there are none.
    async fn manifest_url(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let completed = state_of(&self.0, ctx.operation()?.app.clock.now()) == ExportState::Completed;
        Ok(completed.then(|| manifest_address(&self.0.id)))
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<ExportJobAction>,
    ) -> async_graphql::Result<Vec<ExportJobPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let place = reading
            .named_place(&self.0.organization_id)
            .await
            .map_err(|f| to_error(&f))?;
        let Some(place) = place else { return Ok(Vec::new()) };
        let state = state_of(&self.0, operation.app.clock.now());
        let against = |_| state.is_over().then(|| Problem::wrong_state("jobId", state));
        let target = Target::at(place);
        Ok(ExportJobPermission::each(
            operation, &reading, actions, &target, against,
        ))
    }
}
