use async_graphql::{Context, ID, Object, Subscription, Union};
use domain::vocabulary::{ChangeOp, EntityKind};
use futures_util::stream::Stream;

use super::object::{Obligation, ObligationById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::loaders;
use crate::graphql::log::LogCursor;
use crate::graphql::log::change::{Gap, Lagged, Resumed};
use crate::graphql::log::equals::Told;
use crate::graphql::log::stream::{follow, messages, of_kind, placed};
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
    /// What happened.
    async fn op(&self) -> ChangeOp {
        self.op
    }
    /// The obligation.
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
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<Told<ObligationMessage>>> + use<>> {
        let within = Within::Exactly(organization.0);
        let follower = follow(ctx, Some(within), after, of_kind(EntityKind::Obligation)).await?;
        Ok(messages(ctx.operation()?.clone(), follower, |_, sight, cursor| {
            ObligationMessage::Changed(ObligationChanged {
                cursor,
                op: sight.op,
                id: sight.entity_id,
            })
        }))
    }
}
