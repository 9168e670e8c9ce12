use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use domain::vocabulary::{DepartureReason, MemberStatus, RevealPurpose, SealedField, Standing};

use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::{UserError, split, to_error};
use crate::graphql::log::LogCursor;
use crate::graphql::member::object::Member;
use crate::graphql::organization::input::{CollectiveDecisionInput, decision};
use crate::ops::people::reveal::{self, Reveal};
use crate::ops::people::roster::Typed;
use crate::ops::people::roster::assign_group::{self, Assign};
use crate::ops::people::roster::enter::{self, Enter};
use crate::ops::people::roster::leave::{self, Leave};
use crate::ops::people::roster::record::{self, Change};
use crate::{payload, run};

/// Sealed fields of somebody who is entered or brought in line.
#[derive(InputObject, Clone)]
pub struct SealedInput {
    /// 18 characters; the birth date is taken from it.
    #[graphql(secret)]
    pub identity_number: Option<String>,
    /// Sealed and masked from then on; at most 200 characters.
    #[graphql(secret)]
    pub address: Option<String>,
    /// Sealed and masked from then on; 7 to 15 digits, with a leading `+` or without.
    #[graphql(secret)]
    pub phone: Option<String>,
}

impl From<SealedInput> for Typed {
    fn from(input: SealedInput) -> Self {
        Self {
            identity_number: input.identity_number,
            address: input.address,
            phone: input.phone,
        }
    }
}

/// Enters somebody who is a member already, for instance since before the system.
#[derive(InputObject)]
pub struct EnterMemberInput {
    /// The branch.
    pub branch_id: ID,
    /// The party group.
    pub group_id: Option<ID>,
    /// What it is called.
    pub name: String,
    /// Full or probationary.
    pub standing: Standing,
    /// The day of admission.
    pub joined_on: Date,
    /// Of a full member.
    pub became_full_on: Option<Date>,
    /// Since when they belong to this branch; today where it is left out.
    pub since: Option<Date>,
    /// In a joint branch: the unit they come from.
    pub unit_tag: Option<String>,
    /// What is sealed.
    #[graphql(flatten)]
    pub sealed: SealedInput,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Changes of a member. A field that is left out stays; `null` clears unit tag, host branch, address or phone.
#[derive(InputObject)]
pub struct RecordMemberInput {
    /// The member.
    pub member_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// What it is called.
    pub name: Option<String>,
    /// `ACTIVE`, `FLOATING` or `OUT_OF_CONTACT`.
    pub status: Option<MemberStatus>,
    /// Of a floating member: the branch that hosts them.
    pub host_branch_id: MaybeUndefined<ID>,
    /// In a joint branch: the unit they come from.
    pub unit_tag: MaybeUndefined<String>,
    /// Sealed and masked from then on; 18 characters.
    #[graphql(secret)]
    pub identity_number: Option<String>,
    /// Sealed and masked from then on; at most 200 characters.
    #[graphql(secret)]
    pub address: MaybeUndefined<String>,
    /// Sealed and masked from then on; 7 to 15 digits, with a leading `+` or without.
    #[graphql(secret)]
    pub phone: MaybeUndefined<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Puts a member into a group of their branch.
#[derive(InputObject)]
pub struct AssignGroupInput {
    /// The member.
    pub member_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// A group of the member's branch; null takes the member out of any.
    pub group_id: Option<ID>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// That a member left, and how.
#[derive(InputObject)]
pub struct RecordDepartureInput {
    /// The member.
    pub member_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// Why.
    pub reason: DepartureReason,
    /// The first day on which they no longer belong.
    pub left_on: Date,
    /// Of everything but death.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Asks for one sealed field of one member.
#[derive(InputObject)]
pub struct RevealFieldInput {
    /// The member.
    pub member_id: ID,
    /// Which field.
    pub field: SealedField,
    /// What it is revealed for.
    pub purpose: RevealPurpose,
    /// At most 200 characters; the member reads it.
    pub note: Option<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

payload!(
    /// A member after the change.
    MemberPayload { member: Member }
);

/// The value that was asked for; the member can read who saw it.
#[derive(SimpleObject)]
pub struct RevealFieldPayload {
    /// The id in that system.
    pub value: Option<String>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// Position of the change in the log.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

async fn one(ctx: &Context<'_>, id: Option<String>) -> async_graphql::Result<Option<Member>> {
    let Some(id) = id else { return Ok(None) };
    let found = ctx.operation()?.reading().await?.members(&[id]).await;
    Ok(found.map_err(|failure| to_error(&failure))?.pop().map(Member))
}

#[derive(Default)]
pub struct RosterMutation;

#[Object]
impl RosterMutation {
    /// Enters a member into the roster of a branch. What is sealed is masked from then on.
    async fn enter_member(&self, ctx: &Context<'_>, input: EnterMemberInput) -> async_graphql::Result<MemberPayload> {
        let value = Enter {
            branch_id: input.branch_id.0.clone(),
            group_id: input.group_id.as_ref().map(|id| id.0.clone()),
            name: input.name.clone(),
            standing: input.standing,
            joined_on: input.joined_on.into(),
            became_full_on: input.became_full_on.map(Into::into),
            since: input.since.map(Into::into),
            unit_tag: input.unit_tag.clone(),
            sealed: input.sealed.clone().into(),
        };
        let answer = run!(ctx, "enterMember", input, |unit, typed = value| enter::enter(unit, &typed));
        let entity = one(ctx, answer.entity("")).await?;
        Ok(MemberPayload::of(answer, entity))
    }

    /// Records changes of a member: name, floating and host branch, unit, sealed data.
    async fn record_member(&self, ctx: &Context<'_>, input: RecordMemberInput) -> async_graphql::Result<MemberPayload> {
        let value = Change {
            member_id: input.member_id.0.clone(),
            expected_version: input.expected_version,
            name: input.name.clone(),
            status: input.status,
            host_branch_id: input.host_branch_id.clone().map_value(|id| id.0).into(),
            unit_tag: input.unit_tag.clone().into(),
            identity_number: input.identity_number.clone(),
            address: input.address.clone().into(),
            phone: input.phone.clone().into(),
        };
        let answer = run!(ctx, "recordMember", input, |unit, typed = value| record::record(unit, &typed));
        let entity = one(ctx, answer.entity(&input.member_id)).await?;
        Ok(MemberPayload::of(answer, entity))
    }

    /// Puts a member into a group of their branch from today on.
    async fn assign_group(&self, ctx: &Context<'_>, input: AssignGroupInput) -> async_graphql::Result<MemberPayload> {
        let value = Assign {
            member_id: input.member_id.0.clone(),
            expected_version: input.expected_version,
            group_id: input.group_id.as_ref().map(|id| id.0.clone()),
        };
        let answer = run!(ctx, "assignGroup", input, |unit, typed = value| assign_group::assign_group(unit, &typed));
        let entity = one(ctx, answer.entity(&input.member_id)).await?;
        Ok(MemberPayload::of(answer, entity))
    }

    /// Records that a member left, and how; posts, membership and account end with it. The head of the branch decides, of the
    /// head themselves the deputy, else the superior's head; a clerk does not.
    async fn record_departure(
        &self,
        ctx: &Context<'_>,
        input: RecordDepartureInput,
    ) -> async_graphql::Result<MemberPayload> {
        let value = Leave {
            member_id: input.member_id.0.clone(),
            expected_version: input.expected_version,
            reason: input.reason,
            left_on: input.left_on.into(),
            decision: decision(input.decision.as_ref()),
        };
        let answer = run!(ctx, "recordDeparture", input, |unit, typed = value| leave::leave(unit, &typed));
        let entity = one(ctx, answer.entity(&input.member_id)).await?;
        Ok(MemberPayload::of(answer, entity))
    }

    /// Reveals one sealed field of one member. The line in the trail is committed before the value is read.
    async fn reveal_field(
        &self,
        ctx: &Context<'_>,
        input: RevealFieldInput,
    ) -> async_graphql::Result<RevealFieldPayload> {
        let value = Reveal {
            member_id: input.member_id.0.clone(),
            field: input.field,
            purpose: input.purpose,
            note: input.note.clone(),
        };
        let answer = run!(ctx, "revealField", input, |unit, typed = value| reveal::reveal(unit, &typed));
        let (mut value, mut user_errors) = (None, answer.user_errors);
        if user_errors.is_empty() {
            let operation = ctx.operation()?;
            let read = operation.reading().await?.revealed(&answer.ids, input.field).await;
            let (found, problems) = split(read, operation.language)?;
            (value, user_errors) = (found.flatten(), problems);
        }
        Ok(RevealFieldPayload {
            value,
            user_errors,
            cursor: answer.cursor,
            replayed: answer.replayed,
        })
    }
}
