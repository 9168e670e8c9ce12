//! The one page helper: keyset over sort keys that end in a unique one, `limit + 1` rows, one statement a page.

use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, SimpleExpr};
use sea_orm::{EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, Value};

/// One sort key of a list: an SQL expression without NULLs.
#[derive(Clone, Copy)]
pub struct Key {
    pub column: &'static str,
    pub kind: KeyKind,
    pub descending: bool,
}

#[derive(Clone, Copy)]
pub enum KeyKind {
    Text,
    Int,
    Date,
    Instant,
}

impl Key {
    #[must_use]
    pub const fn text(column: &'static str) -> Self {
        Self {
            column,
            kind: KeyKind::Text,
            descending: false,
        }
    }

    #[must_use]
    pub const fn of(column: &'static str, kind: KeyKind, descending: bool) -> Self {
        Self {
            column,
            kind,
            descending,
        }
    }
}

/// Which page is asked for; `after` holds one value per key, as text.
#[derive(Debug, Clone)]
pub struct PageRequest {
    pub limit: u64,
    /// `last`/`before` instead of `first`/`after`.
    pub backward: bool,
    pub from: Option<Vec<String>>,
    /// Only how long the list is, counted up to here at most; no row is read.
    pub count: Option<Cap>,
}

/// How far is counted; `None`: to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap(pub Option<u64>);

/// How many rows a list has; not `whole`: at least so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub number: u64,
    pub whole: bool,
}

impl Counted {
    /// Of a list that was counted no further than one row beyond the cap.
    #[must_use]
    pub fn up_to(counted: u64, cap: Option<u64>) -> Self {
        Self {
            number: cap.map_or(counted, |cap| Ord::min(counted, cap)),
            whole: cap.is_none_or(|cap| counted <= cap),
        }
    }
}

impl PageRequest {
    /// Asks how long the list is, and for no row of it.
    #[must_use]
    pub fn counting(cap: Option<u64>) -> Self {
        Self {
            limit: 0,
            backward: false,
            from: None,
            count: Some(Cap(cap)),
        }
    }
}

/// A page in the list's own order.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// More rows in the direction of travel.
    pub has_more: bool,
    /// There was a starting point, hence rows on its other side.
    pub has_start: bool,
    pub backward: bool,
    /// Where the request asked for that.
    pub counted: Option<Counted>,
}

impl<T> Page<T> {
    /// Cuts the extra row off and restores the list's order.
    #[must_use]
    pub fn cut(mut rows: Vec<T>, request: &PageRequest) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        if request.backward {
            rows.reverse();
        }
        Self {
            rows,
            has_more,
            has_start: request.from.is_some(),
            backward: request.backward,
            counted: None,
        }
    }

    /// The answer to a request that only counts.
    #[must_use]
    pub fn of_count(counted: Counted) -> Self {
        Self {
            rows: Vec::new(),
            has_more: false,
            has_start: false,
            backward: false,
            counted: Some(counted),
        }
    }

    /// The page of a list that was read as a whole: `behind` tells whether a row lies behind the starting point.
    #[must_use]
    pub fn of_whole(mut all: Vec<T>, request: &PageRequest, behind: impl Fn(&T, &[String]) -> bool) -> Self {
        if let Some(Cap(cap)) = request.count {
            return Self::of_count(Counted::up_to(u64::try_from(all.len()).unwrap_or(u64::MAX), cap));
        }
        if request.backward {
            all.reverse();
        }
        if let Some(from) = &request.from {
            all.retain(|row| behind(row, from));
        }
        all.truncate(usize::try_from(request.limit).unwrap_or(usize::MAX).saturating_add(1));
        Self::cut(all, request)
    }

    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        let (rows, rest) = self.parted();
        rest.with(rows.into_iter().map(f).collect())
    }

    /// The rows, and the page without them.
    #[must_use]
    pub fn parted(self) -> (Vec<T>, Page<()>) {
        let rest = Page {
            rows: Vec::new(),
            has_more: self.has_more,
            has_start: self.has_start,
            backward: self.backward,
            counted: self.counted,
        };
        (self.rows, rest)
    }
}

impl Page<()> {
    /// The same page with these rows.
    #[must_use]
    pub fn with<U>(self, rows: Vec<U>) -> Page<U> {
        Page {
            rows,
            has_more: self.has_more,
            has_start: self.has_start,
            backward: self.backward,
            counted: self.counted,
        }
    }
}

/// Reads a page in one statement, or counts the list, where the request asks for that.
pub(super) async fn read<C, E>(
    tx: &C,
    select: Select<E>,
    keys: &[Key],
    request: &PageRequest,
) -> super::StoreResult<Page<E::Model>>
where
    C: sea_orm::ConnectionTrait,
    E: EntityTrait,
{
    if let Some(Cap(cap)) = request.count {
        return Ok(Page::of_count(count(tx, select, cap).await?));
    }
    Ok(Page::cut(apply(select, keys, request).all(tx).await?, request))
}

/// Applies order, starting point and limit.
pub(super) fn apply<E: EntityTrait>(mut select: Select<E>, keys: &[Key], request: &PageRequest) -> Select<E> {
    if let Some(from) = &request.from {
        select = select.filter(beyond(keys, from, request.backward));
    }
    for key in keys {
        let order = if key.descending == request.backward {
            Order::Asc
        } else {
            Order::Desc
        };
        select = select.order_by(Expr::cust(key.column), order);
    }
    select.limit(request.limit + 1)
}

/// `k1 >= v1 AND ((k1 > v1) OR (k1 = v1 AND k2 > v2) …)`, each key in its own direction. The first part says nothing new; by it an
/// index is read from there on, and not from its begin.
fn beyond(keys: &[Key], from: &[String], backward: bool) -> Condition {
    let mut any = Condition::any();
    for (depth, (key, value)) in keys.iter().zip(from).enumerate() {
        let mut all = Condition::all();
        for (earlier, value) in keys.iter().zip(from).take(depth) {
            all = all.add(compare(earlier, "=", value));
        }
        let operator = if key.descending == backward { ">" } else { "<" };
        any = any.add(all.add(compare(key, operator, value)));
    }
    let Some((key, value)) = keys.iter().zip(from).next() else {
        return any;
    };
    let operator = if key.descending == backward { ">=" } else { "<=" };
    Condition::all().add(compare(key, operator, value)).add(any)
}

fn compare(key: &Key, operator: &str, text: &str) -> SimpleExpr {
    let value: Value = match key.kind {
        KeyKind::Text => text.into(),
        KeyKind::Int => text.parse::<i64>().unwrap_or_default().into(),
        KeyKind::Date => text.parse::<chrono::NaiveDate>().unwrap_or_default().into(),
        KeyKind::Instant => text.parse::<chrono::DateTime<chrono::Utc>>().unwrap_or_default().into(),
    };
    let column = Expr::cust(key.column);
    match operator {
        "=" => column.eq(value),
        ">" => column.gt(value),
        ">=" => column.gte(value),
        "<=" => column.lte(value),
        _ => column.lt(value),
    }
}

/// Counts rows, no further than one beyond `cap` where one is given.
pub(super) async fn count<C: sea_orm::ConnectionTrait, E: EntityTrait>(
    tx: &C,
    select: Select<E>,
    cap: Option<u64>,
) -> super::StoreResult<Counted> {
    let select = select.select_only().expr(Expr::cust("1"));
    let select = match cap {
        Some(cap) => select.limit(cap + 1),
        None => select,
    };
    let inner = sea_orm::QueryTrait::into_query(select);
    let statement = sea_orm::sea_query::Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "number")
        .from_subquery(inner, "counted")
        .to_owned();
    let row = tx.query_one(&statement).await?;
    let number: i64 = row.map_or(Ok(0), |row| row.try_get("", "number"))?;
    Ok(Counted::up_to(u64::try_from(number).unwrap_or_default(), cap))
}
