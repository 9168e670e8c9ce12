//! The only connection code: arguments, sealed page cursors, connection types.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, ErrorExtensions as _, InputObject, InputType, SimpleObject};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::context::ContextExt as _;
use super::count::{Count, CountMode};
use super::error::to_error;
use crate::ops::organization::{Counted, Key, Page, PageRequest};
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
use crate::secrets::keyring::Keyring;

/// Most nodes a page may hold.
const MOST: i32 = 100;

/// Ascending or descending.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SortDirection {
    /// Smallest or earliest first.
    Asc,
    /// Greatest or latest first.
    Desc,
}

/// What reads a page of a list, or counts it, under the reader's scope.
type Read<T> = dyn Fn(Arc<Reading>, PageRequest) -> BoxFuture<'static, Outcome<Page<T>>> + Send + Sync;

/// What counts a list up to a number, under the reader's scope.
type Counting = dyn Fn(Arc<Reading>, Option<u64>) -> BoxFuture<'static, Outcome<Counted>> + Send + Sync;

/// How long a list is: known where the page is all of it, else counted when somebody asks.
pub struct Total {
    known: Option<u64>,
    count: Box<Counting>,
}

impl Total {
    fn of<T: Send + 'static>(page: &Page<T>, read: Arc<Read<T>>) -> Self {
        let whole = !page.has_more && !page.has_start;
        Self {
            known: whole.then(|| u64::try_from(page.rows.len()).unwrap_or(u64::MAX)),
            count: Box::new(move |reading, cap| {
                let counted = read(reading, PageRequest::counting(cap));
                async move {
                    let none = Counted { number: 0, whole: true };
                    Ok(counted.await?.counted.unwrap_or(none))
                }
                .boxed()
            }),
        }
    }

    /// The count, in the snapshot that the operation answers from.
    ///
    /// # Errors
    /// The database is away.
    pub async fn count(&self, ctx: &Context<'_>, mode: CountMode) -> async_graphql::Result<Count> {
        let cap = Count::cap(mode);
        let counted = match self.known {
            Some(known) => Counted::up_to(known, cap),
            None => {
                let reading = ctx.operation()?.reading().await?;
                (self.count)(reading, cap).await.map_err(|failure| to_error(&failure))?
            }
        };
        Ok(counted.into())
    }
}

/// Reads the page that is asked for, and keeps how the whole list is counted.
///
/// # Errors
/// `PAGE_SIZE`, `CURSOR_INVALID`, `CURSOR_MISMATCH`, or the database is away.
pub async fn listed<T, F>(
    ctx: &Context<'_>,
    binding: &str,
    page: PageArguments,
    read: F,
) -> async_graphql::Result<(Page<T>, Total)>
where
    T: Send + 'static,
    F: Fn(Arc<Reading>, PageRequest) -> BoxFuture<'static, Outcome<Page<T>>> + Send + Sync + 'static,
{
    let operation = ctx.operation()?;
    let request = page.request(&operation.app.keys, binding)?;
    let read: Arc<Read<T>> = Arc::new(read);
    let found = read(operation.reading().await?, request).await;
    let found = found.map_err(|failure| to_error(&failure))?;
    let total = Total::of(&found, read);
    Ok((found, total))
}

/// What reads a list: `reads!(within, states => |reading, request| reading.measures_within(&within, &states, &request))`.
/// What stands before the arrow is kept, and copied for each time it is read.
#[macro_export]
macro_rules! reads {
    ($($kept:ident),* => |$reading:ident, $request:ident| $read:expr) => {
        move |$reading: std::sync::Arc<$crate::ops::reading::Reading>, $request: $crate::ops::organization::PageRequest| {
            $(let $kept = $kept.clone();)*
            let page: futures_util::future::BoxFuture<'static, _> = Box::pin(async move { $read.await });
            page
        }
    };
}

/// Where a page stands in its list.
#[derive(SimpleObject, Clone)]
pub struct PageInfo {
    /// Whether nodes lie behind this page.
    pub has_next_page: bool,
    /// Whether nodes lie before this page.
    pub has_previous_page: bool,
    /// Cursor of the first node.
    pub start_cursor: Option<String>,
    /// Cursor of the last node.
    pub end_cursor: Option<String>,
}

/// The arguments of every list: `first` (with `after`) or `last` (with `before`), 1–100.
#[derive(Clone, Default, InputObject)]
pub struct PageArguments {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// What a list's cursors are bound to: its name, sort and filter.
#[must_use]
pub fn binding(list: &str, filter: &impl serde::Serialize) -> String {
    format!("page:{list}:{}", serde_json::to_string(filter).unwrap_or_default())
}

pub(super) fn refused(text: &str, code: &str) -> Error {
    Error::new(text).extend_with(|_, extensions| extensions.set("code", code))
}

impl PageArguments {
    #[must_use]
    pub fn new(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Self {
        Self {
            first,
            after,
            last,
            before,
        }
    }

    /// Reads the arguments; a cursor of another list, sort, filter or deployment is refused.
    ///
    /// # Errors
    /// `PAGE_SIZE`, `CURSOR_INVALID` or `CURSOR_MISMATCH`.
    pub fn request(self, keys: &Keyring, binding: &str) -> async_graphql::Result<PageRequest> {
        let (limit, cursor, backward) = match (self.first, self.last) {
            (Some(first), None) if self.before.is_none() => (first, self.after, false),
            (None, Some(last)) if self.after.is_none() => (last, self.before, true),
            _ => {
                return Err(refused(
                    "Give `first` (with `after`) or `last` (with `before`).",
                    "PAGE_SIZE",
                ));
            }
        };
        if !(1..=MOST).contains(&limit) {
            return Err(refused("A page holds 1 to 100 nodes.", "PAGE_SIZE"));
        }
        let from = cursor.map(|cursor| open(keys, binding, &cursor)).transpose()?;
        Ok(PageRequest {
            limit: u64::try_from(limit).unwrap_or(1),
            backward,
            from,
            count: None,
        })
    }
}

/// Where page cursors are sealed for.
const PLACE: &str = "page";

/// What is sealed in a page cursor.
#[derive(serde::Serialize, serde::Deserialize)]
struct Place {
    /// Hash of list, sort and filter.
    of: String,
    /// One value for each sort key.
    at: Vec<String>,
}

fn mark(binding: &str) -> String {
    use base64::Engine as _;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, binding.as_bytes());
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(digest.as_ref().get(..12).unwrap_or_default())
}

fn open(keys: &Keyring, binding: &str, cursor: &str) -> async_graphql::Result<Vec<String>> {
    let opened = keys.open(PLACE, cursor).ok();
    let place: Option<Place> = opened.and_then(|plain| serde_json::from_slice(&plain).ok());
    let Some(place) = place else {
        return Err(refused("This cursor was not given out here.", "CURSOR_INVALID"));
    };
    if place.of != mark(binding) {
        return Err(refused(
            "This cursor belongs to another list, sort or filter.",
            "CURSOR_MISMATCH",
        ));
    }
    Ok(place.at)
}

/// The cursor of a row from its key values.
pub fn cursor(keys: &Keyring, binding: &str, values: &[String]) -> async_graphql::Result<String> {
    let place = serde_json::json!({"of": mark(binding), "at": values});
    keys.seal(PLACE, place.to_string().as_bytes())
        .map_err(|_| refused("Internal error.", "INTERNAL"))
}

/// Page info and edge cursors of a page, `values` giving the key values of a row.
pub fn frame<T>(
    keys: &Keyring,
    binding: &str,
    page: &Page<T>,
    values: impl Fn(&T) -> Vec<String>,
) -> async_graphql::Result<(PageInfo, Vec<String>)> {
    let cursors = page
        .rows
        .iter()
        .map(|row| cursor(keys, binding, &values(row)))
        .collect::<Result<Vec<_>, _>>()?;
    let (next, previous) = if page.backward {
        (page.has_start, page.has_more)
    } else {
        (page.has_more, page.has_start)
    };
    let info = PageInfo {
        has_next_page: next,
        has_previous_page: previous,
        start_cursor: cursors.first().cloned(),
        end_cursor: cursors.last().cloned(),
    };
    Ok((info, cursors))
}

/// Declares a connection and its edge. `list` reads a page: what `reads!` made, the key values of a row, and what makes the
/// node of it; `totalCount` counts the same list under the same scope, when asked.
#[macro_export]
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty) => {
        /// One node of the list with its cursor.
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// Goes on behind this node as `after`, or before it as `before`, in the same list, sort and filter.
            pub cursor: String,
            /// The node itself.
            pub node: $node,
        }

        $crate::connection!($connection of $edge, $node);
    };
    ($connection:ident of $edge:ident, $node:ty) => {
        /// A page of the list.
        #[derive(async_graphql::SimpleObject)]
        #[graphql(complex)]
        pub struct $connection {
            /// The nodes with their cursors.
            pub edges: Vec<$edge>,
            /// The nodes without their edges.
            pub nodes: Vec<$node>,
            /// Where the page stands in the list.
            pub page_info: $crate::graphql::page::PageInfo,
            #[graphql(skip)]
            total: $crate::graphql::page::Total,
        }

        #[async_graphql::ComplexObject]
        impl $connection {
            /// How many there are in the whole list, as far as the reader may see them; counted only when asked.
            async fn total_count(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(
                    default_with = "crate::graphql::count::CountMode::Capped",
                    desc = "How far to count."
                )]
                mode: $crate::graphql::count::CountMode,
            ) -> async_graphql::Result<$crate::graphql::count::Count> {
                self.total.count(ctx, mode).await
            }
        }

        impl $connection {
            /// Reads a page and puts it together.
            ///
            /// # Errors
            /// Wrong page arguments, or the database is away.
            pub async fn list<T, F>(
                ctx: &async_graphql::Context<'_>,
                binding: &str,
                page: $crate::graphql::page::PageArguments,
                read: F,
                values: impl Fn(&T) -> Vec<String> + Send,
                node: impl Fn(T) -> $node + Send,
            ) -> async_graphql::Result<Self>
            where
                T: Clone + Send + 'static,
                F: Fn(
                        std::sync::Arc<$crate::ops::reading::Reading>,
                        $crate::ops::organization::PageRequest,
                    ) -> futures_util::future::BoxFuture<
                        'static,
                        $crate::ops::outcome::Outcome<$crate::ops::organization::Page<T>>,
                    > + Send
                    + Sync
                    + 'static,
            {
                use $crate::graphql::context::ContextExt as _;
                let (page, total) = $crate::graphql::page::listed(ctx, binding, page, read).await?;
                let keys = &ctx.operation()?.app.keys;
                let (page_info, cursors) = $crate::graphql::page::frame(keys, binding, &page, values)?;
                let edges = page
                    .rows
                    .iter()
                    .cloned()
                    .zip(cursors)
                    .map(|(row, cursor)| $edge {
                        cursor,
                        node: node(row),
                    })
                    .collect();
                Ok(Self {
                    edges,
                    nodes: page.rows.into_iter().map(node).collect(),
                    page_info,
                    total,
                })
            }
        }
    };
}

/// An instant as the value of a sort key: whole, so that the page after it begins where this one ended.
#[must_use]
pub fn instant(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true)
}

/// Keys of a list, for those who declare one.
pub type Keys = &'static [Key];

/// The text of an input object, for its idempotency hash.
pub fn input_text<T: InputType>(input: &T) -> String {
    input.to_value().to_string()
}
