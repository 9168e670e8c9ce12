use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{StoreArgs, say};
use crate::app::{App, Ids};
use crate::http::Lifetime;

/// `orglife serve`.
pub async fn serve(store: StoreArgs, listen: SocketAddr) -> anyhow::Result<()> {
    let app = Arc::new(store.open(Ids::Random).await?);
    listen_with(app, listen).await
}

/// Listens, says where, and serves until SIGTERM or Ctrl-C.
pub async fn listen_with(app: Arc<App>, listen: SocketAddr) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    say(&format!(
        "listening on http://{address}/graphql (GraphiQL: http://{address}/graphiql/)"
    ))?;
    let lifetime = Lifetime::default();
    let shutdown = lifetime.shutdown.clone();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.cancel();
    });
    tokio::spawn(tick(app.clone(), lifetime.shutdown.clone()));
    crate::node::run(app, listener, lifetime).await
}

/// Time passes without a write: each hour the day's tick is offered; whoever takes its lock does it, once a day.
async fn tick(app: Arc<App>, shutdown: tokio_util::sync::CancellationToken) {
    let mut hours = tokio::time::interval(std::time::Duration::from_secs(3600));
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = hours.tick() => {}
        }
        match crate::ops::obligation::tick::tick(&app).await {
            Ok(changed) => tracing::info!(changed, "tick done"),
            Err(failure) => tracing::warn!(?failure, "tick failed; it is offered again in an hour"),
        }
    }
}
