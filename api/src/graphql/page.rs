//! The only connection code: arguments, sealed page cursors, connection types.

use async_graphql::{Enum, Error, ErrorExtensions as _, ID, InputObject, InputType, OneofObject, SimpleObject};

use crate::ops::organization::{Key, Page, PageRequest, Within};
use crate::secrets::keyring::Keyring;

/// Most nodes a page may hold.
const MOST: i32 = 100;

/// Which part of the tree a list is about; exactly one field.
#[derive(OneofObject, Clone)]
pub enum OrganizationScopeInput {
    /// This org alone.
    Exactly(ID),
    /// Its direct children.
    ChildrenOf(ID),
    /// The org and everything below it.
    SubtreeOf(ID),
}

impl From<OrganizationScopeInput> for Within {
    fn from(input: OrganizationScopeInput) -> Self {
        match input {
            OrganizationScopeInput::Exactly(id) => Self::Exactly(id.0),
            OrganizationScopeInput::ChildrenOf(id) => Self::ChildrenOf(id.0),
            OrganizationScopeInput::SubtreeOf(id) => Self::SubtreeOf(id.0),
        }
    }
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SortDirection {
    Asc,
    Desc,
}

/// What a count means.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CountMode {
    Exact,
    /// At least; exact where that is as cheap.
    Estimated,
    /// Counted up to 1 000.
    Capped,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CountRelation {
    Equal,
    GreaterOrEqual,
}

/// How many there are, as far as this reader may see.
#[derive(SimpleObject)]
pub struct Count {
    pub value: i64,
    pub relation: CountRelation,
}

/// Up to where `CAPPED` counts.
pub const CAP: u64 = 1000;

impl Count {
    /// How far the database must count for a mode.
    #[must_use]
    pub fn cap(mode: CountMode) -> Option<u64> {
        match mode {
            CountMode::Exact => None,
            CountMode::Estimated | CountMode::Capped => Some(CAP),
        }
    }

    #[must_use]
    pub fn of(counted: u64, mode: CountMode) -> Self {
        let beyond = Self::cap(mode).filter(|cap| counted > *cap);
        let relation = if beyond.is_some() {
            CountRelation::GreaterOrEqual
        } else {
            CountRelation::Equal
        };
        Self {
            value: i64::try_from(beyond.unwrap_or(counted)).unwrap_or(i64::MAX),
            relation,
        }
    }
}

/// Where a page stands in its list.
#[derive(SimpleObject, Clone)]
pub struct PageInfo {
    pub has_next_page: bool,
    pub has_previous_page: bool,
    pub start_cursor: Option<String>,
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
    /// `PAGE_SIZE` or `CURSOR_MISMATCH`.
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
        })
    }
}

fn open(keys: &Keyring, binding: &str, cursor: &str) -> async_graphql::Result<Vec<String>> {
    let opened = keys
        .open(binding, cursor)
        .ok()
        .and_then(|plain| serde_json::from_slice(&plain).ok());
    opened.ok_or_else(|| {
        refused(
            "This cursor belongs to another list, sort or filter.",
            "CURSOR_MISMATCH",
        )
    })
}

/// The cursor of a row from its key values.
pub fn cursor(keys: &Keyring, binding: &str, values: &[String]) -> async_graphql::Result<String> {
    keys.seal(binding, serde_json::json!(values).to_string().as_bytes())
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

/// Declares a connection and its edge. With `counted`, the type gets `totalCount(mode)` from the closure-like counter that
/// the list brings (see the roster).
#[macro_export]
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty) => {
        /// One node of the list with its cursor.
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            pub cursor: String,
            pub node: $node,
        }

        /// A page of the list.
        #[derive(async_graphql::SimpleObject)]
        pub struct $connection {
            pub edges: Vec<$edge>,
            /// The nodes without their edges.
            pub nodes: Vec<$node>,
            pub page_info: $crate::graphql::page::PageInfo,
        }

        impl $connection {
            /// Puts a page together; `values` gives the key values of a row.
            pub fn of<T: Clone>(
                keys: &$crate::secrets::keyring::Keyring,
                binding: &str,
                page: $crate::ops::organization::Page<T>,
                values: impl Fn(&T) -> Vec<String>,
                node: impl Fn(T) -> $node,
            ) -> async_graphql::Result<Self> {
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
