use std::sync::Arc;

use async_graphql::{Context, Subscription};
use futures_util::stream::{Stream, unfold};

use super::LogCursor;
use super::change::{Change, Gap, Lagged, LogMessage, Resumed};
use crate::app::App;
use crate::events::follower::{Follower, Lens, Step};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::page::OrganizationScopeInput;
use crate::ops::organization::Within;
use crate::ops::outcome::Outcome;

#[derive(Default)]
pub struct LogSubscription;

#[Subscription]
impl LogSubscription {
    /// The log itself, from `after` on: every change that the reader may know of, in the order of the commits, none lost
    /// and none twice.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Go on behind this cursor; from now on where it is left out.")] after: Option<LogCursor>,
        #[graphql(desc = "Only changes in this part of the tree.")] within: Option<OrganizationScopeInput>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<LogMessage>> + use<>> {
        let operation = ctx.operation()?;
        let within = within.map(Within::from);
        if let Some(within) = &within {
            let reading = operation.reading().await?;
            reading.visible(within).await.map_err(|f| to_error(&f))?;
        }
        operation.renew().await;
        let lens: Lens = Arc::new(move |reader, entry| {
            let inside = within.as_ref().is_none_or(|within| entry.is_within(within));
            inside.then(|| reader.told(&entry.moment)).flatten()
        });
        let after = after.as_ref().map(|cursor| cursor.0.as_str());
        let follower = Follower::begin(&operation.app, operation.holder.as_ref(), after, lens).await;
        let follower = follower.and_then(Follower::of_the_log).map_err(|f| to_error(&f))?;
        Ok(messages(operation.app.clone(), follower))
    }
}

fn messages(app: Arc<App>, follower: Follower) -> impl Stream<Item = async_graphql::Result<LogMessage>> {
    unfold(Some((app, follower)), |state| async {
        let (app, mut follower) = state?;
        match follower.next().await {
            Ok(None) => None,
            Ok(Some(step)) => {
                let said = said(&app, &follower, step).map_err(|f| to_error(&f));
                Some((said, Some((app, follower))))
            }
            Err(failure) => Some((Err(to_error(&failure)), None)),
        }
    })
}

fn said(app: &App, follower: &Follower, step: Step) -> Outcome<LogMessage> {
    let cursor = |at| follower.cursor(app, at).map(LogCursor);
    Ok(match step {
        Step::Resumed { at, replayed } => LogMessage::Resumed(Resumed {
            cursor: cursor(at)?,
            replayed: i64::try_from(replayed).unwrap_or(i64::MAX),
        }),
        Step::Gap { at, cause } => LogMessage::Gap(Gap {
            cursor: cursor(at)?,
            cause,
        }),
        Step::Lagged { at } => LogMessage::Lagged(Lagged { cursor: cursor(at)? }),
        Step::Change { entry, sight } => LogMessage::Change(Change::of(&entry.row, sight, cursor(entry.point())?)),
    })
}
