//! Import jobs: begun by an account, worked on by one node at a time, ended.

use chrono::{DateTime, Utc};
use domain::policy::{Permit, Scope};
use entity::{import_job, import_leaver, member};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, sea_query::LockType,
};

use super::connect::Database;
use super::errand::{self, End, Hold};
use super::organization::Within;
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type ImportJob = import_job::Model;

const SEAT: Seat = Seat::at("import_job.organization_id").singly();

/// The latest first.
const LATEST: &[Key] = &[
    Key::of("import_job.created_at", KeyKind::Instant, true),
    Key::of("import_job.id", KeyKind::Text, true),
];

/// How far a job has come, with what came of its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    pub phase: &'static str,
    pub done: i64,
    pub total: Option<i64>,
    pub created: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub rejected: i64,
    /// Pieces of the report.
    pub reports: i64,
}

/// An account's own jobs, where the account still has the right to them.
fn own(scope: &Scope, account: &str) -> Select<import_job::Entity> {
    import_job::Entity::find()
        .filter(import_job::Column::AccountId.eq(account))
        .filter(condition(scope, SEAT))
}

impl Database {
    /// The oldest jobs that a node may take up.
    ///
    /// # Errors
    /// The database fails.
    pub async fn waiting_imports(&self) -> StoreResult<Vec<String>> {
        errand::waiting::<import_job::Entity>(self).await
    }

    /// A job as it stands, for who follows it by the node's own means.
    ///
    /// # Errors
    /// The database fails.
    pub async fn import_job(&self, id: &str) -> StoreResult<Option<ImportJob>> {
        Ok(import_job::Entity::find_by_id(id).one(&self.feed).await?)
    }
}

impl Snapshot {
    /// Those of these jobs that are the account's own, where it still has the right to them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn imports(&self, scope: &Scope, account: &str, ids: &[String]) -> StoreResult<Vec<ImportJob>> {
        let select = own(scope, account).filter(array::is_any(&self.tx, "import_job.id", ids));
        Ok(select.all(&self.tx).await?)
    }

    /// A page of the account's own jobs, where it still has the right to them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn imports_of(&self, scope: &Scope, account: &str, page: &PageRequest) -> StoreResult<Page<ImportJob>> {
        read(&self.tx, own(scope, account), LATEST, page).await
    }

    /// Members on the roster of a part of the tree, some thousand at a time behind an id: for who compares it with a file.
    ///
    /// # Errors
    /// The database fails.
    pub async fn roster_after(&self, scope: &Scope, within: &Within, after: &str) -> StoreResult<Vec<String>> {
        Ok(member::Entity::find()
            .select_only()
            .column(member::Column::Id)
            .filter(condition(scope, super::member::SEAT))
            .filter(within.condition("member.branch_id"))
            .filter(member::Column::Status.ne("LEFT"))
            .filter(member::Column::Id.gt(after))
            .order_by_asc(member::Column::Id)
            .limit(ROSTER_PAGE)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// An account's own job, where the account still has the right to it; held until the write ends.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_import(&self, scope: &Scope, account: &str, id: &str) -> StoreResult<Option<ImportJob>> {
        Ok(own(scope, account)
            .filter(import_job::Column::Id.eq(id))
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?)
    }

    /// How many jobs of an account wait or run.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_imports(&self, account_id: &str) -> StoreResult<u64> {
        Ok(import_job::Entity::find()
            .filter(import_job::Column::AccountId.eq(account_id))
            .filter(errand::open())
            .count(&self.tx)
            .await?)
    }

    /// Keeps a new job.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_import(&self, _permit: &Permit, row: ImportJob) -> StoreResult<()> {
        import_job::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Ends a job for its account; whoever works on it finds that it is not theirs any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn cancel_import(
        &self,
        _permit: &Permit,
        id: &str,
        (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
    ) -> StoreResult<()> {
        errand::cancelled::<import_job::Entity>(id, now)
            .col_expr(import_job::Column::ExpiresAt, Expr::value(Some(expires_at)))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Takes up a job that is free; what an earlier worker wrote down holds. `None`: it is not free any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_import(&self, hold: &Hold<'_>) -> StoreResult<Option<ImportJob>> {
        let taken = errand::taken::<import_job::Entity>(hold).exec(&self.tx).await?;
        if taken.rows_affected == 0 {
            return Ok(None);
        }
        Ok(import_job::Entity::find_by_id(hold.job).one(&self.tx).await?)
    }

    /// Gives a sign of life; false where the job is another's by now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_import(&self, hold: &Hold<'_>) -> StoreResult<bool> {
        let noted = errand::signed::<import_job::Entity>(hold).exec(&self.tx).await?;
        Ok(noted.rows_affected > 0)
    }

    /// Says how far the job has come, with a sign of life; false where the job is another's by now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_import(&self, hold: &Hold<'_>, reached: &Reached) -> StoreResult<bool> {
        use import_job::Column as C;
        let noted = errand::signed::<import_job::Entity>(hold)
            .col_expr(C::Phase, Expr::value(reached.phase))
            .col_expr(C::Done, Expr::value(reached.done))
            .col_expr(C::Total, Expr::value(reached.total))
            .col_expr(C::Created, Expr::value(reached.created))
            .col_expr(C::Changed, Expr::value(reached.changed))
            .col_expr(C::Unchanged, Expr::value(reached.unchanged))
            .col_expr(C::Rejected, Expr::value(reached.rejected))
            .col_expr(C::Reports, Expr::value(reached.reports))
            // Whoever gets on is not giving up.
            .col_expr(C::Attempts, Expr::value(1))
            .exec(&self.tx)
            .await?;
        Ok(noted.rows_affected > 0)
    }

    /// Puts a job back for another node, or for another try at an instant; false where it is another's by now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn release_import(&self, hold: &Hold<'_>, not_before: Option<DateTime<Utc>>) -> StoreResult<bool> {
        let put = errand::released::<import_job::Entity>(hold, not_before)
            .exec(&self.tx)
            .await?;
        Ok(put.rows_affected > 0)
    }

    /// Ends a job that this worker holds; false where it is another's by now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn end_import(&self, hold: &Hold<'_>, end: End, problems: serde_json::Value) -> StoreResult<bool> {
        let ended = errand::ended::<import_job::Entity>(hold, end)
            .col_expr(import_job::Column::Problems, Expr::value(problems))
            .exec(&self.tx)
            .await?;
        Ok(ended.rows_affected > 0)
    }

    /// Notes who leaves by a job.
    ///
    /// # Errors
    /// The database fails.
    pub async fn add_leavers(&self, job: &str, members: &[String]) -> StoreResult<()> {
        for some in members.chunks(super::transaction::ROWS_PER_INSERT) {
            let rows = some.iter().map(|member| import_leaver::ActiveModel {
                job_id: Set(job.to_owned()),
                member_id: Set(member.clone()),
            });
            let key = [import_leaver::Column::JobId, import_leaver::Column::MemberId];
            import_leaver::Entity::insert_many(rows)
                .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
    }

    /// Some of those who leave by a job, behind an id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leavers(&self, job: &str, after: &str, most: u64) -> StoreResult<Vec<String>> {
        Ok(import_leaver::Entity::find()
            .select_only()
            .column(import_leaver::Column::MemberId)
            .filter(import_leaver::Column::JobId.eq(job))
            .filter(import_leaver::Column::MemberId.gt(after))
            .order_by_asc(import_leaver::Column::MemberId)
            .limit(most)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// Forgets who was to leave by a job: all of them, or those who are done.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_leavers(&self, job: &str, done: Option<&[String]>) -> StoreResult<()> {
        let mut delete = import_leaver::Entity::delete_many().filter(import_leaver::Column::JobId.eq(job));
        if let Some(done) = done {
            delete = delete.filter(array::is_any(&self.tx, "import_leaver.member_id", done));
        }
        delete.exec(&self.tx).await?;
        Ok(())
    }
}

/// Members that one statement of [`Write::roster_after`] reads.
pub const ROSTER_PAGE: u64 = 5_000;
