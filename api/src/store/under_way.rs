//! A read transaction that knows whether statements are under way in it.

use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::prelude::async_trait;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

/// The transaction of a snapshot. It counts the statements that somebody still waits for, those that wait for the
/// connection included.
pub(super) struct ReadTransaction {
    inner: DatabaseTransaction,
    under_way: AtomicUsize,
}

/// Takes a statement out of the count when it is answered, or given up.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ReadTransaction {
    pub(super) fn new(inner: DatabaseTransaction) -> Self {
        Self {
            inner,
            under_way: AtomicUsize::new(0),
        }
    }

    /// Whether somebody waits for a statement.
    pub(super) fn is_busy(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) > 0
    }

    fn count(&self) -> Counted<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Counted(&self.under_way)
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for ReadTransaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let _counted = self.count();
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let _counted = self.count();
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let _counted = self.count();
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let _counted = self.count();
        self.inner.query_all_raw(statement).await
    }
}
