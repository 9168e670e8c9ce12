//! What a line of the inbox is about.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use domain::ids::kind_of;

use crate::graphql::node::{Node, find_node, name_of};

/// What a line is about: the object, or only its kind and id, which the line itself knows.
pub enum Subject {
    Named { kind: &'static str, id: String },
    Whole(Box<Node>),
}

/// The object with this id. Where nothing but type and id is asked for, nothing is read: the line was addressed to the
/// reader, so that it may name what it is about.
///
/// # Errors
/// The database is away.
pub async fn subject(ctx: &Context<'_>, id: &str) -> async_graphql::Result<Option<Subject>> {
    let more = |field: async_graphql::SelectionField<'_>| !matches!(field.name(), "__typename" | "id");
    let named = kind_of(id).and_then(name_of);
    if let Some(kind) = named
        && !ctx.field().selection_set().any(more)
    {
        return Ok(Some(Subject::Named {
            kind,
            id: id.to_owned(),
        }));
    }
    Ok(find_node(ctx, id).await?.map(|node| Subject::Whole(Box::new(node))))
}

impl OutputType for Subject {
    fn type_name() -> Cow<'static, str> {
        Node::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        match self {
            Self::Named { kind, .. } => Cow::Borrowed(kind),
            Self::Whole(node) => node.introspection_type_name(),
        }
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Node::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match self {
            Self::Named { .. } => resolve_container(ctx, self).await,
            Self::Whole(node) => node.resolve(ctx, field).await,
        }
    }
}

impl ContainerType for Subject {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match self {
            Self::Named { id, .. } => Ok((ctx.item.node.name.node == "id").then(|| Value::from(id.as_str()))),
            Self::Whole(node) => node.resolve_field(ctx).await,
        }
    }
}
