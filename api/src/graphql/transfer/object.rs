use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::lifecycle::transfer::{Command, step};
use domain::policy::{Headed, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{Standing, TransferState};

use crate::graphql::activity::object::PlaceOf;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::loaders::{self, MemberById, OrganizationById};
use crate::graphql::member::object::Member;
use crate::graphql::organization::object::Organization;
use crate::ops::reading::Reading;
use crate::ops::transfer::{Transfer as Row, is_asked_by};
use crate::{connection, loader, permission};

permission!(
    /// What can be done with a transfer.
    TransferAction,
    TransferPermission {
        /// Take the member in.
        Accept => AcceptTransfer,
        /// Refuse with a reason.
        Reject => RejectTransfer,
        /// By who asked.
        Withdraw => WithdrawTransfer,
    }
);

pub struct Transfer(pub Arc<Row>);

connection!(TransferConnection, TransferEdge, Transfer);

loader!(
    /// Transfer by id, as the reader may see it.
    TransferById => Arc<Row>, |reading, ids| {
        let rows = reading.transfers(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

loader!(
    /// The open transfer of a member, as the reader may see it.
    PendingTransferOf => Arc<Row>, |reading, ids| {
        let rows = reading.pending_transfers(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.member_id.clone(), Arc::new(row))).collect())
    }
);

loader!(
    /// Orgs that a member heads.
    HeadshipsOf => Vec<Headed>, |reading, ids| {
        let mut map: std::collections::HashMap<String, Vec<Headed>> = std::collections::HashMap::new();
        for (member, headed) in reading.headships(&ids).await? {
            map.entry(member).or_default().push(headed);
        }
        Ok(map)
    }
);

impl Transfer {
    async fn target(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Target>> {
        let from = loaders::load(ctx.data()?, PlaceOf(self.0.from_id.clone())).await?;
        let to = loaders::load(ctx.data()?, PlaceOf(self.0.to_id.clone())).await?;
        let heads = loaders::load(ctx.data()?, HeadshipsOf(self.0.member_id.clone())).await?;
        let (Some(from), Some(to)) = (from, to) else {
            return Ok(None);
        };
        let mut target = Target::at((*from).clone()).leading_to((*to).clone());
        target.heads = heads.unwrap_or_default();
        Ok(Some(target.about(self.0.member_id.clone())))
    }

    /// Only who asked takes back.
    fn not_asked_by(&self, reading: &Reading, action: TransferAction) -> Option<Problem> {
        let actor = &reading.actor;
        let orgs = actor.posts.iter().map(|held| &held.org.id);
        let asked = is_asked_by(&self.0, Some(&actor.account_id), orgs);
        (action == TransferAction::Withdraw && !asked).then(|| {
            Problem::new(ProblemCode::Forbidden)
                .with("right", "TRANSFER:ASK")
                .with("reason", "ASKED_BY_ANOTHER")
        })
    }

    fn against(&self, action: TransferAction) -> Option<Problem> {
        let command = match action {
            TransferAction::Accept => Command::Accept,
            TransferAction::Reject => Command::Reject,
            TransferAction::Withdraw => Command::Withdraw,
        };
        let refused = step(Some(self.0.state.parse().ok()?), command).err()?;
        Some(refused.at("transferId"))
    }
}

/// A transfer of affiliation 组织关系转接. The old branch stays responsible until acceptance; the day of the transfer
/// belongs to the new one.
#[Object]
impl Transfer {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// How it stands.
    async fn state(&self) -> Option<TransferState> {
        self.0.state.parse().ok()
    }
    /// Who is transferred. The side it leads to sees the name, and nothing else of the roster before acceptance.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.member_id).await
    }
    /// Whether a full or a probationary member comes.
    async fn standing(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Standing>> {
        let found = loaders::load(ctx.data()?, MemberById(self.0.member_id.clone())).await?;
        Ok(found.and_then(|seen| seen.row.standing.parse().ok()))
    }
    /// The branch that it leads from.
    async fn from(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.from_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// The branch that it leads to.
    async fn to(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.to_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// Why it was asked for.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// When it was asked for.
    async fn requested_at(&self) -> DateTime<Utc> {
        self.0.requested_at
    }
    /// When it was decided.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
    /// The first day in the new branch.
    async fn effective_on(&self) -> Option<Date> {
        self.0.effective_on.map(Date)
    }
    /// Why it was rejected or withdrawn.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }
    /// What the reader may do with it now, and why not.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<TransferAction>,
    ) -> async_graphql::Result<Vec<TransferPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(target) = self.target(ctx).await? else {
            return Ok(Vec::new());
        };
        Ok(TransferPermission::each(
            operation,
            &reading,
            actions,
            &target,
            |action| self.against(action).or_else(|| self.not_asked_by(&reading, action)),
        ))
    }
}
