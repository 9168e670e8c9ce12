//! The inbox 待办.

mod object;
mod subject;
pub mod subscription;
mod title;

use async_graphql::{Context, ID, InputObject, Object};

pub use object::{InboxConnection, InboxItem, WaitingLineById, inbox};

use super::page::input_text;
use super::write::{Keyed, write};
use crate::answered;
use crate::ops::inbox::acknowledge::acknowledge;

/// Lines that were read. What waits for a decision goes with the decision; what is overdue is acknowledged at its alert.
#[derive(InputObject)]
pub struct AcknowledgeInboxItemsInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// At most 100.
    pub item_ids: Vec<ID>,
}

answered!(
    /// What became of the lines.
    AcknowledgeInboxItemsPayload {
        /// The lines that went.
        item_ids: Vec<ID>,
    }
);

#[derive(Default)]
pub struct InboxMutation;

#[Object]
impl InboxMutation {
    /// Takes lines that only tell something out of one's own inbox.
    async fn acknowledge_inbox_items(
        &self,
        ctx: &Context<'_>,
        input: AcknowledgeInboxItemsInput,
    ) -> async_graphql::Result<AcknowledgeInboxItemsPayload> {
        let keyed = Keyed {
            operation: "acknowledgeInboxItems",
            key: &input.idempotency_key,
            input: input_text(&input),
        };
        let ids: Vec<String> = input.item_ids.iter().map(|id| id.0.clone()).collect();
        let answer = write(ctx, keyed, move |unit| {
            let ids = ids.clone();
            Box::pin(async move { acknowledge(unit, &ids).await })
        })
        .await?;
        Ok(AcknowledgeInboxItemsPayload::with(
            answer.ids.iter().cloned().map(ID).collect(),
            answer,
        ))
    }
}
