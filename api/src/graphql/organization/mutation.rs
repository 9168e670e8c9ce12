use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};

use super::input::{
    CreateOrganizationInput, DissolveOrganizationInput, MoveOrganizationInput, RenameOrganizationInput, change,
};
use super::object::Organization;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::UserError;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::log::LogCursor;
use crate::graphql::page::input_text;
use crate::graphql::write::{Answer, Keyed, write};
use crate::ops::dissolution;
use crate::ops::structure::{self, Founding};

/// An org after the change; present with `CONFLICT` too, as it stands now.
#[derive(SimpleObject)]
pub struct OrganizationPayload {
    /// The org that it belongs to.
    pub organization: Option<Organization>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// Position of the change in the log.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

/// The org that a write speaks of, as it stands after it.
pub(crate) async fn payload(
    ctx: &Context<'_>,
    answer: Answer,
    present: &str,
) -> async_graphql::Result<OrganizationPayload> {
    let id = answer.entity(present);
    let organization = match id {
        Some(id) => loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization),
        None => None,
    };
    let Answer {
        user_errors,
        cursor,
        replayed,
        ..
    } = answer;
    Ok(OrganizationPayload {
        organization,
        user_errors,
        cursor,
        replayed,
    })
}

#[derive(Default)]
pub struct OrganizationMutation;

#[Object]
impl OrganizationMutation {
    /// Founds an org; needs the collective decision.
    async fn create_organization(
        &self,
        ctx: &Context<'_>,
        input: CreateOrganizationInput,
    ) -> async_graphql::Result<OrganizationPayload> {
        let keyed = Keyed {
            operation: "createOrganization",
            key: &input.idempotency_key,
            input: input_text(&input),
        };
        let change = change(&input.reason, input.decision.as_ref());
        let founding = Founding {
            parent_id: input.parent_id.0.clone(),
            name: input.name.clone(),
            kind: input.kind,
            sector: input.sector,
            founded_on: input.founded_on.map_or_else(
                || ctx.operation().map_or_else(|_| Default::default(), |o| o.app.today()),
                Into::into,
            ),
            has_committee: input.has_committee,
            approves: input.approves,
            joint: input.joint,
            temporary: input.temporary,
        };
        let answer = write(ctx, keyed, move |unit| {
            let (founding, change) = (founding.clone(), change.clone());
            Box::pin(async move { structure::found(unit, founding, change).await })
        });
        payload(ctx, answer.await?, "").await
    }

    /// Renames an org from today on; its old name stays in its history.
    async fn rename_organization(
        &self,
        ctx: &Context<'_>,
        input: RenameOrganizationInput,
    ) -> async_graphql::Result<OrganizationPayload> {
        let keyed = Keyed {
            operation: "renameOrganization",
            key: &input.idempotency_key,
            input: input_text(&input),
        };
        let change = change(&input.reason, input.decision.as_ref());
        let (id, version, name) = (Arc::new(input.id.0.clone()), input.expected_version, input.name.clone());
        let present = id.clone();
        let answer = write(ctx, keyed, move |unit| {
            let (id, name, change) = (id.clone(), name.clone(), change.clone());
            Box::pin(async move { structure::rename(unit, &id, version, name, change).await })
        });
        payload(ctx, answer.await?, &present).await
    }

    /// Moves an org with everything below it. Only an organization department above both sides may.
    async fn move_organization(
        &self,
        ctx: &Context<'_>,
        input: MoveOrganizationInput,
    ) -> async_graphql::Result<OrganizationPayload> {
        let keyed = Keyed {
            operation: "moveOrganization",
            key: &input.idempotency_key,
            input: input_text(&input),
        };
        let change = change(&input.reason, input.decision.as_ref());
        let (id, version, parent) = (input.id.0.clone(), input.expected_version, input.parent_id.0.clone());
        let present = id.clone();
        let answer = write(ctx, keyed, move |unit| {
            let (id, parent, change) = (id.clone(), parent.clone(), change.clone());
            Box::pin(async move { structure::relocate(unit, &id, version, &parent, change).await })
        });
        payload(ctx, answer.await?, &present).await
    }

    /// Dissolves an empty org; it stays in the history.
    async fn dissolve_organization(
        &self,
        ctx: &Context<'_>,
        input: DissolveOrganizationInput,
    ) -> async_graphql::Result<OrganizationPayload> {
        let keyed = Keyed {
            operation: "dissolveOrganization",
            key: &input.idempotency_key,
            input: input_text(&input),
        };
        let change = change(&input.reason, input.decision.as_ref());
        let (id, version) = (input.id.0.clone(), input.expected_version);
        let present = id.clone();
        let answer = write(ctx, keyed, move |unit| {
            let (id, change) = (id.clone(), change.clone());
            Box::pin(async move { dissolution::dissolve(unit, &id, version, change).await })
        });
        payload(ctx, answer.await?, &present).await
    }
}
