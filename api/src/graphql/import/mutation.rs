use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDate;
use domain::intake::ErrorPolicy;
use domain::vocabulary::{DepartureReason, ImportFormat, ImportKind, ImportMode};

use super::object::{ImportJob, ImportJobById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::within::{self, OrganizationScopeInput};
use crate::ops::import::job::Departure;
use crate::ops::import::start::{self, Cancel, Start};
use crate::{payload, run};

/// A header of the file that is not called as in the template.
#[derive(InputObject, Clone)]
pub struct ImportColumnInput {
    /// As it stands in the file.
    pub header: String,
    /// The key of the column, as the template's documentation has it (`joinedOn`); null passes the column over.
    pub column: Option<String>,
}

/// The decision on which those leave who are not in the file.
#[derive(InputObject, Clone)]
pub struct ImportDecisionInput {
    /// When it was taken.
    pub decided_on: Date,
    /// At most 100 characters.
    pub document_number: String,
}

/// How those leave who are not in a mirrored file.
#[derive(InputObject, Clone)]
pub struct ImportDepartureInput {
    /// The same for all of them.
    pub reason: DepartureReason,
    /// Their last day.
    pub left_on: Date,
    /// Of everything but death.
    pub decision: Option<ImportDecisionInput>,
}

/// An import to be begun.
#[derive(InputObject)]
pub struct StartImportInput {
    /// The file, as `POST /imports/files` answered it; the account's own.
    pub file_id: ID,
    /// What its rows are.
    pub kind: ImportKind,
    /// How it is written.
    pub format: ImportFormat,
    /// The part of the tree that it may touch, as `subtreeOf`; that of the account where it is left out. Rows about anything
    /// else are refused.
    pub within: Option<OrganizationScopeInput>,
    /// Which rows are taken.
    #[graphql(default_with = "ImportMode::Upsert")]
    pub mode: ImportMode,
    /// What one refused row means for the others. `ALL_OR_NOTHING` takes up to 20 000 rows.
    #[graphql(default_with = "ErrorPolicy::AllOrNothing")]
    pub error_policy: ErrorPolicy,
    /// Only looks what would come of it: the report is that of the import, and nothing is written.
    #[graphql(default)]
    pub dry_run: bool,
    /// Headers that are not called as in the template.
    #[graphql(default)]
    pub mapping: Vec<ImportColumnInput>,
    /// The sheet of a workbook; its first one where it is left out.
    pub sheet: Option<String>,
    /// With `MIRROR`, and needed there: the share of the members there, in percent, of whom at most may leave. Where more would, nothing
    /// is written.
    pub mirror_threshold: Option<i32>,
    /// With `MIRROR`, and needed there: how those leave who are not in the file.
    pub departure: Option<ImportDepartureInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// An import to be ended before its time.
#[derive(InputObject)]
pub struct CancelImportInput {
    /// The import.
    pub job_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

payload!(
    /// An import after the change.
    ImportJobPayload { job: ImportJob by ImportJobById }
);

impl From<ImportDepartureInput> for Departure {
    fn from(input: ImportDepartureInput) -> Self {
        let decision = input.decision;
        Self {
            reason: input.reason,
            left_on: input.left_on.into(),
            decided_on: decision.as_ref().map(|decision| NaiveDate::from(decision.decided_on)),
            document_number: decision.map(|decision| decision.document_number),
        }
    }
}

#[derive(Default)]
pub struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Begins an import of a file that was sent to `POST /imports/files`, for a program with the scope `imports:run`. A node takes
    /// it up; ask `importJob` how it stands, or follow `importProgress`. An account has at most 2 at once.
    async fn start_import(
        &self,
        ctx: &Context<'_>,
        input: StartImportInput,
    ) -> async_graphql::Result<ImportJobPayload> {
        let mapping = input.mapping.iter().cloned();
        let value = Start {
            file_id: input.file_id.0.clone(),
            kind: input.kind,
            format: input.format,
            within: within::read(ctx, input.within.clone()).await?,
            mode: input.mode,
            policy: input.error_policy,
            dry_run: input.dry_run,
            mapping: mapping
                .map(|one| (one.header, one.column.unwrap_or_default()))
                .collect(),
            sheet: input.sheet.clone(),
            threshold: input.mirror_threshold,
            departure: input.departure.clone().map(Departure::from),
        };
        let answer = run!(ctx, "startImport", input, |unit, typed = value| {
            start::start(unit, &typed)
        });
        ctx.operation()?.app.imports.begun.notify_one();
        ImportJobPayload::after(ctx, answer, "").await
    }

    /// Ends an import that waits or runs. What it has written stays; the report tells of it.
    async fn cancel_import(
        &self,
        ctx: &Context<'_>,
        input: CancelImportInput,
    ) -> async_graphql::Result<ImportJobPayload> {
        let value = Cancel {
            job_id: input.job_id.0.clone(),
            expected_version: input.expected_version,
        };
        let answer = run!(ctx, "cancelImport", input, |unit, typed = value| {
            start::cancel(unit, &typed)
        });
        let payload = ImportJobPayload::after(ctx, answer, &input.job_id).await;
        ctx.operation()?.app.imports.followers.look(&input.job_id);
        payload
    }
}
