//! Telling a restored database from the one that clients knew.
//!
//! PostgreSQL: the cluster, the database in it and its timeline are noted with the log; a dump that was restored, a copy of
//! the database and a recovery to a point in time have another place. SQLite: how far the log has come is noted in a file
//! beside the database; a database that is behind it, or has lost it, was put back.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use entity::log_counter;
use sea_orm::{ConnectionTrait as _, DbErr, EntityTrait as _};

use super::StoreResult;
use super::connect::Database;
use super::transaction::statement;

const PLACE: &str = "SELECT s.system_identifier || '/' || d.oid || '/' || c.timeline_id AS home \
     FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database()";

/// The file beside an embedded database that says how far its log has come.
fn mark_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".position");
    PathBuf::from(name)
}

fn read_mark(file: &Path) -> Option<(String, i64)> {
    let text = std::fs::read_to_string(file).ok()?;
    let (epoch, position) = text.trim().split_once(' ')?;
    Some((epoch.to_owned(), position.parse().ok()?))
}

fn write_mark(file: &Path, epoch: &str, position: i64) -> std::io::Result<()> {
    let mut next = file.as_os_str().to_owned();
    next.push(".new");
    let next = PathBuf::from(next);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(&next)?
        .write_all(format!("{epoch} {position}\n").as_bytes())?;
    std::fs::rename(&next, file)
}

impl Database {
    /// Looks whether the database is another one than at the last start, and begins a new epoch where it is. Whether it did.
    ///
    /// # Errors
    /// The database fails.
    pub async fn recognise(&self, epoch: &str) -> StoreResult<bool> {
        let Some(row) = log_counter::Entity::find_by_id(1).one(&self.writes).await? else {
            return Ok(false);
        };
        let home = self.place().await?;
        let is_other = match &self.file {
            Some(file) => match read_mark(&mark_of(file)) {
                Some((known, position)) => known != row.epoch || row.position < position,
                None => row.position > 0,
            },
            None => row.home.is_some() && home.is_some() && row.home != home,
        };
        let write = self.write().await?;
        if is_other {
            write.begin_epoch(epoch).await?;
        }
        if let Some(home) = home {
            write.settle_at(&home).await?;
        }
        write.keep().await?;
        self.remember_reach().await?;
        Ok(is_other)
    }

    /// Begins a new epoch because the log went back under a running node: cursors of the old one would pass over what is numbered
    /// anew, and nobody would be told.
    ///
    /// # Errors
    /// The database fails; no randomness.
    pub async fn leave_epoch(&self, old: &str) -> StoreResult<()> {
        let new = crate::secrets::random().map_err(|error| DbErr::Custom(error.to_string()))?;
        let write = self.write().await?;
        write
            .leave_epoch(old, &domain::ids::encode(u128::from_be_bytes(new)))
            .await?;
        write.keep().await
    }

    /// The place of a PostgreSQL database; `None` where the server does not tell.
    async fn place(&self) -> StoreResult<Option<String>> {
        if !self.is_postgres() {
            return Ok(None);
        }
        match self
            .writes
            .query_one_raw(statement(&self.writes, PLACE, Vec::new()))
            .await
        {
            Ok(row) => Ok(row.map(|row| row.try_get("", "home")).transpose()?),
            Err(error) => {
                tracing::warn!(%error, "the server does not say where the database lives: after a restore run `orglife log new-epoch`");
                Ok(None)
            }
        }
    }

    /// Notes beside an embedded database how far its log has come.
    ///
    /// # Errors
    /// The database fails.
    pub async fn remember_reach(&self) -> StoreResult<()> {
        if self.file.is_some()
            && let Some(reach) = self.log_reach().await?
        {
            self.remember(&reach.epoch, reach.position);
        }
        Ok(())
    }

    /// The same, where the reach is known.
    pub fn remember(&self, epoch: &str, position: i64) {
        if let Some(file) = &self.file
            && let Err(error) = write_mark(&mark_of(file), epoch, position)
        {
            tracing::warn!(%error, "how far the log has come cannot be noted beside the database");
        }
    }
}
