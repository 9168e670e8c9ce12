use async_graphql::{Context, ID, InputObject, Object};

use super::object::{Transfer, TransferById};
use crate::ops::transfer::{self, Answer, Request};
use crate::{payload, run};

/// Asks that a member be transferred to another branch.
#[derive(InputObject)]
pub struct RequestTransferInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// Oneself where it is left out.
    pub member_id: Option<ID>,
    /// The branch that the member is in; refused with `CONFLICT` where they are elsewhere by now.
    pub from_id: Option<ID>,
    /// The branch that it leads to.
    pub to_id: ID,
    /// Why.
    pub reason: Option<String>,
}

/// Takes the member in.
#[derive(InputObject)]
pub struct AcceptTransferInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The transfer.
    pub transfer_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
}

/// Refuses a transfer, on either side.
#[derive(InputObject)]
pub struct RejectTransferInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The transfer.
    pub transfer_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: String,
}

/// Takes back what one asked for.
#[derive(InputObject)]
pub struct WithdrawTransferInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The transfer.
    pub transfer_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

payload!(
    /// A transfer after the change; present with `CONFLICT` too, as it stands now.
    TransferPayload { transfer: Transfer by TransferById }
);

#[derive(Default)]
pub struct TransferMutation;

#[Object]
impl TransferMutation {
    /// Asks for a transfer 转接: the member in person, the branch, or a level above both sides.
    async fn request_transfer(
        &self,
        ctx: &Context<'_>,
        input: RequestTransferInput,
    ) -> async_graphql::Result<TransferPayload> {
        let asked = Request {
            member_id: input.member_id.as_ref().map(|id| id.0.clone()),
            from_id: input.from_id.as_ref().map(|id| id.0.clone()),
            to_id: input.to_id.0.clone(),
            reason: input.reason.clone(),
        };
        let answer = run!(ctx, "requestTransfer", input, |unit, asked = asked| transfer::request(unit, &asked));
        TransferPayload::after(ctx, answer, "").await
    }

    /// The side it leads to, or a level above both, takes the member in from today on.
    async fn accept_transfer(
        &self,
        ctx: &Context<'_>,
        input: AcceptTransferInput,
    ) -> async_graphql::Result<TransferPayload> {
        let given = said(&input.transfer_id, input.expected_version, None);
        let present = given.transfer_id.clone();
        let answer = run!(ctx, "acceptTransfer", input, |unit, given = given| transfer::accept(unit, &given));
        TransferPayload::after(ctx, answer, &present).await
    }

    /// Either side, or a level above both, refuses with a reason.
    async fn reject_transfer(
        &self,
        ctx: &Context<'_>,
        input: RejectTransferInput,
    ) -> async_graphql::Result<TransferPayload> {
        let given = said(&input.transfer_id, input.expected_version, Some(&input.reason));
        let present = given.transfer_id.clone();
        let answer = run!(ctx, "rejectTransfer", input, |unit, given = given| transfer::reject(unit, &given));
        TransferPayload::after(ctx, answer, &present).await
    }

    /// Who asked takes it back.
    async fn withdraw_transfer(
        &self,
        ctx: &Context<'_>,
        input: WithdrawTransferInput,
    ) -> async_graphql::Result<TransferPayload> {
        let given = said(&input.transfer_id, input.expected_version, input.reason.as_ref());
        let present = given.transfer_id.clone();
        let answer = run!(ctx, "withdrawTransfer", input, |unit, given = given| transfer::withdraw(unit, &given));
        TransferPayload::after(ctx, answer, &present).await
    }
}

fn said(id: &ID, expected_version: Option<i64>, reason: Option<&String>) -> Answer {
    Answer {
        transfer_id: id.0.clone(),
        expected_version,
        reason: reason.cloned(),
    }
}
