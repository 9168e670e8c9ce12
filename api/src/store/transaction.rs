//! Snapshots for reads, immediate transactions for writes, and the finish step that every write ends with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind};
use entity::log_counter;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait as _, IsolationLevel,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};
use tokio::sync::Notify;

use super::StoreResult;
use super::connect::Database;
use super::finish::{self, Records};
use super::settled::Settled;
use super::under_way::ReadTransaction;

/// Rows per `INSERT`: SQLite takes 32 766 bound values in one statement.
pub(super) const ROWS_PER_INSERT: usize = 500;

/// One read snapshot on one pooled connection, with the log position it stands at.
pub struct Snapshot {
    pub(super) tx: ReadTransaction,
    pub position: i64,
    pub epoch: String,
    /// Where the rulebooks last changed.
    pub(super) rulebooks_at: i64,
}

/// Where the log's counter stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    pub(super) position: i64,
    pub(super) epoch: String,
    pub(super) rulebooks_at: i64,
}

impl Snapshot {
    pub(super) fn of(tx: DatabaseTransaction, log: Standing) -> Self {
        Self {
            tx: ReadTransaction::new(tx),
            position: log.position,
            epoch: log.epoch,
            rulebooks_at: log.rulebooks_at,
        }
    }

    /// Whether somebody waits for a statement of this snapshot.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.tx.is_busy()
    }
}

impl Database {
    /// Begins a read transaction: one connection, one snapshot.
    pub(super) async fn begin_read(&self) -> StoreResult<DatabaseTransaction> {
        self.begin_on(&self.reads).await
    }

    /// Begins a read transaction on one of the pools.
    pub(super) async fn begin_on(&self, pool: &DatabaseConnection) -> StoreResult<DatabaseTransaction> {
        Ok(if self.is_postgres() {
            pool.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly))
                .await?
        } else {
            pool.begin_with_config(None, None).await?
        })
    }

    /// Opens a read snapshot; dropping it ends it.
    ///
    /// # Errors
    /// No connection within three seconds, or the database is away.
    pub async fn snapshot(&self) -> StoreResult<Snapshot> {
        let tx = self.begin_read().await?;
        let counter = log_counter::Entity::find_by_id(1).one(&tx).await?;
        let log = counter.map(|row| Standing {
            position: row.position,
            epoch: row.epoch,
            rulebooks_at: row.rulebooks_at,
        });
        Ok(Snapshot::of(tx, log.unwrap_or_default()))
    }

    /// Begins a write: immediate on SQLite, so that it never fails on the upgrade from read to write.
    ///
    /// # Errors
    /// No connection, or the writer's place is not free in time.
    pub async fn write(&self) -> StoreResult<Write> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(Write {
            tx: self.writes.begin_with_options(options).await?,
            commits: self.commits.clone(),
            settled: self.settled.clone(),
            rulebooks: AtomicBool::new(false),
            afresh: AtomicBool::new(false),
        })
    }
}

/// A write under way. Dropping it without [`Write::finish`] rolls back, the log's number included.
pub struct Write {
    pub(super) tx: DatabaseTransaction,
    /// Told after each commit, so that this node's relay need not wait for its next look.
    commits: Arc<Notify>,
    settled: Settled,
    /// Whether a rulebook or an assignment was written.
    pub(super) rulebooks: AtomicBool,
    /// Whether statements are planned by what the tables hold now.
    afresh: AtomicBool,
}

/// One event of the log: ids and field names, never values of sensitive fields.
#[derive(Debug, Clone)]
pub struct Event {
    pub op: ChangeOp,
    pub extent: ChangeExtent,
    pub kind: EntityKind,
    pub id: String,
    pub version: Option<i64>,
    pub organization_id: Option<String>,
    pub path: Option<String>,
    pub old_path: Option<String>,
    pub member_id: Option<String>,
    pub fields: Vec<&'static str>,
    pub cause: &'static str,
}

/// One row of the audit trail.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    pub account_id: Option<String>,
    pub member_id: Option<String>,
    pub post: Option<String>,
    pub organization_id: Option<String>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub subject_org_id: Option<String>,
    pub fields: Vec<String>,
    pub purpose: Option<String>,
    pub request_id: Option<String>,
}

/// Outcome of a write under its idempotency key.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub account_id: String,
    pub key: String,
    pub operation: String,
    pub input_hash: String,
    pub entity_ids: Vec<String>,
}

/// What a write leaves behind besides its own rows; all of it is written in the finish step.
#[derive(Debug, Default)]
pub struct Ledger {
    pub events: Vec<Event>,
    pub figures: Vec<super::figure::Delta>,
    /// Lines of the inbox that appear or go.
    pub inbox: Vec<super::inbox::InboxChange>,
    pub trail: Vec<(String, Trail)>,
    pub outcome: Option<Outcome>,
}

impl Ledger {
    /// Whether nothing would be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.figures.is_empty()
            && self.inbox.is_empty()
            && self.trail.is_empty()
            && self.outcome.is_none()
    }
}

/// What PostgreSQL plans statements by.
#[derive(Clone, Copy)]
pub(super) enum Plans {
    /// What the tables hold now.
    Afresh,
    /// What a connection planned once.
    Kept,
}

impl Write {
    /// Has statements planned by what the tables hold now, to the end of the write: an import fills tables that were empty when its
    /// connection planned its look-ups, and would read all of them for each piece of a file. Inserts keep their plans: these are
    /// always the same, and long in the making.
    ///
    /// # Errors
    /// The database fails.
    pub async fn plan_afresh(&self) -> StoreResult<()> {
        let postgres = self.tx.get_database_backend() == DbBackend::Postgres;
        self.afresh.store(postgres, Ordering::Relaxed);
        self.plan_by(Plans::Afresh).await
    }

    /// The same for what follows; where nothing is planned afresh it stays so.
    pub(super) async fn plan_by(&self, plans: Plans) -> StoreResult<()> {
        if !self.afresh.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mode = match plans {
            Plans::Afresh => "force_custom_plan",
            Plans::Kept => "auto",
        };
        let sql = "SELECT set_config('plan_cache_mode', $1, true)";
        self.tx
            .query_one_raw(statement(&self.tx, sql, vec![mode.into()]))
            .await?;
        Ok(())
    }

    /// The one finish step: counter, roll-ups in one statement, events, trail, idempotency row, commit.
    /// Returns the position of the change, once it is on disk.
    ///
    /// # Errors
    /// Whatever the database refuses; then nothing of the write is there. Or the database fails behind the commit: then all
    /// of the write is there or nothing, and who asks again under the same idempotency key learns which.
    pub async fn finish(self, mut ledger: Ledger, at: DateTime<Utc>) -> StoreResult<i64> {
        self.plan_by(Plans::Kept).await?;
        super::figure::add(&self.tx, &ledger.figures).await?;
        let told = super::inbox::apply(&self.tx, ledger.inbox, at).await?;
        ledger.events.extend(told);
        // From here to the commit the counter row is held: log order is commit order, without gaps.
        // The rulebooks of an org follow its path, and the name of the territory it lies in: a move or a new name changes them.
        let named = |event: &Event| event.kind == EntityKind::Organization && event.fields.contains(&"name");
        let mut events = ledger.events.iter();
        let moved = events.any(|event| event.extent == ChangeExtent::Subtree || named(event));
        let rulebooks = moved || self.rulebooks.load(Ordering::Relaxed);
        let records = Records {
            events: ledger.events,
            trail: ledger.trail,
            outcome: ledger.outcome,
            at,
        };
        let position = finish::record(&self.tx, records, rulebooks).await?;
        let era = self.settled.era();
        self.tx.commit().await?;
        self.commits.notify_one();
        self.settled.settle(position, era).await?;
        Ok(position)
    }
}

/// A statement in both dialects: `$1` works on both through sea-orm.
pub(super) fn statement<C: ConnectionTrait>(connection: &C, sql: &str, values: Vec<sea_orm::Value>) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}
