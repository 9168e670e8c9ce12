//! What became of the rows of an import: some hundred of them in one row of the database, so that telling of a row costs little
//! beside writing it.

use domain::intake::RowOutcome;
use entity::import_report;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::StoreResult;
use super::connect::Database;
use super::transaction::{Snapshot, Write};

pub type ImportReport = import_report::Model;

/// How many rows of some outcomes a piece has, as SQL.
fn weight(outcomes: &[RowOutcome]) -> String {
    let column = |outcome: &RowOutcome| match outcome {
        RowOutcome::Created => Some("created"),
        RowOutcome::Changed => Some("changed"),
        RowOutcome::Unchanged => Some("unchanged"),
        RowOutcome::Rejected => Some("rejected"),
        RowOutcome::NotDone => None,
    };
    let columns: Vec<&str> = outcomes.iter().filter_map(column).collect();
    if columns.is_empty() {
        "0".to_owned()
    } else {
        columns.join(" + ")
    }
}

fn with_any(outcomes: &[RowOutcome]) -> SimpleExpr {
    Expr::cust(format!("({})", weight(outcomes))).gt(0)
}

impl Snapshot {
    /// The first piece of a report from a number on, or the last one down from it, that has rows of some outcomes.
    ///
    /// # Errors
    /// The database fails.
    pub async fn report_piece(
        &self,
        job: &str,
        (from, backward): (i64, bool),
        outcomes: &[RowOutcome],
    ) -> StoreResult<Option<ImportReport>> {
        let column = import_report::Column::Number;
        let select = import_report::Entity::find()
            .filter(import_report::Column::JobId.eq(job))
            .filter(with_any(outcomes));
        let select = if backward {
            select.filter(column.lte(from)).order_by_desc(column)
        } else {
            select.filter(column.gte(from)).order_by_asc(column)
        };
        Ok(select.one(&self.tx).await?)
    }

    /// How many rows of some outcomes a report has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_report(&self, job: &str, outcomes: &[RowOutcome]) -> StoreResult<u64> {
        let sum = format!("CAST(COALESCE(SUM({}), 0) AS BIGINT)", weight(outcomes));
        let found: Option<i64> = import_report::Entity::find()
            .select_only()
            .expr(Expr::cust(sum))
            .filter(import_report::Column::JobId.eq(job))
            .into_tuple()
            .one(&self.tx)
            .await?;
        Ok(u64::try_from(found.unwrap_or_default()).unwrap_or_default())
    }
}

impl Database {
    /// A piece of a report, for who fetches all of it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn report_piece(&self, job: &str, number: i64) -> StoreResult<Option<ImportReport>> {
        Ok(import_report::Entity::find_by_id((job.to_owned(), number))
            .one(&self.reads)
            .await?)
    }
}

impl Write {
    /// Keeps a piece of a report.
    ///
    /// # Errors
    /// The database fails.
    pub async fn add_report(&self, piece: ImportReport) -> StoreResult<()> {
        import_report::Entity::insert(piece.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }
}
