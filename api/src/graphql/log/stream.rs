//! The one way from a follower of the log to the messages of a subscription.

use std::sync::Arc;

use async_graphql::Context;
use domain::sync::Sight;
use domain::vocabulary::EntityKind;
use futures_util::stream::{Stream, StreamExt as _, unfold};

use super::LogCursor;
use super::change::{Gap, Lagged, Resumed};
use super::equals::Told;
use crate::events::catalogue::Entry;
use crate::events::cut::{self, Part};
use crate::events::follower::{Follower, Lens, Step};
use crate::events::hub::Topic;
use crate::graphql::context::{ContextExt as _, Operation};
use crate::graphql::error::to_error;
use crate::ops::organization::Within;
use crate::ops::outcome::Outcome;

/// Begins to follow; a place that the reader may not see is refused as one that does not exist.
///
/// # Errors
/// `NOT_FOUND`, a cursor that is not the account's, not signed in, the database is away.
pub async fn follow(
    ctx: &Context<'_>,
    within: Option<Within>,
    after: Option<LogCursor>,
    lens: impl FnOnce(Option<Part>) -> Lens,
) -> async_graphql::Result<Follower> {
    let part = match within {
        // In a box, as all that happens once: the stream holds room for its largest step for as long as it lives.
        Some(within) => Some(Box::pin(part_of(ctx, within)).await?),
        None => None,
    };
    let org = |part: &Part| Topic::Org(part.within.id().to_owned());
    let topic = part.as_ref().map_or(Topic::Everything, org);
    follow_topic(ctx, after, (topic, lens(part))).await
}

async fn part_of(ctx: &Context<'_>, within: Within) -> async_graphql::Result<Part> {
    let reading = ctx.operation()?.reading().await?;
    let path = reading.visible(&within).await.map_err(|f| to_error(&f))?;
    Ok(Part { within, path })
}

/// Begins to follow what is published under a topic, of which the lens shows what its reader may see.
///
/// # Errors
/// A cursor that is not the account's, not signed in, the database is away.
pub async fn follow_topic(
    ctx: &Context<'_>,
    after: Option<LogCursor>,
    seen: (Topic, Lens),
) -> async_graphql::Result<Follower> {
    let operation = ctx.operation()?;
    // Nothing read before the stream is kept while it runs.
    operation.renew().await;
    // What the transport brought is newer than the operation's text, which a client repeats as it first wrote it.
    let resumed = operation.resume_after.as_deref();
    let after = resumed.or(after.as_ref().map(|cursor| cursor.0.as_str()));
    let follower = Box::pin(Follower::begin(&operation.app, operation.holder.as_ref(), after, seen));
    let follower = follower.await.map_err(|f| to_error(&f))?;
    Ok(follower.until(operation.leaving.clone()))
}

/// A stream about objects of one kind in a part of the tree.
pub fn of_kind(kind: EntityKind) -> impl FnOnce(Option<Part>) -> Lens {
    move |part| {
        Arc::new(move |reader, entry| {
            let wanted = entry.moment.kind == kind;
            let sight = wanted.then(|| cut::sight(reader, entry, part.as_ref())).flatten();
            sight.into_iter().collect()
        })
    }
}

/// A message that says where its reader stands.
pub trait Placed {
    fn cursor(&self) -> &LogCursor;
}

/// Makes a union of messages say where its reader stands: `placed!(Union: Variant, …)`.
macro_rules! placed {
    ($union:ident: $($variant:ident),+) => {
        impl $crate::graphql::log::stream::Placed for $union {
            fn cursor(&self) -> &$crate::graphql::log::LogCursor {
                match self { $(Self::$variant(message) => &message.cursor,)+ }
            }
        }
    };
}
pub(crate) use placed;

/// Notes with each message where its reader stands, for transports that carry it beside the message.
pub fn noting<M: Placed>(
    operation: Arc<Operation>,
    messages: impl Stream<Item = async_graphql::Result<M>>,
) -> impl Stream<Item = async_graphql::Result<M>> {
    messages.inspect(move |message| {
        if let Ok(message) = message {
            operation.stands_at(&message.cursor().0);
        }
    })
}

/// The messages of a stream, each change made into one of them.
pub fn messages<M>(
    operation: Arc<Operation>,
    follower: Follower,
    change: impl Fn(&Entry, Sight, LogCursor) -> M + Send + 'static,
) -> impl Stream<Item = async_graphql::Result<Told<M>>>
where
    M: From<Resumed> + From<Gap> + From<Lagged> + Placed + Send + 'static,
{
    let told = unfold(Some((operation.clone(), follower, change)), |state| async {
        let (operation, mut follower, change) = state?;
        match follower.next().await {
            Ok(None) => None,
            Ok(Some(step)) => {
                let said = said(&operation, &follower, step, &change).map_err(|f| to_error(&f));
                Some((said, Some((operation, follower, change))))
            }
            Err(failure) => Some((Err(to_error(&failure)), None)),
        }
    });
    noting(operation, told)
}

/// One step as a message.
///
/// # Errors
/// No randomness for its cursor.
pub fn said<M>(
    operation: &Operation,
    follower: &Follower,
    step: Step,
    change: &impl Fn(&Entry, Sight, LogCursor) -> M,
) -> Outcome<Told<M>>
where
    M: From<Resumed> + From<Gap> + From<Lagged>,
{
    let cursor = |at| follower.cursor(&operation.app, at).map(LogCursor);
    Ok(Told::alone(match step {
        Step::Resumed { at, replayed } => Resumed {
            cursor: cursor(at)?,
            replayed: i64::try_from(replayed).unwrap_or(i64::MAX),
        }
        .into(),
        Step::Gap { at, cause } => Gap {
            cursor: cursor(at)?,
            cause,
        }
        .into(),
        Step::Lagged { at } => Lagged { cursor: cursor(at)? }.into(),
        Step::Change { entry, sight, at } => {
            let share = operation.share(|| follower.name(&(at, &sight)));
            return Told::shared(share, || cursor(at), |cursor| change(&entry, sight, cursor));
        }
    }))
}
