use async_graphql::{Context, Object, SimpleObject};
use domain::vocabulary::EntityKind;

use super::LogCursor;
use super::change::Change;
use crate::events::cut::Part;
use crate::events::delta::{self, Asked, Delta, Mark};
use crate::events::resume::opened;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::page::refused;
use crate::graphql::within::{self, OrganizationScopeInput};
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
    /// Whether there is more behind this page.
    pub has_more: bool,
}

#[derive(Default)]
pub struct ChangesQuery;

#[Object]
impl ChangesQuery {
    /// What changed after a cursor, for who keeps a copy. Who applies every line in order (`UPSERT` and `ENTER_SCOPE`: keep
    /// `entity`, or forget it where it is null; `DELETE` and `LEAVE_SCOPE`: forget it, with everything at and below it where
    /// the extent is `SUBTREE`) keeps exactly what they may see. A move, and a change of the reader's own posts or
    /// membership, is told row by row: `LEAVE_SCOPE` for the subtree, then `ENTER_SCOPE` for each row that is visible there
    /// now. `RESYNC` says that there is too much for that, or that the cursor cannot be gone on from: forget the subtree,
    /// page the lists, then go on from this page's cursor.
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
        let within = within::read(ctx, within).await?;
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
    let part = match within {
        Some(within) => Some(Part {
            path: reading.visible(&within).await?,
            within,
        }),
        None => None,
    };
    let asked = Asked {
        first: most,
        part: part.as_ref(),
        types: types.as_deref(),
    };
    let found = delta::changes(reading, cursor.as_ref(), asked).await?;
    let at = |mark: Mark| reading.cursor_inside(mark.point, mark.inside).map(LogCursor);
    let Delta {
        changes,
        end,
        has_more,
        gap,
    } = found;
    let mut changes = changes
        .into_iter()
        .map(|line| Ok(Change::of(&line.entry.row, line.sight, at(line.at)?)))
        .collect::<Outcome<Vec<Change>>>()?;
    if let Some(cause) = gap {
        changes.push(Change {
            sight: delta::whole_of(reading, part.as_ref().map(|part| &part.within)),
            cursor: at(end.clone())?,
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
