//! Errands 后台任务: jobs that an account begins, one node at a time works on under a lease, and that end by themselves. What exports
//! and imports share of that; both tables have the columns named here.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _, UpdateMany};

use super::StoreResult;
use super::connect::Database;

/// Jobs that a node looks at before it looks again.
const LOOKED_AT: u64 = 4;

/// Who works on a job, and until when without a sign of life. Whatever a worker writes holds only while this does.
#[derive(Debug, Clone, Copy)]
pub struct Hold<'a> {
    pub job: &'a str,
    pub holder: &'a str,
    pub now: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// How a job ends.
#[derive(Debug, Clone, Copy)]
pub struct End {
    pub state: &'static str,
    pub failure: Option<&'static str>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Jobs that wait or run.
pub(super) fn open() -> SimpleExpr {
    Expr::cust("state").is_in(["QUEUED", "RUNNING"])
}

/// Jobs that nobody works on, or whose worker gave no sign of life in time.
fn free(now: DateTime<Utc>) -> SimpleExpr {
    let until = || Expr::cust("locked_until");
    open().and(until().is_null().or(until().lte(now)))
}

/// Writes to a job as long as it is the worker's.
pub(super) fn held<E: EntityTrait>(hold: &Hold<'_>) -> UpdateMany<E> {
    E::update_many()
        .filter(Expr::cust("id").eq(hold.job))
        .filter(Expr::cust("holder").eq(hold.holder))
        .filter(Expr::cust("state").eq("RUNNING"))
}

/// The same, with a sign of life.
pub(super) fn signed<E: EntityTrait>(hold: &Hold<'_>) -> UpdateMany<E> {
    held(hold).col_expr("locked_until", Expr::value(Some(hold.until)))
}

/// Takes up a job that is free.
pub(super) fn taken<E: EntityTrait>(hold: &Hold<'_>) -> UpdateMany<E> {
    E::update_many()
        .col_expr("state", Expr::value("RUNNING"))
        .col_expr("holder", Expr::value(Some(hold.holder)))
        .col_expr("locked_until", Expr::value(Some(hold.until)))
        .col_expr("started_at", Expr::value(Some(hold.now)))
        .col_expr("attempts", Expr::cust("attempts + 1"))
        .col_expr("version", Expr::cust("version + 1"))
        .filter(Expr::cust("id").eq(hold.job))
        .filter(free(hold.now))
}

/// Puts a job back for another node, or for another try at an instant.
pub(super) fn released<E: EntityTrait>(hold: &Hold<'_>, not_before: Option<DateTime<Utc>>) -> UpdateMany<E> {
    held(hold)
        .col_expr("state", Expr::value("QUEUED"))
        .col_expr("holder", Expr::value(None::<String>))
        .col_expr("locked_until", Expr::value(not_before))
}

fn over<E: EntityTrait>(update: UpdateMany<E>, state: &'static str, now: DateTime<Utc>) -> UpdateMany<E> {
    update
        .col_expr("state", Expr::value(state))
        .col_expr("holder", Expr::value(None::<String>))
        .col_expr("locked_until", Expr::value(None::<DateTime<Utc>>))
        .col_expr("finished_at", Expr::value(Some(now)))
        .col_expr("version", Expr::cust("version + 1"))
}

/// Ends a job that this worker holds.
pub(super) fn ended<E: EntityTrait>(hold: &Hold<'_>, end: End) -> UpdateMany<E> {
    over(held(hold), end.state, hold.now)
        .col_expr("failure", Expr::value(end.failure))
        .col_expr("expires_at", Expr::value(end.expires_at))
}

/// Ends a job for its account; whoever works on it finds that it is not theirs any more.
pub(super) fn cancelled<E: EntityTrait>(id: &str, now: DateTime<Utc>) -> UpdateMany<E> {
    over(E::update_many(), "CANCELLED", now).filter(Expr::cust("id").eq(id))
}

/// The oldest jobs of a table that a node may take up.
pub(super) async fn waiting<E: EntityTrait>(database: &Database, now: DateTime<Utc>) -> StoreResult<Vec<String>> {
    Ok(E::find()
        .select_only()
        .expr(Expr::cust("id"))
        .filter(free(now))
        .order_by_asc(Expr::cust("created_at"))
        .limit(LOOKED_AT)
        .into_tuple()
        .all(&database.feed)
        .await?)
}
