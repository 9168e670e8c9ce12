use std::sync::Arc;

use async_graphql::{Context, Subscription};
use futures_util::stream::Stream;

use super::LogCursor;
use super::change::{Change, LogMessage};
use super::equals::Told;
use super::stream::{follow, messages, placed};
use crate::events::cut::{self, Part};
use crate::events::follower::Lens;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::within::{self, OrganizationScopeInput};

placed!(LogMessage: Change, Resumed, Gap, Lagged);

#[derive(Default)]
pub struct LogSubscription;

#[Subscription]
impl LogSubscription {
    /// The log itself, from `after` on: every change that the reader may know of, in the order of the commits, none lost
    /// and none twice. What a move or a change of the reader's own rights does comes as `LEAVE_SCOPE` with extent `SUBTREE`
    /// (forget what lies at and below the org) and `ENTER_SCOPE` with extent `SUBTREE` (read anew what is visible there);
    /// `changes` tells the same row by row.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Go on behind this cursor; from now on where it is left out.")] after: Option<LogCursor>,
        #[graphql(desc = "Only changes in this part of the tree.")] within: Option<OrganizationScopeInput>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<Told<LogMessage>>> + use<>> {
        let lens =
            |part: Option<Part>| -> Lens { Arc::new(move |reader, entry| cut::told(reader, entry, part.as_ref())) };
        let within = Box::pin(within::read(ctx, within)).await?;
        let follower = follow(ctx, within, after, lens).await?;
        let follower = follower.of_the_log().map_err(|f| to_error(&f))?;
        Ok(messages(ctx.operation()?.clone(), follower, told))
    }
}

fn told(entry: &crate::events::catalogue::Entry, sight: domain::sync::Sight, cursor: LogCursor) -> LogMessage {
    LogMessage::Change(Change::of(&entry.row, sight, cursor))
}
