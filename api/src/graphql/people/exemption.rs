use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDate;
use domain::lifecycle::exemption::{Command, step};
use domain::problem::Problem;
use domain::vocabulary::{DecisionState, ExemptionCategory};

use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::member::object::{Member, member_target};
use crate::graphql::organization::input::{CollectiveDecisionInput, decision};
use crate::ops::people::exemption::{self, Decide, End, Set};
use crate::ops::people::reading::Exemption as Row;
use crate::{loader, payload, permission, run};

permission! {
    /// What can be done with an exemption.
    ExemptionAction, ExemptionPermission {
        /// Accept or reject a draft.
        Decide => SetExemption,
        /// End it before its day.
        End => EndExemption,
    }
}

pub struct Exemption(pub Row);

impl Exemption {
    fn against(&self, action: ExemptionAction, today: NaiveDate) -> Option<Problem> {
        let over = self.0.until_on < today;
        let command = match action {
            ExemptionAction::Decide => Command::Accept,
            ExemptionAction::End => Command::End { over },
        };
        let refused = step(Some(self.0.state.parse().ok()?), command).err()?.at("exemptionId");
        Some(match action {
            ExemptionAction::Decide => refused,
            ExemptionAction::End => refused.with("until", self.0.until_on),
        })
    }
}

loader!(
    /// Exemptions of a member, newest first.
    ExemptionsOf => Vec<Row>, |reading, ids| {
        let mut map: HashMap<String, Vec<Row>> = HashMap::new();
        for row in reading.exemptions_of(&ids).await? {
            map.entry(row.member_id.clone()).or_default().push(row);
        }
        Ok(map)
    }
);

loader!(
    /// Exemption by id, as the reader may see it.
    ExemptionById => Row, |reading, ids| {
        Ok(reading.exemptions(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);

/// Exemption from attendance 免于参加 by decision of the branch; a coarse category, nothing about health. An `OPEN` one is
/// a draft and does not count.
#[Object]
impl Exemption {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// Whom it concerns.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.member_id).await
    }
    /// How it stands.
    async fn state(&self) -> Option<DecisionState> {
        self.0.state.parse().ok()
    }
    /// A coarse category.
    async fn category(&self) -> Option<ExemptionCategory> {
        self.0.category.parse().ok()
    }
    /// First day on which it holds.
    async fn from(&self) -> Date {
        self.0.from_on.into()
    }
    /// Last day on which it holds.
    async fn until(&self) -> Date {
        self.0.until_on.into()
    }
    /// When the branch decided.
    async fn decided_on(&self) -> Option<Date> {
        self.0.decided_on.map(Date)
    }
    /// Document number, at most 100 characters.
    async fn document_number(&self) -> Option<&str> {
        self.0.document_number.as_deref()
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<ExemptionAction>,
    ) -> async_graphql::Result<Vec<ExemptionPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(target) = member_target(ctx, &self.0.member_id).await? else {
            return Ok(Vec::new());
        };
        let against = |action| self.against(action, reading.today);
        Ok(ExemptionPermission::each(
            operation, &reading, actions, &target, against,
        ))
    }
}

/// Sets an exemption. From a clerk, or an officer who does not decide, it is a draft for the head of the branch.
#[derive(InputObject)]
pub struct SetExemptionInput {
    /// The member.
    pub member_id: ID,
    /// A coarse category.
    pub category: ExemptionCategory,
    /// First day on which it holds.
    pub from: Date,
    /// Last day on which it holds; at most five years on.
    pub until: Date,
    /// The branch's decision; a draft needs none.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Accepts or rejects a draft of an exemption.
#[derive(InputObject)]
pub struct DecideExemptionInput {
    /// The exemption.
    pub exemption_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Whether it is accepted.
    pub accepted: bool,
    /// Needed to accept.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// An exemption to be ended before its day.
#[derive(InputObject)]
pub struct EndExemptionInput {
    /// The exemption.
    pub exemption_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Last day on which it holds; yesterday where it is left out.
    pub until: Option<Date>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

payload!(
    /// An exemption after the change.
    ExemptionPayload { exemption: Exemption }
);

async fn one(ctx: &Context<'_>, id: Option<String>) -> async_graphql::Result<Option<Exemption>> {
    let Some(id) = id else { return Ok(None) };
    let found = ctx.operation()?.reading().await?.exemptions(&[id]).await;
    Ok(found.map_err(|failure| to_error(&failure))?.pop().map(Exemption))
}

#[derive(Default)]
pub struct ExemptionMutation;

#[Object]
impl ExemptionMutation {
    /// Exempts a member from attendance until a day, by decision of the branch.
    async fn set_exemption(
        &self,
        ctx: &Context<'_>,
        input: SetExemptionInput,
    ) -> async_graphql::Result<ExemptionPayload> {
        let value = Set {
            member_id: input.member_id.0.clone(),
            category: input.category,
            from: input.from.into(),
            until: input.until.into(),
            decision: decision(input.decision.as_ref()),
        };
        let answer = run!(ctx, "setExemption", input, |unit, typed = value| exemption::set(unit, &typed));
        let entity = one(ctx, answer.entity("")).await?;
        Ok(ExemptionPayload::of(answer, entity))
    }

    /// Accepts or rejects a draft.
    async fn decide_exemption(
        &self,
        ctx: &Context<'_>,
        input: DecideExemptionInput,
    ) -> async_graphql::Result<ExemptionPayload> {
        let value = Decide {
            exemption_id: input.exemption_id.0.clone(),
            expected_version: input.expected_version,
            accepted: input.accepted,
            decision: decision(input.decision.as_ref()),
        };
        let answer = run!(ctx, "decideExemption", input, |unit, typed = value| exemption::decide(unit, &typed));
        let entity = one(ctx, answer.entity(&input.exemption_id)).await?;
        Ok(ExemptionPayload::of(answer, entity))
    }

    /// Ends an exemption before its day.
    async fn end_exemption(
        &self,
        ctx: &Context<'_>,
        input: EndExemptionInput,
    ) -> async_graphql::Result<ExemptionPayload> {
        let value = End {
            exemption_id: input.exemption_id.0.clone(),
            expected_version: input.expected_version,
            until: input.until.map(Into::into),
        };
        let answer = run!(ctx, "endExemption", input, |unit, typed = value| exemption::end(unit, &typed));
        let entity = one(ctx, answer.entity(&input.exemption_id)).await?;
        Ok(ExemptionPayload::of(answer, entity))
    }
}
