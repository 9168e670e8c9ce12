use async_graphql::{Context, Object, SimpleObject};
use domain::vocabulary::EntityKind;

use super::LogCursor;
use super::change::Change;
use crate::events::delta::{self, Delta};
use crate::events::follower::Point;
use crate::events::resume::opened;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::page::{OrganizationScopeInput, refused};
use crate::ops::organization::Within;
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;

/// A page of the log, as far as the reader may know of it.
#[derive(SimpleObject)]
pub struct Changes {
    /// In the order of the commits; may be empty though there is more.
    pub changes: Vec<Change>,
    /// Go on behind this page, here or in a subscription.
    pub cursor: LogCursor,
    pub has_more: bool,
}

#[derive(Default)]
pub struct ChangesQuery;

#[Object]
impl ChangesQuery {
    /// What changed after a cursor, for who keeps a copy. A cursor from which nothing can be gone on answers one
    /// `RESYNC`: make the copy anew by paging the lists, then go on from this page's cursor.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Go on behind this cursor; from the beginning of the log where it is left out.")]
        after: Option<LogCursor>,
        #[graphql(desc = "Only objects of these kinds; what is about a subtree comes always.")] types: Option<
            Vec<EntityKind>,
        >,
        #[graphql(desc = "Only changes in this part of the tree.")] within: Option<OrganizationScopeInput>,
        #[graphql(desc = "1 to 100.")] first: i32,
    ) -> async_graphql::Result<Changes> {
        let most = usize::try_from(first).ok().filter(|most| (1..=100).contains(most));
        let most = most.ok_or_else(|| refused("first: 1 to 100.", "PAGE_SIZE"))?;
        let reading = ctx.operation()?.reading().await?;
        let within = within.map(Within::from);
        page(&reading, after, within, types, most)
            .await
            .map_err(|f| to_error(&f))
    }
}

async fn page(
    reading: &Reading,
    after: Option<LogCursor>,
    within: Option<Within>,
    types: Option<Vec<EntityKind>>,
    most: usize,
) -> Outcome<Changes> {
    let cursor = after.map(|text| opened(&reading.app.keys, &reading.actor.account_id, &text.0));
    let cursor = cursor.transpose()?;
    if let Some(within) = &within {
        reading.visible(within).await?;
    }
    let found = delta::changes(reading, cursor.as_ref(), most, within.as_ref(), types.as_deref()).await?;
    let at = |point: Point| reading.cursor_of(point).map(LogCursor);
    let Delta {
        changes,
        end,
        has_more,
        gap,
    } = found;
    let mut changes = changes
        .into_iter()
        .map(|(row, sight)| {
            let point = Point {
                position: row.position,
                sub: row.sub,
            };
            Ok(Change::of(&row, sight, at(point)?))
        })
        .collect::<Outcome<Vec<Change>>>()?;
    if let Some(cause) = gap {
        changes.push(Change {
            sight: delta::whole_of(reading, within.as_ref()),
            cursor: at(end)?,
            at: reading.app.clock.now(),
            version: None,
            cause: cause.as_str().to_owned(),
            fields: Vec::new(),
        });
    }
    Ok(Changes {
        changes,
        cursor: at(end)?,
        has_more,
    })
}
