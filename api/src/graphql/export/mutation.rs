use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDate;
use domain::vocabulary::{ExportFormat, ExportKind, RevealPurpose, SealedField};

use super::object::{ExportJob, ExportJobById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::export::start::{self, Cancel, Start};
use crate::{payload, run};

/// An export to be begun.
#[derive(InputObject)]
pub struct StartExportInput {
    /// What is wanted, at least one kind. Rows are those that the account could read by queries: a kind that none of its
    /// scopes opens is refused.
    pub kinds: Vec<ExportKind>,
    /// The part of the tree.
    pub within: OrganizationScopeInput,
    /// Structure and roster as they stood on this day, as known now; now where it is left out. Not together with
    /// `ACTIVITY`.
    pub as_of: Option<Date>,
    /// How the files are written.
    #[graphql(default_with = "ExportFormat::Jsonl")]
    pub format: ExportFormat,
    /// Sealed fields of members to be written plainly; they need `members:read_sensitive` and a purpose.
    #[graphql(default)]
    pub fields: Vec<SealedField>,
    /// What the sealed fields are wanted for: it stands in the trail, and each member can read it.
    pub purpose: Option<RevealPurpose>,
    /// At most 200 characters; stands beside the purpose.
    pub note: Option<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// An export to be ended before its time.
#[derive(InputObject)]
pub struct CancelExportInput {
    /// The export.
    pub job_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

payload!(
    /// An export after the change.
    ExportJobPayload { job: ExportJob by ExportJobById }
);

#[derive(Default)]
pub struct ExportMutation;

#[Object]
impl ExportMutation {
    /// Begins an export of a part of the tree into files, for a program with the scope `exports:run`. A node takes it up; ask
    /// `exportJob` how it stands. An account has at most 2 at once, and 20 whose files are kept.
    async fn start_export(
        &self,
        ctx: &Context<'_>,
        input: StartExportInput,
    ) -> async_graphql::Result<ExportJobPayload> {
        let value = Start {
            kinds: input.kinds.clone(),
            within: input.within.clone().read(ctx).await?,
            as_of: input.as_of.map(NaiveDate::from),
            format: input.format,
            fields: input.fields.clone(),
            purpose: input.purpose,
            note: input.note.clone(),
        };
        let answer = run!(ctx, "startExport", input, |unit, typed = value| {
            start::start(unit, &typed)
        });
        ctx.operation()?.app.exports.begun.notify_one();
        ExportJobPayload::after(ctx, answer, "").await
    }

    /// Ends an export that waits or runs; what was written of it is thrown away.
    async fn cancel_export(
        &self,
        ctx: &Context<'_>,
        input: CancelExportInput,
    ) -> async_graphql::Result<ExportJobPayload> {
        let value = Cancel {
            job_id: input.job_id.0.clone(),
            expected_version: input.expected_version,
        };
        let answer = run!(ctx, "cancelExport", input, |unit, typed = value| {
            start::cancel(unit, &typed)
        });
        ExportJobPayload::after(ctx, answer, &input.job_id).await
    }
}
