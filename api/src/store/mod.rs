//! The only user of the entities: scope → condition, keyset pages, transactions, the log, idempotency, and the queries of
//! each noun.

pub mod account;
pub mod activity;
pub mod activity_minutes;
mod activity_people;
pub mod activity_unit;
pub mod activity_write;
pub mod admission;
pub mod affiliation;
pub mod alert;
pub mod applicant;
pub mod appointment;
mod array;
pub mod attendance;
pub mod audit;
mod bulk;
pub mod composition;
pub mod connect;
mod counter;
pub mod demo;
pub mod deployment;
pub mod dual_life;
mod epoch;
pub mod errand;
pub mod export;
pub mod export_copy;
pub mod export_file;
mod export_past;
pub mod export_row;
pub mod export_rows;
pub mod external_id;
pub mod feed;
pub mod figure;
pub mod filling;
mod finish;
pub mod follow_up;
mod health;
pub mod history;
pub mod idempotency;
pub mod identity_change;
pub mod import;
pub mod import_file;
pub mod import_report;
pub mod inbox;
pub mod inbox_read;
pub mod inbox_standing;
pub mod invitation;
pub mod job;
mod lease;
pub mod measure;
pub mod member;
pub mod name_key;
pub mod obligation;
pub mod organ;
pub mod organization;
pub mod oversight;
pub mod page;
pub mod page_link;
pub mod past;
pub mod pulse;
pub mod rights;
pub mod roster;
pub mod rulebook;
pub mod rulebook_rows;
mod savepoint;
mod scope;
pub mod seal;
pub mod sealed;
pub mod seating;
pub mod service_account;
mod settled;
pub mod signing_key;
pub mod structure;
pub mod transaction;
pub mod transfer;
mod under_way;
pub mod unfold;
mod version;
pub mod webhook;
pub mod webhook_work;

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// An error of the database, without its text for anybody outside.
#[derive(Debug, thiserror::Error)]
#[error("database: {0}")]
pub struct StoreError(#[from] pub(crate) DbErr);

impl StoreError {
    /// The database is away, out of connections or out of time: worth another try later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(&self.0, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) || self.driver().is_some_and(is_away)
    }

    /// The disk is full: writes wait until there is room again, reads go on.
    #[must_use]
    pub fn is_storage_full(&self) -> bool {
        self.code().is_some_and(|code| FULL.contains(&code.as_str()))
    }

    /// Two writes stood in each other's way: the same write may be tried again at once.
    #[must_use]
    pub fn is_collision(&self) -> bool {
        self.code().is_some_and(|code| COLLISION.contains(&code.as_str()))
    }

    /// A second row with the same key.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self.0.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
    }

    /// A row holds what its column's type does not allow, as an embedded database lets somebody write by hand.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(&self.0, DbErr::Type(_) | DbErr::Json(_))
            || matches!(
                self.driver(),
                Some(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
            )
    }

    fn driver(&self) -> Option<&sqlx::Error> {
        match &self.0 {
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
            _ => None,
        }
    }

    fn code(&self) -> Option<String> {
        let sqlx::Error::Database(error) = self.driver()? else {
            return None;
        };
        error.code().map(|code| code.into_owned())
    }
}

/// Disk full: PostgreSQL's; SQLite's, also where the index of the write-ahead log finds no room.
const FULL: [&str; 3] = ["53100", "13", "4874"];

/// Serialization failure and deadlock (PostgreSQL).
const COLLISION: [&str; 2] = ["40001", "40P01"];

pub type StoreResult<T> = Result<T, StoreError>;

/// The connection broke, or the server sends us away for now: starting, stopping, out of connections (SQLSTATE classes 08,
/// 53, 57, a statement out of time among them), a lock or another writer that was in the way (40, 55, SQLite's BUSY).
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(told) => match told.code().as_deref() {
            // PostgreSQL's codes have five signs, SQLite's are numbers.
            Some(code) if code.len() == 5 => ["08", "40", "53", "55", "57"]
                .iter()
                .any(|class| code.starts_with(class)),
            Some(code) => code.parse::<u32>().is_ok_and(|code| code & 0xff == 5),
            None => false,
        },
        _ => false,
    }
}
