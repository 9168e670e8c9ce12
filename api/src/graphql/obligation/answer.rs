use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::alert::{Alert, AlertById};
use super::mutation::cursor;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::{UserError, split};
use crate::graphql::loaders;
use crate::graphql::log::LogCursor;
use crate::graphql::page::input_text;
use crate::ops::obligation::answer::{Saying, Verdict, answer, decide};
use crate::ops::outcome::Outcome;
use crate::ops::writing::Written;

/// What the org says instead of holding what was owed.
#[derive(InputObject)]
pub struct AnswerAlertInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The alert.
    pub alert_id: ID,
    /// What is said to it.
    pub answer: String,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
}

/// What the superior makes of an answer.
#[derive(InputObject)]
pub struct DecideAlertAnswerInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The alert.
    pub alert_id: ID,
    /// Whether it is accepted.
    pub accepted: bool,
    /// What the superior says to it, at most 2 000 characters.
    pub reply: Option<String>,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
}

/// An alert after the change; present with `CONFLICT` too, as it stands now.
#[derive(SimpleObject, Default)]
pub struct AlertPayload {
    /// The alert; null where the reader may not see it.
    pub alert: Option<Alert>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// Position of the change; null where nothing was changed.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

#[derive(Default)]
pub struct AnswerMutation;

#[Object]
impl AnswerMutation {
    /// Answers an open alert of one's own org; the superior decides whether that settles it.
    async fn answer_alert(&self, ctx: &Context<'_>, input: AnswerAlertInput) -> async_graphql::Result<AlertPayload> {
        let text = input_text(&input);
        let request = ctx.operation()?.request("answerAlert", &input.idempotency_key, text);
        let saying = Saying {
            alert_id: input.alert_id.0.clone(),
            text: input.answer.clone(),
            expected_version: input.expected_version,
        };
        payload(ctx, &saying.alert_id, answer(&request, &saying).await).await
    }

    /// Accepts an answer, which closes the alert and leaves the obligation as it stands, or rejects it.
    async fn decide_alert_answer(
        &self,
        ctx: &Context<'_>,
        input: DecideAlertAnswerInput,
    ) -> async_graphql::Result<AlertPayload> {
        let text = input_text(&input);
        let request = ctx
            .operation()?
            .request("decideAlertAnswer", &input.idempotency_key, text);
        let verdict = Verdict {
            alert_id: input.alert_id.0.clone(),
            accepted: input.accepted,
            text: input.reply.clone(),
            expected_version: input.expected_version,
        };
        payload(ctx, &verdict.alert_id, decide(&request, &verdict).await).await
    }
}

/// What is there now, also beside a conflict.
async fn payload(ctx: &Context<'_>, id: &str, outcome: Outcome<Written>) -> async_graphql::Result<AlertPayload> {
    let operation = ctx.operation()?;
    let (written, user_errors) = split(outcome, operation.language)?;
    let cursor = match &written {
        Some(written) => Some(cursor(operation, written).await?),
        None => None,
    };
    Ok(AlertPayload {
        alert: loaders::load(ctx.data()?, AlertById(id.to_owned())).await?.map(Alert),
        user_errors,
        cursor,
        replayed: written.is_some_and(|written| written.replayed),
    })
}
