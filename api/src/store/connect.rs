//! Both databases from one code path.

use std::fs::File;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, DbBackend};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, Executor as _};
use tokio::sync::Notify;

use super::rulebook_rows::KeptRulebooks;
use super::settled::Settled;

/// Pools of one database. SQLite has one writer; a second process on the same file is refused.
#[derive(Clone)]
pub struct Database {
    pub(super) reads: DatabaseConnection,
    pub(super) writes: DatabaseConnection,
    /// For what a node does of its own accord, so that neither a burst of reads nor one of writes holds it up.
    pub(super) feed: DatabaseConnection,
    statements: Arc<AtomicU64>,
    feed_statements: Arc<AtomicU64>,
    answers: Arc<AtomicU64>,
    pub(super) commits: Arc<Notify>,
    pub(super) settled: Settled,
    pub(crate) rulebooks: Arc<KeptRulebooks>,
    pub(super) url: String,
    /// With what the node signs its notifications, so that it does not wake itself.
    pub(super) name: Arc<str>,
    /// The file of an embedded database.
    pub(super) file: Option<PathBuf>,
    _lock: Option<Arc<File>>,
}

/// Name of the advisory lock of [`Database::alone`]: `orglife` in ASCII.
const UPKEEP: i64 = 0x006f_7267_6c69_6665;

/// The right to bring a database up to date, see [`Database::alone`]; it ends with [`Alone::end`].
pub struct Alone(DatabaseConnection);

impl Alone {
    /// Brings the schema up to date.
    ///
    /// # Errors
    /// A migration that the database refuses.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        use migration::MigratorTrait as _;
        migration::Migrator::up(&self.0, None).await.context("migration failed")
    }

    /// Throws everything away and makes the tables anew.
    ///
    /// # Errors
    /// A migration that the database refuses.
    pub async fn empty(&self) -> anyhow::Result<()> {
        use migration::MigratorTrait as _;
        migration::Migrator::refresh(&self.0)
            .await
            .context("the database cannot be emptied")
    }

    /// Lets the next one in.
    pub async fn end(self) {
        if self.0.get_database_backend() == DbBackend::Postgres {
            let _ = self.0.close().await;
        }
    }
}

impl Database {
    /// Opens `sqlite://PATH` or `postgres://…`. It does not migrate.
    ///
    /// # Errors
    /// Unknown scheme, unreachable server, or a SQLite file that another process holds.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        Self::open_with(url, REQUEST).await
    }

    /// The same for a command that looks at everything: on PostgreSQL a statement may take as long as it takes.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_for_upkeep(url: &str) -> anyhow::Result<Self> {
        Self::open_with(url, &[]).await
    }

    async fn open_with(url: &str, limits: &'static [(&str, &str)]) -> anyhow::Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            Self::open_sqlite(Path::new(path)).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url, limits).await
        } else {
            anyhow::bail!("the database URL must begin with sqlite:// or postgres://")
        }
    }

    async fn open_sqlite(path: &Path) -> anyhow::Result<Self> {
        let lock = hold(path).await?;
        let open = async |connections: u32| {
            let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
            options
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(3))
                .test_before_acquire(false)
                .sqlx_logging(false)
                .map_sqlx_sqlite_before_acquire(|connection, _| Box::pin(has_no_transaction(connection)))
                .map_sqlx_sqlite_opts(|options| {
                    options
                        .journal_mode(SqliteJournalMode::Wal)
                        // An acknowledged write survives a loss of power.
                        .synchronous(SqliteSynchronous::Full)
                        .busy_timeout(Duration::from_secs(5))
                        .foreign_keys(true)
                });
            sea_orm::Database::connect(options)
                .await
                .with_context(|| format!("cannot open {}", path.display()))
        };
        let (statements, feed_statements, answers) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self {
            writes: counted(open(1).await?, &statements, &answers),
            reads: counted(open(4).await?, &statements, &answers),
            feed: counted(open(4).await?, &feed_statements, &Arc::default()),
            statements,
            feed_statements,
            answers,
            commits: Arc::default(),
            settled: Settled::with(None),
            rulebooks: Arc::default(),
            url: String::new(),
            name: Arc::default(),
            file: Some(path.to_owned()),
            _lock: Some(Arc::new(lock)),
        })
    }

    async fn open_postgres(url: &str, limits: &'static [(&str, &str)]) -> anyhow::Result<Self> {
        let (statements, feed_statements, answers) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self {
            writes: counted(postgres(url, 8, limits).await?, &statements, &answers),
            reads: counted(postgres(url, 16, limits).await?, &statements, &answers),
            feed: counted(postgres(url, 4, limits).await?, &feed_statements, &Arc::default()),
            settled: Settled::with(Some(lasting(url, limits).await?)),
            statements,
            feed_statements,
            answers,
            commits: Arc::default(),
            rulebooks: Arc::default(),
            url: url.to_owned(),
            name: format!("{:016x}", u64::from_be_bytes(crate::secrets::random()?)).into(),
            file: None,
            _lock: None,
        })
    }

    /// The right to bring the database up to date, which one process has at a time; others wait for it. On SQLite the
    /// file's lock gives it already.
    ///
    /// # Errors
    /// PostgreSQL cannot be reached, or another process does not come to an end.
    pub async fn alone(&self) -> anyhow::Result<Alone> {
        if !self.is_postgres() {
            return Ok(Alone(self.writes.clone()));
        }
        let mut options = ConnectOptions::new(self.url.clone());
        // One connection: the lock belongs to its session, and a migration takes as long as it takes.
        options
            .min_connections(1)
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .sqlx_logging(false)
            .map_sqlx_postgres_opts(|options| options.options([("lock_timeout", "120s")]));
        let connection = sea_orm::Database::connect(options)
            .await
            .context("cannot reach PostgreSQL")?;
        connection
            .execute_unprepared(&format!("SELECT pg_advisory_lock({UPKEEP})"))
            .await
            .context("another process is bringing the database up to date and does not end")?;
        Ok(Alone(connection))
    }

    /// Whether no org is there yet.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_empty(&self) -> super::StoreResult<bool> {
        use sea_orm::EntityTrait as _;
        Ok(entity::organization::Entity::find().one(&self.reads).await?.is_none())
    }

    /// Statements that operations sent through both pools since the start; `BEGIN` and `COMMIT` are not among them.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Statements that the node sent since the start to follow the log and to know the rights of those who listen.
    #[must_use]
    pub fn feed_statements(&self) -> u64 {
        self.feed_statements.load(Ordering::Relaxed)
    }

    /// Signs of life of the database since the start: statements that it answered, and looks of [`Self::pulse`].
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    pub(super) fn note_answer(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// Closes the pools; what is under way ends first.
    pub async fn close(&self) {
        self.settled.close().await;
        let _ = self.feed.close_by_ref().await;
        let _ = self.reads.close_by_ref().await;
        let _ = self.writes.close_by_ref().await;
    }

    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.reads.get_database_backend() == DbBackend::Postgres
    }
}

/// What PostgreSQL ends of its own accord while requests are served.
const REQUEST: &[(&str, &str)] = &[
    ("statement_timeout", "5s"),
    ("lock_timeout", "2s"),
    ("idle_in_transaction_session_timeout", "15s"),
];

/// A pool of PostgreSQL connections.
async fn postgres(url: &str, connections: u32, limits: &'static [(&str, &str)]) -> anyhow::Result<DatabaseConnection> {
    reached(pool(url, connections, limits)).await
}

/// One connection that is another one only where the server gave it up.
async fn lasting(url: &str, limits: &'static [(&str, &str)]) -> anyhow::Result<DatabaseConnection> {
    let mut options = pool(url, 1, limits);
    options.idle_timeout(None).max_lifetime(None);
    reached(options).await
}

async fn reached(options: ConnectOptions) -> anyhow::Result<DatabaseConnection> {
    sea_orm::Database::connect(options)
        .await
        .context("cannot reach PostgreSQL")
}

fn pool(url: &str, connections: u32, limits: &'static [(&str, &str)]) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(connections)
        // With the time to say so, a database that is away is answered with 503 within three seconds.
        .acquire_timeout(Duration::from_secs(2))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_postgres_before_acquire(|connection, _| {
            Box::pin(async move {
                // sqlx 0.9.0 gives back a connection with an open transaction where a client left during BEGIN. It is also
                // the look whether the server is still there: a dead connection is replaced, not handed out.
                connection.execute("ROLLBACK").await?;
                Ok(!connection.is_in_transaction())
            })
        })
        .map_sqlx_postgres_opts(move |options| {
            // ROLLBACK where nothing is open, as above, is worth no notice each time.
            options
                .options(limits.iter().copied())
                .options([("client_min_messages", "error")])
        });
    options
}

/// Where a COMMIT failed, because the disk is full, SQLite keeps the transaction open; where it rolled back by itself, sqlx
/// counts it as open. In either case what is begun next would be a savepoint within it, and its commit none. Such a
/// connection is closed, which undoes what was open, and another one takes its place.
async fn has_no_transaction(connection: &mut sqlx::SqliteConnection) -> Result<bool, sqlx::Error> {
    if !connection.is_in_transaction() {
        return Ok(true);
    }
    // A rollback may be on its way: the answer comes behind it.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

tokio::task_local! {
    /// Set in a task in which the node works of its own accord.
    static OF_ITS_OWN_ACCORD: ();
}

/// Work that nobody asked for: its statements are not counted among those of operations.
pub async fn of_its_own_accord<T>(work: impl Future<Output = T>) -> T {
    OF_ITS_OWN_ACCORD.scope((), work).await
}

/// Counts what is sent through a pool, transactions included, but for what the node does of its own accord.
/// What is answered counts in any case.
fn counted(mut pool: DatabaseConnection, statements: &Arc<AtomicU64>, answers: &Arc<AtomicU64>) -> DatabaseConnection {
    let (statements, answers) = (Arc::clone(statements), Arc::clone(answers));
    pool.set_metric_callback(move |statement| {
        if !statement.failed {
            answers.fetch_add(1, Ordering::Relaxed);
        }
        if OF_ITS_OWN_ACCORD.try_with(|()| ()).is_err() {
            statements.fetch_add(1, Ordering::Relaxed);
        }
    });
    pool
}

/// Waits so often for a tenth of a second for a process that is just ending to let go of the file.
const PATIENCE: usize = 10;

/// Holds the file's lock for as long as the process lives. What is made on the way (folder, database, lock) is readable
/// by its owner only.
async fn hold(path: &Path) -> anyhow::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_folder(folder)?;
    }
    let mut name = PathBuf::from(path).into_os_string();
    name.push(".lock");
    let file = private_file(Path::new(&name))?;
    for waited in 0..=PATIENCE {
        if file.try_lock().is_ok() {
            private_file(path)?;
            return Ok(file);
        }
        if waited < PATIENCE {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    anyhow::bail!("{} is in use by another process", path.display())
}

/// Makes a folder that only its owner may enter; one that is there stays as it is.
///
/// # Errors
/// It cannot be made.
pub fn private_folder(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
        .create(path)
        .with_context(|| format!("cannot create {}", path.display()))
}

/// Opens a file for writing, and makes one that only its owner may read where there is none. SQLite gives the files beside
/// its database the same rights.
fn private_file(path: &Path) -> anyhow::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options
        .open(path)
        .with_context(|| format!("cannot create {}", path.display()))
}
