use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{EdgeArgs, ServeArgs, say};
use crate::app::{App, Ids};
use crate::http::{Front, Lifetime, Room};
use crate::ops::outcome::Outcome;
use crate::store::connect::of_its_own_accord;

/// `orglife serve`.
pub async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    args.store.must_be_there()?;
    let listener = bind(args.listen).await?;
    let app = Arc::new(args.store.open(Ids::Random).await?);
    listen_with(app, args.edge, listener).await
}

/// Takes the address, before anything else is begun.
pub async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))
}

/// Says where it listens, and serves until SIGTERM or Ctrl-C.
pub async fn listen_with(app: Arc<App>, edge: EdgeArgs, listener: TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let lifetime = Lifetime::default();
    let shutdown = lifetime.shutdown.clone();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Said once signals are heard: whoever reads it may send one at once.
    say(&format!(
        "listening on http://{address}/graphql (GraphiQL: http://{address}/graphiql/)"
    ))?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.cancel();
    });
    if let Err(failure) = of_its_own_accord(crate::ops::leases::begin_alone(&app)).await {
        tracing::warn!(?failure, "work of before goes on when its leases have run out");
    }
    tokio::spawn(of_its_own_accord(tick(app.clone(), lifetime.shutdown.clone())));
    tokio::spawn(of_its_own_accord(upkeep(app.clone(), lifetime.shutdown.clone())));
    let exporting = exports(app.clone(), lifetime.shutdown.clone());
    lifetime.tasks.spawn(of_its_own_accord(exporting));
    let importing = imports(app.clone(), lifetime.shutdown.clone());
    lifetime.tasks.spawn(of_its_own_accord(importing));
    let room = Room {
        connections: usize::try_from(edge.connections)?,
        sockets_per_account: usize::try_from(edge.sockets_per_account)?,
        patience: Duration::from_secs(edge.send_seconds.into()),
    };
    let front = Front {
        origins: edge.origins,
        proxies: usize::from(edge.proxies),
        file_bytes: app.imports.file_bytes,
    };
    crate::node::run(app, room, front, listener, lifetime).await
}

/// Most time between two offers of the tick.
const HOUR: Duration = Duration::from_secs(3600);
/// Time until it is offered again where it failed, or where another node had the lock and may have died with it.
const SOON: Duration = Duration::from_secs(15);

/// Time passes without a write: the day's tick is offered at the start, right after each local midnight, and each hour in
/// between; whoever takes its lock does it, once a day.
async fn tick(app: Arc<App>, shutdown: CancellationToken) {
    loop {
        let wait = match crate::ops::obligation::tick::tick(&app).await {
            Ok(Some(changed)) => {
                app.ticks.fetch_add(1, Ordering::Relaxed);
                tracing::info!(changed, "tick done");
                HOUR
            }
            Ok(None) => SOON,
            Err(failure) => {
                tracing::warn!(?failure, "tick failed; it is offered again soon");
                SOON
            }
        };
        // A moment after midnight, so that the clock is past it for sure.
        let midnight = crate::ops::obligation::tick::until_midnight(&app) + Duration::from_millis(100);
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait.min(midnight)) => {}
        }
    }
}

/// Time between two looks for lines of the trail to be sealed.
const SEAL: Duration = Duration::from_secs(5);
/// Looks between two that also ask for old events.
const LOOKS: u32 = 120;

/// Seals the audit trail and trims the log; whoever takes the lease of either does it.
async fn upkeep(app: Arc<App>, shutdown: CancellationToken) {
    let mut look = 0u32;
    loop {
        if let Err(failure) = crate::ops::trail::seal(&app).await {
            tracing::warn!(?failure, "the audit trail cannot be sealed; it is tried again soon");
        }
        if look.is_multiple_of(LOOKS) {
            match crate::ops::log::trim(&app).await {
                Ok(0) => {}
                Ok(gone) => tracing::info!(gone, "old events are gone from the log"),
                Err(failure) => {
                    tracing::warn!(?failure, "the log cannot be trimmed; it is tried again soon");
                    look = look.wrapping_sub(1);
                }
            }
        }
        look = look.wrapping_add(1);
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(SEAL) => {}
        }
    }
}

/// Time between two looks for jobs that another node was asked for, or left.
const LOOK: Duration = Duration::from_secs(2);
/// Looks between two that also take away what is over.
const SWEEPS: u32 = 30;

/// Works on jobs of one kind, one at a time; whoever takes a job's lease does it. Now and then what is over is taken away.
async fn errands<W, S>(
    what: &'static str,
    (begun, shutdown): (&tokio::sync::Notify, &CancellationToken),
    work: impl Fn() -> W,
    sweep: impl Fn() -> S,
) where
    W: Future<Output = Outcome<bool>>,
    S: Future<Output = Outcome<bool>>,
{
    let mut look = 0u32;
    while !shutdown.is_cancelled() {
        let worked = work().await;
        let swept = if look.is_multiple_of(SWEEPS) {
            sweep().await
        } else {
            Ok(false)
        };
        for failure in [worked.as_ref().err(), swept.as_ref().err()].into_iter().flatten() {
            tracing::warn!(?failure, "{what} cannot be looked after; it is tried again soon");
        }
        let more = matches!(swept, Ok(true));
        if more {
            tokio::time::sleep(Duration::from_millis(20)).await;
        } else {
            look = look.wrapping_add(1);
        }
        if more || matches!(worked, Ok(true)) {
            continue;
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = begun.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn exports(app: Arc<App>, shutdown: CancellationToken) {
    use crate::ops::export::work::{sweep, work};
    let ends = (&app.exports.begun, &shutdown);
    errands("exports", ends, || work(&app, &shutdown), || sweep(&app)).await;
}

async fn imports(app: Arc<App>, shutdown: CancellationToken) {
    use crate::ops::import::work::{sweep, work};
    let ends = (&app.imports.begun, &shutdown);
    errands("imports", ends, || work(&app, &shutdown), || sweep(&app)).await;
}
