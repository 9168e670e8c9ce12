use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};

use super::object::Measure;
use crate::answered;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::page::input_text;
use crate::graphql::write::{Answer, Keyed, write};
use crate::ops::measure::decide::{Confirm, Dismiss, confirm, dismiss};

/// The talk was held.
#[derive(InputObject)]
pub struct ConfirmMeasureInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The measure.
    pub measure_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Day of the talk: not before the last absence, not in the future.
    pub talked_on: Date,
    /// Who talked with the member; the one who confirms where it is left out.
    pub talked_by_id: Option<ID>,
    /// What the member said, up to 2 000 characters; kept sealed.
    pub words: Option<String>,
}

/// There is a reason against the measure.
#[derive(InputObject)]
pub struct DismissMeasureInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The measure.
    pub measure_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Up to 2 000 characters.
    pub reason: String,
}

answered!(
    /// A measure after the decision; present with `CONFLICT` too, as it stands now.
    MeasurePayload {
        /// The measure; null where the reader may not see it.
        measure: Option<Measure>,
    }
);

async fn decided(ctx: &Context<'_>, answer: Answer, present: &str) -> async_graphql::Result<MeasurePayload> {
    let measure = match answer.entity(present) {
        Some(id) => {
            let found = ctx.operation()?.reading().await?.measures(&[id]).await;
            found.map_err(|failure| to_error(&failure))?.pop()
        }
        None => None,
    };
    Ok(MeasurePayload::with(measure.map(|row| Measure(Arc::new(row))), answer))
}

#[derive(Default)]
pub struct MeasureMutation;

#[Object]
impl MeasureMutation {
    /// Confirms a measure: the talk was held (G2.5a).
    async fn confirm_measure(
        &self,
        ctx: &Context<'_>,
        input: ConfirmMeasureInput,
    ) -> async_graphql::Result<MeasurePayload> {
        let keyed = Keyed {
            operation: "confirmMeasure",
            key: &input.idempotency_key,
            input: input_text(&input),
        };
        let value = Confirm {
            measure_id: input.measure_id.0.clone(),
            expected_version: input.expected_version,
            talked_on: input.talked_on.0,
            talked_by: input.talked_by_id.as_ref().map(|id| id.0.clone()),
            words: input.words.clone(),
        };
        let present = value.measure_id.clone();
        let answer = write(ctx, keyed, move |unit| {
            let value = value.clone();
            Box::pin(async move { confirm(unit, &value).await })
        })
        .await?;
        decided(ctx, answer, &present).await
    }

    /// Dismisses a measure with a reason (G2.5a).
    async fn dismiss_measure(
        &self,
        ctx: &Context<'_>,
        input: DismissMeasureInput,
    ) -> async_graphql::Result<MeasurePayload> {
        let keyed = Keyed {
            operation: "dismissMeasure",
            key: &input.idempotency_key,
            input: input_text(&input),
        };
        let value = Dismiss {
            measure_id: input.measure_id.0.clone(),
            expected_version: input.expected_version,
            reason: input.reason.clone(),
        };
        let present = value.measure_id.clone();
        let answer = write(ctx, keyed, move |unit| {
            let value = value.clone();
            Box::pin(async move { dismiss(unit, &value).await })
        })
        .await?;
        decided(ctx, answer, &present).await
    }
}
