//! The files of an export: parts, and their content in chunks; and how both go when their time is over.

use chrono::{DateTime, Utc};
use domain::vocabulary::ExportState;
use entity::{audit, export_chunk, export_job, export_part};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::connect::Database;
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

pub type ExportPart = export_part::Model;
pub type ExportChunk = export_chunk::Model;

/// Bytes of a file that are kept in one row, of exports and of imports.
pub const CHUNK: usize = 512 * 1024;
/// Chunks that one write takes away.
const SWEPT: u64 = 64;

impl Database {
    /// The sealed content of a chunk, as long as its job's parts are kept.
    ///
    /// # Errors
    /// The database fails.
    pub async fn export_chunk(
        &self,
        (job, part, number): (&str, i64, i64),
        now: DateTime<Utc>,
    ) -> StoreResult<Option<String>> {
        let kept = Expr::cust("export_chunk.job_id").in_subquery(
            sea_orm::sea_query::Query::select()
                .expr(Expr::cust("id"))
                .from("export_job")
                .and_where(Expr::cust("state").eq(ExportState::Completed.as_str()))
                .and_where(Expr::cust("expires_at").gt(now))
                .to_owned(),
        );
        Ok(export_chunk::Entity::find()
            .select_only()
            .column(export_chunk::Column::Sealed)
            .filter(export_chunk::Column::JobId.eq(job))
            .filter(export_chunk::Column::Part.eq(part))
            .filter(export_chunk::Column::Number.eq(number))
            .filter(kept)
            .into_tuple()
            .one(&self.reads)
            .await?)
    }
}

impl Snapshot {
    /// The parts of jobs, in order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn export_parts(&self, jobs: &[String]) -> StoreResult<Vec<ExportPart>> {
        Ok(export_part::Entity::find()
            .filter(array::is_any(&self.tx, "export_part.job_id", jobs))
            .order_by_asc(export_part::Column::JobId)
            .order_by_asc(export_part::Column::Number)
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// Keeps a piece of a part.
    ///
    /// # Errors
    /// The database fails.
    pub async fn add_export_chunk(&self, chunk: ExportChunk) -> StoreResult<()> {
        export_chunk::Entity::insert(chunk.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Says that a part is whole.
    ///
    /// # Errors
    /// The database fails.
    pub async fn add_export_part(&self, part: ExportPart) -> StoreResult<()> {
        export_part::Entity::insert(part.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Whether a job has so many chunks: where the database crashed and came back at once, it may have lost some whose commit did not
    /// wait for the disk, and nobody was told.
    ///
    /// # Errors
    /// The database fails.
    pub async fn has_export_chunks(&self, job: &str, chunks: u64) -> StoreResult<bool> {
        let of = export_chunk::Entity::find().filter(export_chunk::Column::JobId.eq(job));
        Ok(of.count(&self.tx).await? == chunks)
    }

    /// Those of these lines that the trail has already: of a job that was begun before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn trail_among(&self, ids: &[String]) -> StoreResult<Vec<String>> {
        Ok(audit::Entity::find()
            .select_only()
            .column(audit::Column::Id)
            .filter(array::is_any(&self.tx, "audit.id", ids))
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// Takes away some of the content of jobs that failed, were cancelled, or whose time is over, whose jobs ended before
    /// an instant in any case. Whether something went.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sweep_exports(&self, now: DateTime<Utc>, ended_before: DateTime<Utc>) -> StoreResult<bool> {
        let over = "SELECT j.id FROM export_job j WHERE j.state IN ('FAILED', 'CANCELLED') OR j.expires_at <= $1";
        let chunks = format!(
            "DELETE FROM export_chunk WHERE id IN (SELECT c.id FROM export_chunk c WHERE c.job_id IN ({over}) LIMIT {SWEPT})"
        );
        let gone = self.run_count(&chunks, now).await?;
        if gone > 0 {
            return Ok(true);
        }
        let parts = format!("DELETE FROM export_part WHERE job_id IN ({over})");
        let mut gone = self.run_count(&parts, now).await?;
        gone += export_job::Entity::delete_many()
            .filter(export_job::Column::FinishedAt.lt(ended_before))
            .filter(Expr::cust("id NOT IN (SELECT job_id FROM export_part)"))
            .exec(&self.tx)
            .await?
            .rows_affected;
        Ok(gone > 0)
    }

    async fn run_count(&self, sql: &str, now: DateTime<Utc>) -> StoreResult<u64> {
        use sea_orm::ConnectionTrait as _;
        let done = self.tx.execute_raw(statement(&self.tx, sql, vec![now.into()])).await?;
        Ok(done.rows_affected())
    }
}
