//! Working on imports: any node takes up what waits, or goes on with what a node that died left; and what is over goes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use domain::problem::Problem;
use domain::vocabulary::{ImportFailure, ImportState};
use tokio_util::sync::CancellationToken;

use super::super::outcome::{Failure, Outcome};
use super::carry::Run;
use super::job::ImportJob;
use super::report::problems_kept;
use super::upload::SILENCE;
use crate::app::App;
use crate::store::errand::{End, Hold};

/// How long a worker keeps a job without a sign of life.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(10);
/// A job is begun so often without getting on; then it is told that nothing came of it.
const MOST_ATTEMPTS: i64 = 8;
/// How long it is waited before another try, for each try so far.
const BACKOFF: TimeDelta = TimeDelta::seconds(3);
/// Jobs are told of for so many days after their end.
const TOLD_DAYS: i64 = 30;

/// Why a worker lets go of a job.
pub enum Stop {
    /// It was cancelled, or another node has it.
    Lost,
    /// The node goes down.
    Leaving,
    /// It ends here, for these reasons.
    Failed(ImportFailure, Vec<Problem>),
    /// Something broke; another try may do better.
    Broken(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// A worker's hold on a job as of now.
pub(super) fn hold<'a>(app: &App, job: &'a str, holder: &'a str) -> Hold<'a> {
    let now = app.clock.now();
    Hold {
        job,
        holder,
        now,
        until: now + LEASE,
    }
}

/// Takes up one job that waits, and works on it to its end. Whether there was one.
///
/// # Errors
/// The database is away before a job was taken up.
pub async fn work(app: &Arc<App>, leaving: &CancellationToken) -> Outcome<bool> {
    let holder = app.ids.plain();
    for id in app.database.waiting_imports().await? {
        let write = app.database.write().await?;
        let taken = write.take_import(&hold(app, &id, &holder)).await?;
        write.keep().await?;
        if let Some(job) = taken {
            app.imports.followers.look(&id);
            carry_out(app, job, &holder, leaving).await;
            app.imports.followers.look(&id);
            return Ok(true);
        }
    }
    Ok(false)
}

/// Works on a job that is held, and says what became of it.
async fn carry_out(app: &Arc<App>, job: ImportJob, holder: &str, leaving: &CancellationToken) {
    let ended = if job.attempts > MOST_ATTEMPTS {
        Err(Stop::Failed(ImportFailure::GaveUp, Vec::new()))
    } else {
        match Run::of(app, &job, holder, leaving) {
            Ok(mut run) => run.finish().await,
            Err(failure) => Err(Stop::Broken(failure)),
        }
    };
    let counted = match &ended {
        Ok(()) => Some(&app.imports.completed),
        Err(Stop::Failed(..)) => Some(&app.imports.failed),
        Err(_) => None,
    };
    match settle(app, &job, holder, ended).await {
        Ok(true) => {
            if let Some(counter) = counted {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(false) => {}
        // Its lease runs out, and somebody takes it up again.
        Err(failure) => tracing::warn!(job = job.id, ?failure, "how an import ended cannot be written"),
    }
}

/// Writes down how a try ended. Whether that counts: whoever lost the job has no say.
async fn settle(app: &Arc<App>, job: &ImportJob, holder: &str, ended: Result<(), Stop>) -> Outcome<bool> {
    let hold = hold(app, &job.id, holder);
    let end = |state: ImportState, failure: Option<ImportFailure>| End {
        state: state.as_str(),
        failure: failure.map(ImportFailure::as_str),
        expires_at: Some(hold.now + TimeDelta::hours(app.imports.hours)),
    };
    let write = app.database.write().await?;
    let held = match ended {
        Ok(()) => {
            if !job.dry_run {
                write.be_done_with_file(&job.file_id, hold.now).await?;
            }
            let end = end(ImportState::Completed, None);
            write.end_import(&hold, end, problems_kept(&[])).await?
        }
        Err(Stop::Failed(failure, problems)) => {
            tracing::info!(job = job.id, %failure, "an import ended early");
            let end = end(ImportState::Failed, Some(failure));
            write.end_import(&hold, end, problems_kept(&problems)).await?
        }
        Err(Stop::Leaving) => write.release_import(&hold, None).await?,
        Err(Stop::Broken(failure)) => {
            tracing::warn!(job = job.id, attempt = job.attempts, ?failure, "an import goes on soon");
            let wait = BACKOFF * i32::try_from(job.attempts).unwrap_or(i32::MAX);
            write.release_import(&hold, Some(hold.now + wait)).await?
        }
        Err(Stop::Lost) => return Ok(false),
    };
    write.keep().await?;
    Ok(held)
}

/// Takes away what is over, a little at a time. Whether there may be more.
///
/// # Errors
/// The database is away.
pub async fn sweep(app: &Arc<App>) -> Outcome<bool> {
    let now = app.clock.now();
    let write = app.database.write().await?;
    let swept = write
        .sweep_imports((now, now - SILENCE, now - TimeDelta::days(TOLD_DAYS)))
        .await?;
    write.keep().await?;
    Ok(swept)
}
