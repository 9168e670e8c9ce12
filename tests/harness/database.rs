//! A database per test, copied from a template that is migrated once per process.

use std::fs::File;
use std::future::Future;
use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};

use crate::{postgres, watchdog};

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// An empty, migrated database that belongs to one test.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    /// What the server takes as its database URL.
    pub url: String,
    pub kind: Kind,
}

impl TestDatabase {
    /// Copies the template. May be called from async code (it works on a thread of its own).
    ///
    /// # Errors
    /// Says why there is no database of this kind (in words, for the test's output).
    pub fn create(kind: Kind) -> Result<Self, String> {
        let url = match kind {
            Kind::Sqlite => copy_sqlite()?,
            Kind::Postgres => postgres::copy_template()?,
        };
        Ok(Self { url, kind })
    }

    /// A copy of a PostgreSQL database with all its rows, as a dump that is restored; nobody may connect to the first any more.
    ///
    /// # Panics
    /// Where it cannot be copied.
    #[must_use]
    pub fn copy(&self) -> Self {
        let url = postgres::copy_of(&self.url).expect("the database is copied");
        Self { url, kind: self.kind }
    }

    /// A connection beside the server's, to look at rows directly.
    pub async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url)
            .await
            .expect("a test's own database can be reached")
    }

    /// The number that a statement says, asked beside the server.
    ///
    /// # Panics
    /// Where it says none.
    pub async fn number(&self, sql: &str) -> i64 {
        let connection = self.connect().await;
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(statement).await.expect(sql).expect(sql);
        connection.close().await.expect("closed");
        row.try_get_by_index(0).expect(sql)
    }

    /// Gives the space back early; what is left is removed with the process.
    fn remove(&self) {
        match self.kind {
            Kind::Sqlite => {
                let file = self.url.trim_start_matches("sqlite://");
                let folder = PathBuf::from(file).parent().map(PathBuf::from);
                folder.map(std::fs::remove_dir_all);
            }
            Kind::Postgres => postgres::drop_copy(&self.url),
        }
    }
}

/// A number that the database says.
///
/// # Panics
/// Where it says none.
pub async fn number(database: &TestDatabase, sql: &str) -> i64 {
    let rows = database.connect().await;
    let statement = Statement::from_string(rows.get_database_backend(), sql);
    let row = rows.query_one_raw(statement).await.expect("it can be asked");
    let number = row.expect("a row").try_get_by_index(0).expect("a number");
    let _ = rows.close().await;
    number
}

/// Runs one test on one kind of database, on a runtime of its own, and removes the database whatever happens.
///
/// # Panics
/// Where the test does; or where PostgreSQL is missing and required.
pub fn run_on<Test, Run>(kind: Kind, test: Test)
where
    Test: FnOnce(TestDatabase) -> Run,
    Run: Future<Output = ()> + Send + 'static,
{
    if kind == Kind::Postgres && postgres::is_missing_and_may_be() {
        return;
    }
    let database = TestDatabase::create(kind).unwrap_or_else(|why| panic!("no {kind:?} database: {why}"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be built");
    let run = test(database.clone());
    let outcome = runtime.block_on(async { tokio::spawn(run).await });
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    database.remove();
    if let Err(failed) = outcome {
        std::panic::resume_unwind(failed.into_panic());
    }
}

/// Runs async work from anywhere, also from inside another runtime.
pub(crate) fn wait_for<Output: Send>(work: impl Future<Output = Output> + Send) -> Output {
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be built").block_on(work)
        });
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Brings the database at `url` to the newest schema and closes every connection (a template must be at rest).
pub(crate) async fn migrate(url: &str) -> Result<(), String> {
    let connection = Database::connect(url)
        .await
        .map_err(|e| format!("connect for migration: {e}"))?;
    Migrator::up(&connection, None)
        .await
        .map_err(|e| format!("migrate: {e}"))?;
    connection
        .close()
        .await
        .map_err(|e| format!("close after migration: {e}"))
}

/// A name no other database has, also on a server that several runs of the tests use.
pub(crate) fn next_name() -> String {
    static RUN: OnceLock<String> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let run = RUN.get_or_init(|| random_hex().unwrap_or_else(|_| std::process::id().to_string()));
    format!("test_{run}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// 128 bits that nobody can guess, as 32 digits.
pub(crate) fn random_hex() -> Result<String, String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|e| e.to_string())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn copy_sqlite() -> Result<String, String> {
    static TEMPLATE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let file = watchdog::new_directory("template").join("orglife.db");
        wait_for(migrate(&format!("sqlite://{}?mode=rwc", file.display())))?;
        Ok(file)
    });
    let file = watchdog::new_directory("sqlite").join("orglife.db");
    std::fs::copy(template.as_ref().map_err(String::clone)?, &file).map_err(|e| format!("copy the template: {e}"))?;
    Ok(format!("sqlite://{}", file.display()))
}
