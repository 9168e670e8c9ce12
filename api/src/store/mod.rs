//! The only user of the entities: scope → condition, keyset pages, transactions, the log, idempotency, and the queries of
//! each noun.

pub mod account;
pub mod activity;
pub mod activity_minutes;
mod activity_people;
pub mod activity_write;
pub mod alert;
pub mod appointment;
mod array;
pub mod audit;
pub mod composition;
pub mod connect;
mod counter;
pub mod demo;
pub mod dual_life;
pub mod feed;
pub mod deployment;
pub mod figure;
pub mod follow_up;
mod health;
pub mod idempotency;
pub mod inbox;
pub mod invitation;
pub mod measure;
pub mod member;
pub mod name_key;
pub mod obligation;
pub mod organization;
pub mod oversight;
pub mod page;
pub mod rights;
pub mod roster;
pub mod rulebook;
mod scope;
pub mod sealed;
pub mod signing_key;
pub mod structure;
pub mod tick;
pub mod transaction;

use sea_orm::{DbErr, SqlErr};

/// An error of the database, without its text for anybody outside.
#[derive(Debug, thiserror::Error)]
#[error("database: {0}")]
pub struct StoreError(#[from] pub(crate) DbErr);

impl StoreError {
    /// The database is away, out of connections or out of time: worth another try later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(&self.0, DbErr::ConnectionAcquire(_) | DbErr::Conn(_))
    }

    /// A second row with the same key.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self.0.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
    }
}

pub type StoreResult<T> = Result<T, StoreError>;
