//! Export jobs: begun by an account, worked on by one node at a time, ended.

use chrono::{DateTime, Utc};
use domain::policy::{Permit, Scope};
use domain::vocabulary::ExportState;
use entity::{export_chunk, export_job, export_part};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType, SimpleExpr};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _, Select,
};

use super::connect::Database;
use super::errand::{self, End, Hold};
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::settled::ON_COMMIT;
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type ExportJob = export_job::Model;

const SEAT: Seat = Seat::at("export_job.organization_id").singly();

/// Where the snapshot of an export stands in the log.
#[derive(Debug, Clone)]
pub struct Begun {
    pub epoch: String,
    pub position: i64,
}

/// The latest first.
const LATEST: &[Key] = &[
    Key::of("export_job.created_at", KeyKind::Instant, true),
    Key::of("export_job.id", KeyKind::Text, true),
];

/// An account's own jobs, where the account still has the right to them.
fn own(scope: &Scope, account: &str) -> Select<export_job::Entity> {
    export_job::Entity::find()
        .filter(export_job::Column::AccountId.eq(account))
        .filter(condition(scope, SEAT))
}

fn states(states: &[ExportState]) -> SimpleExpr {
    export_job::Column::State.is_in(states.iter().map(|state| state.as_str()))
}

impl Database {
    /// The oldest jobs that a node may take up.
    ///
    /// # Errors
    /// The database fails.
    pub async fn waiting_exports(&self) -> StoreResult<Vec<String>> {
        errand::waiting::<export_job::Entity>(self).await
    }
}

impl Snapshot {
    /// Those of these jobs that are the account's own, where it still has the right to them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn exports(&self, scope: &Scope, account: &str, ids: &[String]) -> StoreResult<Vec<ExportJob>> {
        let select = own(scope, account).filter(array::is_any(&self.tx, "export_job.id", ids));
        Ok(select.all(&self.tx).await?)
    }

    /// A page of the account's own jobs, where it still has the right to them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn exports_of(&self, scope: &Scope, account: &str, page: &PageRequest) -> StoreResult<Page<ExportJob>> {
        read(&self.tx, own(scope, account), LATEST, page).await
    }
}

impl Write {
    /// An account's own job, where the account still has the right to it; held until the write ends.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_export(&self, scope: &Scope, account: &str, id: &str) -> StoreResult<Option<ExportJob>> {
        Ok(own(scope, account)
            .filter(export_job::Column::Id.eq(id))
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?)
    }

    /// How many jobs of an account wait or run; how many there are whose parts are kept, these included.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_exports(&self, account_id: &str, now: DateTime<Utc>) -> StoreResult<(u64, u64)> {
        let of = || export_job::Entity::find().filter(export_job::Column::AccountId.eq(account_id));
        let running = states(&[ExportState::Queued, ExportState::Running]);
        let active = of().filter(running.clone()).count(&self.tx).await?;
        let ready = states(&[ExportState::Completed]).and(export_job::Column::ExpiresAt.gt(now));
        let kept = of().filter(running.or(ready)).count(&self.tx).await?;
        Ok((active, kept))
    }

    /// Keeps a new job.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_export(&self, _permit: &Permit, row: ExportJob) -> StoreResult<()> {
        export_job::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Ends a job for its account; whoever works on it finds that it is not theirs any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn cancel_export(&self, _permit: &Permit, id: &str, now: DateTime<Utc>) -> StoreResult<()> {
        errand::cancelled::<export_job::Entity>(id, now).exec(&self.tx).await?;
        Ok(())
    }

    /// Takes up a job that is free, and throws away what an earlier worker left of it. `None`: it is not free any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_export(&self, hold: &Hold<'_>) -> StoreResult<Option<ExportJob>> {
        let taken = errand::taken::<export_job::Entity>(hold)
            .col_expr(export_job::Column::Done, Expr::value(0))
            .exec(&self.tx)
            .await?;
        if taken.rows_affected == 0 {
            return Ok(None);
        }
        export_chunk::Entity::delete_many()
            .filter(export_chunk::Column::JobId.eq(hold.job))
            .exec(&self.tx)
            .await?;
        export_part::Entity::delete_many()
            .filter(export_part::Column::JobId.eq(hold.job))
            .exec(&self.tx)
            .await?;
        Ok(export_job::Entity::find_by_id(hold.job).one(&self.tx).await?)
    }

    /// Notes where the snapshot stands; false where the job is another's by now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn begin_export(&self, hold: &Hold<'_>, begun: &Begun) -> StoreResult<bool> {
        use export_job::Column as C;
        let noted = errand::signed::<export_job::Entity>(hold)
            .col_expr(C::Epoch, Expr::value(Some(begun.epoch.as_str())))
            .col_expr(C::Position, Expr::value(Some(begun.position)))
            .col_expr(C::Total, Expr::value(None::<i64>))
            .exec(&self.tx)
            .await?;
        Ok(noted.rows_affected > 0)
    }

    /// Gives a sign of life; false where the job is another's by now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn renew_export(&self, hold: &Hold<'_>) -> StoreResult<bool> {
        let noted = errand::signed::<export_job::Entity>(hold).exec(&self.tx).await?;
        Ok(noted.rows_affected > 0)
    }

    /// Gives a sign of life, and says how many rows are done; false where the job is another's by now. On PostgreSQL the commit does
    /// not wait for the disk: nothing of it counts before the job ends, which waits for all before it
    /// ([`Self::has_export_chunks`] says whether it is there).
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_export(&self, hold: &Hold<'_>, done: i64) -> StoreResult<bool> {
        let mut change =
            errand::signed::<export_job::Entity>(hold).col_expr(export_job::Column::Done, Expr::value(done));
        if self.tx.get_database_backend() == DbBackend::Postgres {
            change = change.filter(Expr::cust(ON_COMMIT));
        }
        Ok(change.exec(&self.tx).await?.rows_affected > 0)
    }

    /// Notes how many rows there are to come; nothing where the job is another's by now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_export_total(&self, hold: &Hold<'_>, total: i64) -> StoreResult<()> {
        errand::signed::<export_job::Entity>(hold)
            .col_expr(export_job::Column::Total, Expr::value(Some(total)))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Puts a job back for another node, or for another try at an instant; false where it is another's by now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn release_export(&self, hold: &Hold<'_>, not_before: Option<DateTime<Utc>>) -> StoreResult<bool> {
        let put = errand::released::<export_job::Entity>(hold, not_before)
            .exec(&self.tx)
            .await?;
        Ok(put.rows_affected > 0)
    }

    /// Ends a job that this worker holds; false where it is another's by now. Of one that is completed the rows are counted by that.
    ///
    /// # Errors
    /// The database fails.
    pub async fn end_export(&self, hold: &Hold<'_>, end: End, done: i64) -> StoreResult<bool> {
        let mut ended =
            errand::ended::<export_job::Entity>(hold, end).col_expr(export_job::Column::Done, Expr::value(done));
        if end.state == ExportState::Completed.as_str() {
            ended = ended.col_expr(export_job::Column::Total, Expr::value(Some(done)));
        }
        Ok(ended.exec(&self.tx).await?.rows_affected > 0)
    }
}
