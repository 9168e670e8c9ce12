use async_graphql::{Context, ID, Object, Subscription, Union};
use domain::vocabulary::{ChangeOp, EntityKind};
use futures_util::stream::Stream;

use super::object::{Activity, ActivityById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::loaders;
use crate::graphql::log::LogCursor;
use crate::graphql::log::change::{Gap, Lagged, Resumed};
use crate::graphql::log::equals::Told;
use crate::graphql::log::stream::{follow, messages, of_kind, placed};
use crate::ops::organization::Within;

/// An activity of the org changed.
pub struct ActivityChanged {
    cursor: LogCursor,
    op: ChangeOp,
    id: String,
}

/// An activity was scheduled, changed, held, recorded, cancelled.
#[Object]
impl ActivityChanged {
    /// Go on behind this change.
    async fn cursor(&self) -> &LogCursor {
        &self.cursor
    }
    /// What happened.
    async fn op(&self) -> ChangeOp {
        self.op
    }
    /// The activity.
    async fn activity_id(&self) -> ID {
        ID(self.id.clone())
    }
    /// As it stands now; null where it is out of sight.
    async fn activity(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Activity>> {
        Ok(loaders::load(ctx.data()?, ActivityById(self.id.clone()))
            .await?
            .map(Activity::from))
    }
}

/// A message about the activities of an org.
#[derive(Union)]
pub enum ActivityMessage {
    Changed(ActivityChanged),
    Resumed(Resumed),
    Gap(Gap),
    Lagged(Lagged),
}

placed!(ActivityMessage: Changed, Resumed, Gap, Lagged);

#[derive(Default)]
pub struct ActivitySubscription;

#[Subscription]
impl ActivitySubscription {
    /// The activities of an org, each time one of them changes; joint ones too.
    async fn activities(
        &self,
        ctx: &Context<'_>,
        organization: ID,
        after: Option<LogCursor>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<Told<ActivityMessage>>> + use<>> {
        let within = Within::Exactly(organization.0);
        let follower = follow(ctx, Some(within), after, of_kind(EntityKind::Activity)).await?;
        Ok(messages(ctx.operation()?.clone(), follower, |_, sight, cursor| {
            ActivityMessage::Changed(ActivityChanged {
                cursor,
                op: sight.op,
                id: sight.entity_id,
            })
        }))
    }
}
