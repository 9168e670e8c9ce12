//! The process around a command: its log, its threads, what it says and how it ends.

use std::io::{IsTerminal as _, Write as _};

use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::ops::outcome::Failure;

/// The log goes to standard error, as much of it as `ORGLIFE_LOG` asks for.
pub(super) fn begin_log() {
    let asked =
        EnvFilter::try_from_env("ORGLIFE_LOG").unwrap_or_else(|_| "info,sqlx=warn,sea_orm_migration=warn".into());
    // What libraries tell in detail holds what clients sent, headers and frames: only our own words may be asked for in full.
    let own = |target: &str| target.split("::").next() == Some(OWN_TARGET);
    let quiet = filter_fn(move |about| own(about.target()) || *about.level() <= Level::INFO);
    let told = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // Colours are for a terminal; in a file they are in the way.
        .with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(told.with_filter(asked.and(quiet)))
        .init();
}

/// What our own lines of the log begin with.
const OWN_TARGET: &str = "api";

/// Runs long work with a bar on a terminal; where standard error is none, the bar is hidden.
pub(super) async fn with_bar<T>(work: impl AsyncFnOnce(&(dyn Fn(u64, u64) + Sync)) -> T) -> T {
    let bar = indicatif::ProgressBar::new(0);
    let done = work(&|done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })
    .await;
    bar.finish_and_clear();
    done
}

/// What a thread of the runtime may use of memory in calls within calls: as much as the first thread of a process has. Only what is
/// used is taken.
const STACK: usize = 8 * 1024 * 1024;

pub(super) fn block(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()?
        .block_on(work)
}

/// A use case's answer, for the terminal.
pub(super) fn told(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Unavailable(error) | Failure::StorageFull(error) | Failure::Internal(error) => error,
        Failure::Unauthenticated => anyhow::anyhow!("not signed in"),
        Failure::Problems(problems) => {
            let line = |problem: &domain::problem::Problem| {
                let place = problem
                    .path
                    .last()
                    .map(|field| format!("{field}: "))
                    .unwrap_or_default();
                format!(
                    "{place}{} ({})",
                    problem.message(domain::vocabulary::Language::En),
                    problem.code
                )
            };
            anyhow::anyhow!(problems.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// Writes a text to standard output. A reader that has seen enough (`orglife policy | head`) is no failure.
pub(super) fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
    let said = out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(end))
        .and_then(|()| out.flush());
    match said {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        said => Ok(said?),
    }
}

/// A failure in one line: what could not be done and why, each cause once.
#[must_use]
pub fn line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.ends_with(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    #[test]
    fn each_cause_is_told_once() {
        let refused = || std::io::Error::other("refused");
        let error = Err::<(), _>(anyhow::Error::new(refused()).context("connection error: refused"))
            .context("cannot reach it")
            .unwrap_err();
        assert_eq!(super::line(&error), "cannot reach it: connection error: refused");
    }
}
