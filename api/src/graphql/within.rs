//! The part of the tree that a list, a stream or a job is about, as the input names it.

use async_graphql::{Context, ID, OneofObject};

use super::context::ContextExt as _;
use super::error::to_error;
use super::external_id::{ExternalIdInput, find};
use crate::ops::external_id::Identified;
use crate::ops::organization::Within;

/// Which part of the tree a list is about; exactly one field. A name of another system finds an org that you may see, else it
/// answers like an id that there is not.
#[derive(OneofObject, Clone)]
pub enum OrganizationScopeInput {
    /// This org alone.
    Exactly(ID),
    /// Its direct children.
    ChildrenOf(ID),
    /// The org and everything below it.
    SubtreeOf(ID),
    /// The org alone that another system calls so.
    ExactlyExternal(ExternalIdInput),
    /// The direct children of the org that another system calls so.
    ChildrenOfExternal(ExternalIdInput),
    /// The org that another system calls so, and everything below it.
    SubtreeOfExternal(ExternalIdInput),
}

impl OrganizationScopeInput {
    /// The part of the tree; a name of another system is looked up under the reader's scope, an id is left as it is.
    ///
    /// # Errors
    /// The database is away.
    pub async fn read(self, ctx: &Context<'_>) -> async_graphql::Result<Within> {
        Ok(match self {
            Self::Exactly(id) => Within::Exactly(id.0),
            Self::ChildrenOf(id) => Within::ChildrenOf(id.0),
            Self::SubtreeOf(id) => Within::SubtreeOf(id.0),
            Self::ExactlyExternal(name) => Within::Exactly(named(ctx, &name).await?),
            Self::ChildrenOfExternal(name) => Within::ChildrenOf(named(ctx, &name).await?),
            Self::SubtreeOfExternal(name) => Within::SubtreeOf(named(ctx, &name).await?),
        })
    }
}

/// The same where a part need not be named.
///
/// # Errors
/// The database is away.
pub async fn read(ctx: &Context<'_>, input: Option<OrganizationScopeInput>) -> async_graphql::Result<Option<Within>> {
    match input {
        Some(input) => Ok(Some(input.read(ctx).await?)),
        None => Ok(None),
    }
}

/// What no org has as its id.
const NO_ORG: &str = "";

/// The org that another system calls so. An id that one may not see narrows a list to what one may see of that part; a name
/// must not do that, or it would tell that it is given to somebody.
async fn named(ctx: &Context<'_>, name: &ExternalIdInput) -> async_graphql::Result<String> {
    // In a box: most requests name an id, and need no room for this.
    let seen = Box::pin(async {
        let Some(id) = find(ctx, name, Identified::Organization).await? else {
            return Ok(None);
        };
        let reading = ctx.operation()?.reading().await?;
        let place = reading.named_place(&id).await;
        place.map_err(|failure| to_error(&failure))
    });
    Ok(seen.await?.map_or_else(|| NO_ORG.to_owned(), |place| place.id))
}
