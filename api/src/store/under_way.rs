//! A read transaction that knows whether statements are under way in it.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt as _;
use sea_orm::prelude::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement, StreamTrait as _,
    TransactionStream,
};

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

/// Rows of a statement as they come; until it is dropped, nothing else is answered in the transaction.
pub(super) struct Answers<'a> {
    stream: TransactionStream<'a>,
    _counted: Counted<'a>,
}

impl Answers<'_> {
    /// The next row; none behind the last.
    pub(super) async fn next(&mut self) -> Option<Result<QueryResult, DbErr>> {
        self.stream.next().await
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

    /// Begins a statement whose rows are taken one after the other, so that not all of them are in memory.
    pub(super) async fn answers(&self, statement: Statement) -> Result<Answers<'_>, DbErr> {
        let _counted = self.count();
        let stream = self.inner.stream_raw(statement).await?;
        Ok(Answers { stream, _counted })
    }

    fn count(&self) -> Counted<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Counted(&self.under_way)
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for ReadTransaction {
    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(&self.inner)
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
