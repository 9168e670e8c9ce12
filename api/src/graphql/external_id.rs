//! Names of objects in other systems.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, SimpleObject};

use super::context::ContextExt as _;
use super::error::to_error;
use super::loaders::{self, ExternalIdsOf};
use super::node::{Node, find_node};
use super::page::refused;
use crate::ops::external_id::{self, Identified, Name};
use crate::{payload, run};

/// An id in another system.
#[derive(SimpleObject)]
pub struct ExternalId {
    /// Name of the other system.
    pub system: String,
    /// The id in that system.
    pub value: String,
}

/// An id in another system.
#[derive(InputObject, Clone)]
pub struct ExternalIdInput {
    /// Name of the other system.
    pub system: String,
    /// The id in that system.
    pub value: String,
}

/// The org, member or activity that has a name in another system.
#[derive(OneofObject)]
pub enum ExternalIdSubjectInput {
    /// An org.
    OrganizationId(ID),
    /// A member.
    MemberId(ID),
    /// An activity.
    ActivityId(ID),
}

/// How one object is named, whatever its kind.
pub enum By {
    Id(ID),
    External(ExternalIdInput),
}

macro_rules! by {
    ($(#[$meta:meta])* $by:ident) => {
        $(#[$meta])*
        #[derive(OneofObject, Clone)]
        pub enum $by {
            /// By its id here.
            Id(ID),
            /// By the name that another system has for it.
            External(ExternalIdInput),
        }

        impl From<$by> for By {
            fn from(by: $by) -> Self {
                match by {
                    $by::Id(id) => Self::Id(id),
                    $by::External(external) => Self::External(external),
                }
            }
        }
    };
}

by!(
    /// Names one org.
    OrganizationBy
);
by!(
    /// Names one member.
    MemberBy
);
by!(
    /// Names one activity.
    ActivityBy
);

/// Gives an object an id in another system. The system: 1 to 50 characters, the value: 1 to 100.
#[derive(InputObject)]
pub struct AssignExternalIdInput {
    /// What it names.
    pub subject: ExternalIdSubjectInput,
    /// Name of the other system.
    pub system: String,
    /// The id in that system.
    pub value: String,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Ends an id in another system.
#[derive(InputObject)]
pub struct EndExternalIdInput {
    /// What it names.
    pub subject: ExternalIdSubjectInput,
    /// Name of the other system.
    pub system: String,
    /// The id in that system.
    pub value: String,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

payload!(
    /// The org, member or activity after the change.
    ExternalIdPayload { subject: Node }
);

impl ExternalIdSubjectInput {
    fn parts(&self) -> (Identified, &ID) {
        match self {
            Self::OrganizationId(id) => (Identified::Organization, id),
            Self::MemberId(id) => (Identified::Member, id),
            Self::ActivityId(id) => (Identified::Activity, id),
        }
    }
}

fn name(subject: &ExternalIdSubjectInput, system: &str, value: &str) -> Name {
    let (of, id) = subject.parts();
    Name {
        of,
        id: id.0.clone(),
        system: system.to_owned(),
        value: value.to_owned(),
    }
}

/// What an object is called elsewhere.
pub async fn of_object(ctx: &Context<'_>, id: String) -> async_graphql::Result<Vec<ExternalId>> {
    let found = loaders::load(ctx.data()?, ExternalIdsOf(id)).await?.unwrap_or_default();
    let name = |(system, value)| ExternalId { system, value };
    Ok(found.into_iter().map(name).collect())
}

/// The id of what another system calls so; what it is of is then read under the reader's own scope.
pub async fn find(
    ctx: &Context<'_>,
    external: &ExternalIdInput,
    of: Identified,
) -> async_graphql::Result<Option<String>> {
    let reading = ctx.operation()?.reading().await?;
    let found = reading.find_by_external(&external.system, &external.value, of).await;
    found.map_err(|failure| to_error(&failure))
}

/// The id that a field with `id` or `by` speaks of; exactly one of them is given.
pub async fn id_of<B: Into<By>>(
    ctx: &Context<'_>,
    (id, by): (Option<ID>, Option<B>),
    of: Identified,
) -> async_graphql::Result<Option<String>> {
    match (id, by.map(Into::into)) {
        (Some(id), None) | (None, Some(By::Id(id))) => Ok(Some(id.0)),
        (None, Some(By::External(external))) => find(ctx, &external, of).await,
        _ => Err(refused("Give either `id` or `by`.", "BAD_USER_INPUT")),
    }
}

#[derive(Default)]
pub struct ExternalIdMutation;

#[Object]
impl ExternalIdMutation {
    /// Gives an org, a member or an activity an id in another system. No two objects of a kind share one.
    async fn assign_external_id(
        &self,
        ctx: &Context<'_>,
        input: AssignExternalIdInput,
    ) -> async_graphql::Result<ExternalIdPayload> {
        let named = name(&input.subject, &input.system, &input.value);
        let answer = run!(ctx, "assignExternalId", input, |unit, typed = named| external_id::assign(unit, &typed));
        let subject = subject(ctx, answer.entity("")).await?;
        Ok(ExternalIdPayload::of(answer, subject))
    }

    /// Ends an id in another system: from then on it may be given to another object.
    async fn end_external_id(
        &self,
        ctx: &Context<'_>,
        input: EndExternalIdInput,
    ) -> async_graphql::Result<ExternalIdPayload> {
        let named = name(&input.subject, &input.system, &input.value);
        let answer = run!(ctx, "endExternalId", input, |unit, typed = named| external_id::end(unit, &typed));
        let subject = subject(ctx, answer.entity("")).await?;
        Ok(ExternalIdPayload::of(answer, subject))
    }
}

async fn subject(ctx: &Context<'_>, id: Option<String>) -> async_graphql::Result<Option<Node>> {
    match id {
        Some(id) => find_node(ctx, &id).await,
        None => Ok(None),
    }
}
