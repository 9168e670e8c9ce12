//! Working on exports: any node takes up what waits, or what a node that died left, and writes it anew from a snapshot of its
//! own; and what is over goes.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use chrono::TimeDelta;
use domain::vocabulary::{ExportFailure, ExportState};
use tokio::sync::mpsc;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use super::super::outcome::{Failure, Outcome};
use super::super::reading::Reading;
use super::keeping::{Keeper, LEASE};
use super::pieces::{Cutter, pack};
use super::rows::Source;
use super::{ExportJob, fields_of, kinds_of, within_of};
use crate::app::App;
use crate::store::errand::{End, Hold};
use crate::store::export::Begun;
use crate::store::export_rows::Span;

/// A job is begun so often; then it is told that nothing came of it.
const MOST_ATTEMPTS: i64 = 8;
/// What is done before that is told without how much there is to come.
const COUNTED_AFTER: Duration = Duration::from_secs(2);
/// What waits between two of those who work on an export at the same time: batches of rows, pieces of files.
const WAITING: usize = 4;
/// Time between two signs of life.
const SIGN: Duration = Duration::from_secs(3);
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
    /// Nothing can come of it.
    Failed(ExportFailure),
    /// Something broke; another try may do better.
    Broken(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// Takes up one job that waits, and works on it to its end. Whether there was one.
///
/// # Errors
/// The database is away before a job was taken up.
pub async fn work(app: &Arc<App>, leaving: &CancellationToken) -> Outcome<bool> {
    let holder = app.ids.plain();
    for id in app.database.waiting_exports().await? {
        let now = app.clock.now();
        let hold = Hold {
            job: &id,
            holder: &holder,
            now,
            until: now + LEASE,
        };
        let write = app.database.write().await?;
        let taken = write.take_export(&hold).await?;
        write.keep().await?;
        if let Some(job) = taken {
            carry_out(app, &job, &holder, leaving).await;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Works on a job that is held, and says what became of it.
async fn carry_out(app: &Arc<App>, job: &ExportJob, holder: &str, leaving: &CancellationToken) {
    let mut keeper = Keeper::of(app, job, holder);
    let ended = if job.attempts > MOST_ATTEMPTS {
        Err(Stop::Failed(ExportFailure::GaveUp))
    } else {
        tokio::select! {
            ended = write_all(app, job, &mut keeper) => ended,
            lost = stay_alive(app, &job.id, holder) => Err(lost),
            // However long a statement takes: another node begins at once.
            () = leaving.cancelled() => Err(Stop::Leaving),
        }
    };
    let counted = match &ended {
        Ok(()) => Some(&app.exports.completed),
        Err(Stop::Failed(_)) => Some(&app.exports.failed),
        Err(_) => None,
    };
    match settle(app, (job, &keeper), ended).await {
        Ok(true) => {
            if let Some(counter) = counted {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(false) => {}
        // Its lease runs out, and somebody takes it up again.
        Err(failure) => tracing::warn!(job = job.id, ?failure, "how an export ended cannot be written"),
    }
}

/// Gives signs of life beside the work: a statement about a large city may take longer than a lease. Completes when the job is
/// another's.
async fn stay_alive(app: &App, job: &str, holder: &str) -> Stop {
    loop {
        tokio::time::sleep(SIGN).await;
        match renew(app, job, holder).await {
            Ok(true) => {}
            Ok(false) => return Stop::Lost,
            // Whether it is still this node's the next write finds.
            Err(failure) => tracing::warn!(job, ?failure, "no sign of life can be given; trying on"),
        }
    }
}

async fn renew(app: &App, job: &str, holder: &str) -> Outcome<bool> {
    let now = app.clock.now();
    let hold = Hold {
        job,
        holder,
        now,
        until: now + LEASE,
    };
    let write = app.database.write().await?;
    let held = write.renew_export(&hold).await?;
    write.keep().await?;
    Ok(held)
}

/// Writes down how a try ended. Whether that counts: whoever lost the job has no say.
async fn settle(app: &Arc<App>, (job, keeper): (&ExportJob, &Keeper<'_>), ended: Result<(), Stop>) -> Outcome<bool> {
    let hold = keeper.hold();
    let expires = |state: ExportState| End {
        state: state.as_str(),
        failure: None,
        expires_at: Some(hold.now + TimeDelta::hours(app.exports.hours)),
    };
    let write = app.database.write().await?;
    let ended = match ended {
        Ok(()) if !write.has_export_chunks(&job.id, keeper.chunks).await? => {
            Err(anyhow::anyhow!("the database lost a chunk that was not on disk yet").into())
        }
        ended => ended,
    };
    let held = match ended {
        Ok(()) => {
            write
                .end_export(&hold, expires(ExportState::Completed), keeper.done)
                .await?
        }
        Err(Stop::Failed(failure)) => {
            tracing::info!(job = job.id, %failure, "an export came to nothing");
            let end = End {
                failure: Some(failure.as_str()),
                ..expires(ExportState::Failed)
            };
            write.end_export(&hold, end, keeper.done).await?
        }
        Err(Stop::Leaving) => write.release_export(&hold, None).await?,
        Err(Stop::Broken(failure)) => {
            tracing::warn!(
                job = job.id,
                attempt = job.attempts,
                ?failure,
                "an export is tried again soon"
            );
            let wait = BACKOFF * i32::try_from(job.attempts).unwrap_or(i32::MAX);
            write.release_export(&hold, Some(hold.now + wait)).await?
        }
        Err(Stop::Lost) => return Ok(false),
    };
    write.keep().await?;
    Ok(held)
}

async fn write_all(app: &Arc<App>, job: &ExportJob, keeper: &mut Keeper<'_>) -> Result<(), Stop> {
    let reading = Reading::open_for(app.clone(), &job.account_id, job.auth_epoch).await?;
    reading.snapshot.take_time().await?;
    let withdrawn = Stop::Failed(ExportFailure::RightWithdrawn);
    let place = reading.still_may_have(job).await?.ok_or(withdrawn)?;
    let (kinds, fields) = (kinds_of(job), fields_of(job));
    let span = Span {
        within: within_of(job),
        path: place.path,
        today: reading.today,
        as_of: job.as_of,
    };
    let source = Source::of(&reading, (&kinds, &fields), &span);
    // Nobody is given a place in the log that a crash could still take back.
    reading.settle().await?;
    let begun = Begun {
        epoch: reading.epoch().to_owned(),
        position: reading.position(),
    };
    let write = app.database.write().await?;
    if !write.begin_export(&keeper.hold(), &begun).await? {
        return Err(Stop::Lost);
    }
    write.keep().await?;
    let counting = count(app, (job, keeper.hold()), &source);
    tokio::select! {
        ended = carry_over(app, job, &source, keeper) => ended,
        never = counting => match never {},
    }
}

/// Counts what is to come, where the export takes long enough that somebody may ask: counting takes as long as reading. It does so
/// in a snapshot of its own, for the export's is busy; the end says how many rows there were. It never completes.
async fn count(app: &Arc<App>, (job, hold): (&ExportJob, Hold<'_>), source: &Source<'_>) -> Infallible {
    tokio::time::sleep(COUNTED_AFTER).await;
    let counted = async {
        let reading = Reading::open_for(app.clone(), &job.account_id, job.auth_epoch).await?;
        reading.snapshot.take_time().await?;
        let total = source.count(&reading).await?;
        let write = app.database.write().await?;
        write.note_export_total(&hold, total).await?;
        Outcome::Ok(write.keep().await?)
    };
    if let Err(failure) = counted.await {
        tracing::warn!(job = job.id, ?failure, "the rows of an export cannot be counted");
    }
    std::future::pending().await
}

/// Reads, cuts, packs and keeps at the same time. Whoever breaks off lets the others end: nobody takes what they hand on, or nothing
/// comes any more.
async fn carry_over(app: &Arc<App>, job: &ExportJob, source: &Source<'_>, keeper: &mut Keeper<'_>) -> Result<(), Stop> {
    let (rows_to, rows) = mpsc::channel(WAITING);
    let (plain_to, plain) = mpsc::channel(WAITING);
    let (sealed_to, sealed) = mpsc::channel(WAITING);
    let cutter = Cutter::of(job, app.exports.part_rows, app.keys.clone(), plain_to);
    let cutting = tokio::task::spawn_blocking(move || cutter.cut(rows));
    let (id, keys) = (job.id.clone(), app.keys.clone());
    let packing = tokio::task::spawn_blocking(move || pack((&id, &keys), plain, &sealed_to));
    let read = async { source.read(rows_to).await.map_err(Stop::from) };
    tokio::try_join!(read, keeper.keep_all(sealed))?;
    // Who stands behind says why, before who found nobody behind it.
    ended(packing.await)?;
    ended(cutting.await)
}

fn ended(task: Result<Result<(), Stop>, JoinError>) -> Result<(), Stop> {
    task.context("writing an export ended early").map_err(Failure::from)?
}

/// Takes away what is over, a little at a time. Whether there may be more.
///
/// # Errors
/// The database is away.
pub async fn sweep(app: &Arc<App>) -> Outcome<bool> {
    let now = app.clock.now();
    let write = app.database.write().await?;
    let swept = write.sweep_exports(now, now - TimeDelta::days(TOLD_DAYS)).await?;
    write.keep().await?;
    Ok(swept)
}
