//! Errands 后台任务: jobs that an account begins, one node at a time works on under a lease, and that end by themselves. What exports
//! and imports share of that; both tables have the columns named here.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoIden, SimpleExpr};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _, UpdateMany,
    UpdateResult,
};

use super::StoreResult;
use super::connect::Database;
use super::lease::instant;

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

impl Hold<'_> {
    /// How long the job is the worker's from now on; where now lies is for the database to say.
    fn time(&self) -> TimeDelta {
        self.until - self.now
    }
}

/// How a job ends.
#[derive(Debug, Clone, Copy)]
pub struct End {
    pub state: &'static str,
    pub failure: Option<&'static str>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Until when nobody else may take a job up, as a change leaves it.
enum Locked {
    No,
    /// From the moment of the change on, by the clock of the database.
    For(TimeDelta),
}

/// A change of a job. What it says of the lease is by the clock of the database, which only a connection can tell.
pub(super) struct Change<E: EntityTrait> {
    update: UpdateMany<E>,
    locked: Locked,
    /// It holds for a job that nobody works on.
    of_a_free_one: bool,
}

impl<E: EntityTrait> Change<E> {
    fn of(update: UpdateMany<E>, locked: Locked) -> Self {
        Self {
            update,
            locked,
            of_a_free_one: false,
        }
    }

    pub(super) fn col_expr<T: IntoIden>(self, column: T, value: SimpleExpr) -> Self {
        Self {
            update: self.update.col_expr(column, value),
            ..self
        }
    }

    pub(super) fn filter(self, condition: SimpleExpr) -> Self {
        Self {
            update: self.update.filter(condition),
            ..self
        }
    }

    pub(super) async fn exec<C: ConnectionTrait>(self, connection: &C) -> Result<UpdateResult, DbErr> {
        let backend = connection.get_database_backend();
        let until = match self.locked {
            Locked::No => Expr::value(None::<DateTime<Utc>>),
            Locked::For(time) => instant(backend, time),
        };
        let mut update = self.update.col_expr("locked_until", until);
        if self.of_a_free_one {
            update = update.filter(free(backend));
        }
        update.exec(connection).await
    }
}

/// Jobs that wait or run.
pub(super) fn open() -> SimpleExpr {
    Expr::cust("state").is_in(["QUEUED", "RUNNING"])
}

/// Jobs that nobody works on, or whose worker gave no sign of life in time.
fn free(backend: DbBackend) -> SimpleExpr {
    let until = || Expr::cust("locked_until");
    let over = until().lte(instant(backend, TimeDelta::zero()));
    open().and(until().is_null().or(over))
}

/// Writes to a job as long as it is the worker's.
fn held<E: EntityTrait>(hold: &Hold<'_>, locked: Locked) -> Change<E> {
    Change::of(E::update_many(), locked)
        .filter(Expr::cust("id").eq(hold.job))
        .filter(Expr::cust("holder").eq(hold.holder))
        .filter(Expr::cust("state").eq("RUNNING"))
}

/// The same, with a sign of life.
pub(super) fn signed<E: EntityTrait>(hold: &Hold<'_>) -> Change<E> {
    held(hold, Locked::For(hold.time()))
}

/// Takes up a job that is free.
pub(super) fn taken<E: EntityTrait>(hold: &Hold<'_>) -> Change<E> {
    let change = Change {
        of_a_free_one: true,
        ..Change::of(E::update_many(), Locked::For(hold.time()))
    };
    change
        .col_expr("state", Expr::value("RUNNING"))
        .col_expr("holder", Expr::value(Some(hold.holder)))
        .col_expr("started_at", Expr::value(Some(hold.now)))
        .col_expr("attempts", Expr::cust("attempts + 1"))
        .col_expr("version", Expr::cust("version + 1"))
        .filter(Expr::cust("id").eq(hold.job))
}

/// Puts a job back: for another try at an instant, or for another node at once. Whoever goes down has not tried in vain, so that
/// no number of restarts makes a job come to nothing.
pub(super) fn released<E: EntityTrait>(hold: &Hold<'_>, not_before: Option<DateTime<Utc>>) -> Change<E> {
    let change = match not_before {
        Some(at) => held(hold, Locked::For(at - hold.now)),
        None => held(hold, Locked::No).col_expr(
            "attempts",
            Expr::cust("CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END"),
        ),
    };
    change
        .col_expr("state", Expr::value("QUEUED"))
        .col_expr("holder", Expr::value(None::<String>))
}

fn over<E: EntityTrait>(change: Change<E>, state: &'static str, now: DateTime<Utc>) -> Change<E> {
    change
        .col_expr("state", Expr::value(state))
        .col_expr("holder", Expr::value(None::<String>))
        .col_expr("finished_at", Expr::value(Some(now)))
        .col_expr("version", Expr::cust("version + 1"))
}

/// Ends a job that this worker holds.
pub(super) fn ended<E: EntityTrait>(hold: &Hold<'_>, end: End) -> Change<E> {
    over(held(hold, Locked::No), end.state, hold.now)
        .col_expr("failure", Expr::value(end.failure))
        .col_expr("expires_at", Expr::value(end.expires_at))
}

/// Ends a job for its account; whoever works on it finds that it is not theirs any more.
pub(super) fn cancelled<E: EntityTrait>(id: &str, now: DateTime<Utc>) -> Change<E> {
    over(Change::of(E::update_many(), Locked::No), "CANCELLED", now).filter(Expr::cust("id").eq(id))
}

/// The oldest jobs of a table that a node may take up. What the node's own clock says has no part in it.
pub(super) async fn waiting<E: EntityTrait>(database: &Database) -> StoreResult<Vec<String>> {
    Ok(E::find()
        .select_only()
        .expr(Expr::cust("id"))
        .filter(free(database.feed.get_database_backend()))
        .order_by_asc(Expr::cust("created_at"))
        .limit(LOOKED_AT)
        .into_tuple()
        .all(&database.feed)
        .await?)
}
