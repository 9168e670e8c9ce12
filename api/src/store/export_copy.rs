//! The rows of an export as they come. PostgreSQL copies them out on a connection of their own, in the snapshot of the export: a
//! line for each, without what an answer to a statement costs row by row.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use sea_orm::{ConnectionTrait as _, Statement};
use sqlx::AssertSqlSafe;
use tokio::sync::mpsc::Sender;

use super::StoreResult;
use super::connect::Database;
use super::export_row::{ExportRow, read};
use super::export_rows::{PATIENCE, Wanted};
use super::transaction::{Snapshot, statement};

/// Rows that are handed on together.
const BATCH: usize = 512;
/// Days, instants and texts as they are read here, whatever the server is set to.
const FORMS: &str = "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'";
/// How often the export's own transaction, which only holds the snapshot meanwhile, is asked for something: it would be ended as idle.
const SIGN: Duration = Duration::from_secs(20);

/// Where rows go, some at a time.
pub struct Taker<'a, T> {
    pub to: &'a Sender<T>,
    pub batch: Box<dyn Fn(Vec<ExportRow>) -> T + Send + Sync>,
}

impl<T: Send> Taker<'_, T> {
    /// Whether somebody took them.
    async fn take(&self, rows: &mut Vec<ExportRow>) -> bool {
        let rows = std::mem::replace(rows, Vec::with_capacity(BATCH));
        self.to.send((self.batch)(rows)).await.is_ok()
    }
}

impl Database {
    /// Hands on the rows of a kind as the snapshot shows them, to the last one or as long as somebody takes them; whether all were taken.
    ///
    /// # Errors
    /// The database fails.
    pub async fn export<T: Send>(
        &self,
        from: &Snapshot,
        wanted: Wanted<'_>,
        taker: &Taker<'_, T>,
    ) -> StoreResult<bool> {
        let statement = from.exported(wanted).await?;
        if self.is_postgres() {
            return self.copy(from, &statement, taker).await;
        }
        let mut answers = from.tx.answers(statement).await?;
        let mut rows = Vec::with_capacity(BATCH);
        while let Some(row) = answers.next().await {
            rows.push(ExportRow::read(row?));
            if rows.len() == BATCH && !taker.take(&mut rows).await {
                return Ok(false);
            }
        }
        Ok(rows.is_empty() || taker.take(&mut rows).await)
    }

    async fn copy<T: Send>(&self, from: &Snapshot, wanted: &Statement, taker: &Taker<'_, T>) -> StoreResult<bool> {
        let shared = statement(&from.tx, "SELECT pg_export_snapshot()", Vec::new());
        let shared = from.tx.query_one_raw(shared).await?;
        let shared: String = shared.map_or_else(|| Ok(String::new()), |row| row.try_get_by_index(0))?;
        let mut connection = self
            .reads
            .get_postgres_connection_pool()
            .acquire()
            .await
            .map_err(read)?;
        // Who leaves in the middle leaves rows behind that are nobody's answer.
        connection.close_on_drop();
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{shared}'; {PATIENCE}; {FORMS}"
        );
        let begun = sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut *connection).await;
        begun.map_err(read)?;
        // `COPY` takes no values beside it: here they are ids, paths, days and words of ours.
        let copy = format!("COPY ({wanted}) TO STDOUT");
        let mut lines = connection.copy_out_raw(&copy).await.map_err(read)?;
        let (mut rows, mut asked) = (Vec::with_capacity(BATCH), Instant::now());
        while let Some(line) = lines.next().await {
            rows.push(ExportRow::copied(line.map_err(read)?));
            if rows.len() < BATCH {
                continue;
            }
            if !taker.take(&mut rows).await {
                return Ok(false);
            }
            if asked.elapsed() >= SIGN {
                from.tx.execute_unprepared("SELECT 1").await?;
                asked = Instant::now();
            }
        }
        Ok(rows.is_empty() || taker.take(&mut rows).await)
    }
}
