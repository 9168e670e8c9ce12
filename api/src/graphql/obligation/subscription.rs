use std::sync::Arc;

use async_graphql::{Context, ID, Object, Subscription, Union};
use domain::vocabulary::{ChangeOp, EntityKind};
use futures_util::stream::Stream;

use super::object::{Obligation, ObligationById};
use crate::events::follower::Lens;
use crate::graphql::context::ContextExt as _;
use crate::graphql::loaders;
use crate::graphql::log::LogCursor;
use crate::graphql::log::change::{Gap, Lagged, Resumed};
use crate::graphql::log::stream::{follow, messages, placed};
use crate::ops::organization::Within;

/// An obligation of the org changed.
pub struct ObligationChanged {
    cursor: LogCursor,
    op: ChangeOp,
    id: String,
}

/// Something owed began, was met, fell due, was excused.
#[Object]
impl ObligationChanged {
    /// Go on behind this change.
    async fn cursor(&self) -> &LogCursor {
        &self.cursor
    }
    async fn op(&self) -> ChangeOp {
        self.op
    }
    async fn obligation_id(&self) -> ID {
        ID(self.id.clone())
    }
    /// As it stands now; null where it is out of sight.
    async fn obligation(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Obligation>> {
        Ok(loaders::load(ctx.data()?, ObligationById(self.id.clone()))
            .await?
            .map(Obligation))
    }
}

/// A message about the obligations of an org.
#[derive(Union)]
pub enum ObligationMessage {
    Changed(ObligationChanged),
    Resumed(Resumed),
    Gap(Gap),
    Lagged(Lagged),
}

placed!(ObligationMessage: Changed, Resumed, Gap, Lagged);

#[derive(Default)]
pub struct ObligationSubscription;

#[Subscription]
impl ObligationSubscription {
    /// What an org owes, each time one of the obligations changes.
    async fn obligations(
        &self,
        ctx: &Context<'_>,
        organization: ID,
        after: Option<LogCursor>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<ObligationMessage>> + use<>> {
        let within = Within::Exactly(organization.0);
        let part = within.clone();
        let lens: Lens = Arc::new(move |reader, entry| {
            let wanted = entry.moment.kind == EntityKind::Obligation && entry.is_within(&part);
            wanted.then(|| reader.sight(&entry.moment)).flatten()
        });
        let follower = follow(ctx, Some(&within), after, lens).await?;
        Ok(messages(ctx.operation()?.clone(), follower, |_, sight, cursor| {
            ObligationMessage::Changed(ObligationChanged {
                cursor,
                op: sight.op,
                id: sight.entity_id,
            })
        }))
    }
}
