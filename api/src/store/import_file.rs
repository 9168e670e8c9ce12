//! Files that programs sent to be imported: kept in chunks, and gone when their time is over.

use chrono::{DateTime, Utc};
use domain::policy::Permit;
use entity::{account, import_chunk, import_file, import_job, import_report};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
};

use super::StoreResult;
use super::connect::Database;
use super::transaction::{Write, statement};

pub type ImportFile = import_file::Model;
pub type ImportChunk = import_chunk::Model;

/// Rows with content that one write takes away.
const SWEPT: u64 = 64;

/// What there is of an account's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// That are coming in now.
    pub coming: u64,
    /// That are here.
    pub here: u64,
}

impl Database {
    /// The sealed content of a chunk.
    ///
    /// # Errors
    /// The database fails.
    pub async fn import_chunk(&self, file: &str, number: i64) -> StoreResult<Option<String>> {
        Ok(import_chunk::Entity::find()
            .select_only()
            .column(import_chunk::Column::Sealed)
            .filter(import_chunk::Column::FileId.eq(file))
            .filter(import_chunk::Column::Number.eq(number))
            .into_tuple()
            .one(&self.feed)
            .await?)
    }

    /// A file that is all here.
    ///
    /// # Errors
    /// The database fails.
    pub async fn import_file(&self, id: &str) -> StoreResult<Option<ImportFile>> {
        Ok(import_file::Entity::find_by_id(id)
            .filter(import_file::Column::Complete.eq(true))
            .one(&self.feed)
            .await?)
    }
}

impl Write {
    /// What there is of an account's files; such that nothing came of for a while is not counted. Two uploads of one
    /// account begin one after the other.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_import_files(
        &self,
        account_id: &str,
        (now, silent_since): (DateTime<Utc>, DateTime<Utc>),
    ) -> StoreResult<Kept> {
        account::Entity::find_by_id(account_id)
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?;
        use import_file::Column as C;
        let of = |complete: bool| {
            import_file::Entity::find()
                .filter(C::AccountId.eq(account_id))
                .filter(C::Complete.eq(complete))
        };
        Ok(Kept {
            coming: of(false).filter(C::HeardAt.gt(silent_since)).count(&self.tx).await?,
            here: of(true).filter(C::ExpiresAt.gt(now)).count(&self.tx).await?,
        })
    }

    /// Begins a file.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_import_file(&self, _permit: &Permit, row: ImportFile) -> StoreResult<()> {
        import_file::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Keeps a piece of a file that is coming in, and how much of it is here; false where it was taken for broken off.
    ///
    /// # Errors
    /// The database fails.
    pub async fn add_import_chunk(&self, chunk: ImportChunk, bytes: i64, now: DateTime<Utc>) -> StoreResult<bool> {
        let coming = import_file::Entity::update_many()
            .col_expr(import_file::Column::Bytes, Expr::value(bytes))
            .col_expr(import_file::Column::HeardAt, Expr::value(now))
            .filter(import_file::Column::Id.eq(chunk.file_id.as_str()))
            .filter(import_file::Column::Complete.eq(false))
            .exec(&self.tx)
            .await?;
        if coming.rows_affected == 0 {
            return Ok(false);
        }
        import_chunk::Entity::insert(chunk.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(true)
    }

    /// Says that a file is all here; false where it was taken for broken off.
    ///
    /// # Errors
    /// The database fails.
    pub async fn complete_import_file(&self, id: &str, sha256: &str, expires_at: DateTime<Utc>) -> StoreResult<bool> {
        use import_file::Column as C;
        let done = import_file::Entity::update_many()
            .col_expr(C::Complete, Expr::value(true))
            .col_expr(C::Sha256, Expr::value(sha256))
            .col_expr(C::ExpiresAt, Expr::value(expires_at))
            .filter(C::Id.eq(id))
            .filter(C::Complete.eq(false))
            .exec(&self.tx)
            .await?;
        Ok(done.rows_affected > 0)
    }

    /// A file of an account that is all here and whose time is not over; held until the write ends.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_import_file(
        &self,
        account_id: &str,
        id: &str,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<ImportFile>> {
        use import_file::Column as C;
        Ok(import_file::Entity::find_by_id(id)
            .filter(C::AccountId.eq(account_id))
            .filter(C::Complete.eq(true))
            .filter(C::ExpiresAt.gt(now))
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?)
    }

    /// Lets the time of a file be over: it was imported. The sweep takes it away once no job needs it any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn be_done_with_file(&self, id: &str, now: DateTime<Utc>) -> StoreResult<()> {
        import_file::Entity::update_many()
            .col_expr(import_file::Column::ExpiresAt, Expr::value(now))
            .filter(import_file::Column::Id.eq(id))
            .filter(import_file::Column::ExpiresAt.gt(now))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Takes a file away: its own chunks first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn drop_import_file(&self, id: &str) -> StoreResult<()> {
        import_chunk::Entity::delete_many()
            .filter(import_chunk::Column::FileId.eq(id))
            .exec(&self.tx)
            .await?;
        import_file::Entity::delete_by_id(id).exec(&self.tx).await?;
        Ok(())
    }

    /// Takes away some of what is over: files that broke off, files whose time is over and that no job needs, reports whose
    /// time is over, and jobs that ended before an instant. Whether something went.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sweep_imports(
        &self,
        (now, silent_since, ended_before): (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
    ) -> StoreResult<bool> {
        let over = "SELECT f.id FROM import_file f WHERE (NOT f.complete AND f.heard_at <= $1) OR (f.expires_at <= $2 AND NOT EXISTS \
                    (SELECT 1 FROM import_job j WHERE j.file_id = f.id AND j.state IN ('QUEUED', 'RUNNING')))";
        let values = || vec![silent_since.into(), now.into()];
        let chunks = format!(
            "DELETE FROM import_chunk WHERE id IN (SELECT c.id FROM import_chunk c WHERE c.file_id IN ({over}) LIMIT {SWEPT})"
        );
        let gone = self.tx.execute_raw(statement(&self.tx, &chunks, values())).await?;
        if gone.rows_affected() > 0 {
            return Ok(true);
        }
        let files = format!("DELETE FROM import_file WHERE id IN ({over})");
        let mut gone = self
            .tx
            .execute_raw(statement(&self.tx, &files, values()))
            .await?
            .rows_affected();
        for table in ["import_report", "import_leaver"] {
            let sql = format!(
                "DELETE FROM {table} WHERE job_id IN (SELECT j.id FROM import_job j WHERE j.expires_at <= $1 AND EXISTS \
                 (SELECT 1 FROM {table} r WHERE r.job_id = j.id) LIMIT 1)"
            );
            let done = self.tx.execute_raw(statement(&self.tx, &sql, vec![now.into()])).await?;
            gone += done.rows_affected();
        }
        let told = Condition::all()
            .add(import_job::Column::FinishedAt.lt(ended_before))
            .add(Expr::cust("id NOT IN (SELECT job_id FROM import_report)"))
            .add(Expr::cust("id NOT IN (SELECT job_id FROM import_leaver)"));
        gone += import_job::Entity::delete_many()
            .filter(told)
            .exec(&self.tx)
            .await?
            .rows_affected;
        Ok(gone > 0)
    }

    /// Throws away the report of a job, before another one is written in its place.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_report(&self, job: &str) -> StoreResult<()> {
        import_report::Entity::delete_many()
            .filter(import_report::Column::JobId.eq(job))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
