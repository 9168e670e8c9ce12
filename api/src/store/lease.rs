//! Leases 租约 run by the clock of the database, so that clocks of nodes need not agree: whoever takes, keeps or finds free what one
//! node has at a time writes and compares these instants, never its own.

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ConnectionTrait as _, DbBackend};

use super::StoreResult;
use super::transaction::Write;

/// Now by the clock of the database, or so long from now, as columns of instants have it.
pub(super) fn instant(backend: DbBackend, ahead: TimeDelta) -> SimpleExpr {
    let milliseconds = ahead.num_milliseconds();
    Expr::cust(match backend {
        DbBackend::Postgres => format!("(clock_timestamp() + {milliseconds} * INTERVAL '1 millisecond')"),
        // As the driver writes instants, so that texts compare as what they stand for.
        _ => format!(
            "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '{}{}.{:03} seconds')",
            if milliseconds < 0 { '-' } else { '+' },
            milliseconds.abs() / 1000,
            milliseconds.abs() % 1000
        ),
    })
}

/// The same in milliseconds since 1970, for columns of numbers.
pub(super) fn milliseconds(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        _ => "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)",
    }
}

/// All leases, let go of.
const FREED: [&str; 4] = [
    "UPDATE job SET state = 'IDLE', holder = NULL, locked_until = NULL WHERE state = 'RUNNING'",
    "UPDATE export_job SET locked_until = NULL WHERE state = 'RUNNING'",
    "UPDATE import_job SET locked_until = NULL WHERE state = 'RUNNING'",
    "UPDATE webhook SET holder = NULL, leased_until = 0 WHERE holder IS NOT NULL",
];

impl Write {
    /// Lets go of whatever anybody has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn free_leases(&self) -> StoreResult<()> {
        for sql in FREED {
            self.tx.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use sea_orm::Statement;
    use sea_orm::sea_query::{Query, SqliteQueryBuilder};

    use super::*;

    /// In a rolling upgrade the driver writes some of these instants and the database the others.
    #[tokio::test]
    async fn instants_of_an_embedded_database_compare_with_those_that_its_driver_writes() {
        let connection = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        let instants = [-60_500, 0, 60_500].map(|ahead| instant(DbBackend::Sqlite, TimeDelta::milliseconds(ahead)));
        let sql = Query::select().exprs(instants).to_string(SqliteQueryBuilder);
        let row = connection
            .query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
            .await;
        let row = row.unwrap().unwrap();
        let read = |column: usize| -> (DateTime<Utc>, String) {
            (
                row.try_get_by_index(column).unwrap(),
                row.try_get_by_index(column).unwrap(),
            )
        };
        let (before, now, later) = (read(0), read(1), read(2));
        assert_eq!(later.0 - now.0, TimeDelta::milliseconds(60_500));
        assert_eq!(now.0 - before.0, TimeDelta::milliseconds(60_500));
        for (at, text) in [before, now, later] {
            let near = TimeDelta::microseconds(999);
            let values = [text.as_str().into(), (at - near).into(), (at + near).into(), at.into()];
            let sql = "SELECT CAST($1 > $2 AND $1 < $3 AND $1 >= $4 AS TEXT)";
            let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
            let row = connection.query_one_raw(statement).await.unwrap().unwrap();
            assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "1", "{text}");
        }
    }
}
