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
        }
    }

    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(f).collect(),
            has_more: self.has_more,
            has_start: self.has_start,
            backward: self.backward,
        }
    }
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

/// `(k1 > v1) OR (k1 = v1 AND k2 > v2) …`, each key in its own direction.
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
    any
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
        _ => column.lt(value),
    }
}

/// Counts rows, no further than `cap` where one is given.
pub(super) async fn count<C: sea_orm::ConnectionTrait, E: EntityTrait>(
    tx: &C,
    select: Select<E>,
    cap: Option<u64>,
) -> super::StoreResult<u64> {
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
    Ok(u64::try_from(number).unwrap_or_default())
}
