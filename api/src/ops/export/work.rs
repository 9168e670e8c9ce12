//! Working on exports: any node takes up what waits, or what a node that died left, and writes it anew from a snapshot of its
//! own; and what is over goes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;
use domain::vocabulary::{ExportFailure, ExportKind, ExportState, SealedField};
use tokio_util::sync::CancellationToken;

use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::parts::{LEASE, Parts, Stop};
use super::rows::Source;
use super::{ExportJob, fields_of, kinds_of, within_of};
use crate::app::App;
use crate::store::errand::{End, Hold};
use crate::store::export::Begun;
use crate::store::export_rows::Span;

/// Rows of one export.
const MOST_ROWS: u64 = 10_000_000;
/// A job is begun so often; then it is told that nothing came of it.
const MOST_ATTEMPTS: i64 = 8;
/// Time between two signs of life.
const SIGN: Duration = Duration::from_secs(3);
/// How long it is waited before another try, for each try so far.
const BACKOFF: TimeDelta = TimeDelta::seconds(3);
/// Jobs are told of for so many days after their end.
const TOLD_DAYS: i64 = 30;

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
    let mut parts = Parts::of(app, job, holder);
    let ended = if job.attempts > MOST_ATTEMPTS {
        Err(Stop::Failed(ExportFailure::GaveUp))
    } else {
        tokio::select! {
            ended = write_all(app, job, &mut parts) => ended,
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
    match settle(app, job, &parts, ended).await {
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

/// Gives signs of life beside the work: counting and reading the rows of a large city may take longer than a lease. Completes when
/// the job is another's.
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
async fn settle(app: &Arc<App>, job: &ExportJob, parts: &Parts<'_>, ended: Result<(), Stop>) -> Outcome<bool> {
    let hold = parts.hold();
    let expires = |state: ExportState| End {
        state: state.as_str(),
        failure: None,
        expires_at: Some(hold.now + TimeDelta::hours(app.exports.hours)),
    };
    let write = app.database.write().await?;
    let held = match ended {
        Ok(()) => {
            write
                .end_export(&hold, expires(ExportState::Completed), parts.done)
                .await?
        }
        Err(Stop::Failed(failure)) => {
            tracing::info!(job = job.id, %failure, "an export came to nothing");
            let end = End {
                failure: Some(failure.as_str()),
                ..expires(ExportState::Failed)
            };
            write.end_export(&hold, end, parts.done).await?
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

async fn write_all(app: &Arc<App>, job: &ExportJob, parts: &mut Parts<'_>) -> Result<(), Stop> {
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
    let (sources, total) = open_all(&reading, (kinds, &fields), &span).await?;
    if total > MOST_ROWS {
        return Err(Stop::Failed(ExportFailure::TooManyRows));
    }
    // Nobody is given a place in the log that a crash could still take back.
    reading.settle().await?;
    let begun = Begun {
        epoch: reading.epoch().to_owned(),
        position: reading.position(),
        total: i64::try_from(total).unwrap_or(i64::MAX),
    };
    let write = app.database.write().await?;
    if !write.begin_export(&parts.hold(), &begun).await? {
        return Err(Stop::Lost);
    }
    write.keep().await?;
    for (kind, mut source) in sources {
        let mut lines = source.next().await?;
        while !lines.is_empty() {
            // The next rows are read while these are written.
            let (next, written) = tokio::join!(source.next(), parts.write(kind, lines));
            written?;
            lines = next?;
        }
    }
    parts.finish().await
}

/// The rows of each kind, in order, and how many there are of all of them.
async fn open_all<'a>(
    reading: &'a Reading,
    (kinds, fields): (Vec<ExportKind>, &'a [SealedField]),
    span: &'a Span,
) -> Outcome<(Vec<(ExportKind, Source<'a>)>, u64)> {
    let (mut sources, mut total) = (Vec::with_capacity(kinds.len()), 0);
    for kind in kinds {
        let (source, rows) = Source::open(reading, (kind, fields), span).await?;
        sources.push((kind, source));
        total += rows;
    }
    Ok((sources, total))
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
