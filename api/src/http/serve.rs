//! The listener's loop: connections with time limits, and an orderly end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::arrivals::{Arrival, Arrivals};
use super::intake::{Intake, Metered};
use super::lifetime::{Late, Lifetime};
use super::settings::HttpSettings;
use super::stream::Hangup;

/// Time for a client to send its headers.
const HEADERS: Duration = Duration::from_secs(15);

/// Connections that are answered at once while the node goes down.
const LATE: usize = 64;

/// Serves until `lifetime.shutdown` is cancelled, then drains: no new work, running operations get
/// `drain_timeout`, sockets are closed with 1012 and streams cut, spread over
/// `drain_spread`. Who connects meanwhile is told that the node goes: a probe that `/readyz` is red, work that it is to come
/// back elsewhere. Returns when all is done or time is up.
///
/// # Errors
/// When the listener fails for good. Errors of single connections are not errors of the server.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: &HttpSettings,
    lifetime: &Lifetime,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(settings.connections));
    let arrivals = Arrivals::default();
    loop {
        let permit = tokio::select! {
            () = lifetime.shutdown.cancelled() => break,
            permit = Arc::clone(&room).acquire_owned() => permit.map_err(io::Error::other)?,
        };
        let turn = arrivals.turn().await?;
        let (stream, peer) = tokio::select! {
            () = lifetime.shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file handles, or a client that left before it was taken: neither ends the server.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let connection = converse((stream, peer), Arrival::of(turn), router.clone(), lifetime.clone());
        lifetime.tasks.spawn(async move {
            connection.await;
            drop(permit);
        });
    }
    lifetime.tasks.close();
    let patience = settings
        .drain_timeout
        .max(settings.drain_spread + Duration::from_secs(2));
    tokio::select! {
        drained = tokio::time::timeout(patience, lifetime.tasks.wait()) => if drained.is_err() {
            tracing::warn!(left = lifetime.tasks.len(), "work was left when time to drain was up");
        },
        () = turn_away(&listener, &router) => {}
    }
    Ok(())
}

/// Takes connections for as long as it is polled, one request each; the node does not wait for them.
async fn turn_away(listener: &TcpListener, router: &Router) {
    let room = Arc::new(Semaphore::new(LATE));
    while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let router = router.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let late = move |mut request: Request<Body>| {
                request.extensions_mut().insert(Late);
                request.extensions_mut().insert(ConnectInfo(peer));
                router.clone().oneshot(request)
            };
            let mut builder = builder();
            builder.http1().keep_alive(false);
            let service = hyper::service::service_fn(move |request: Request<Incoming>| late(request.map(Body::new)));
            let answered = builder.serve_connection(TokioIo::new(stream), service);
            let _ = tokio::time::timeout(HEADERS, answered).await;
            drop(permit);
        });
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(30)))
        .max_concurrent_streams(100);
    builder
}

async fn converse((stream, peer): (TcpStream, SocketAddr), arrival: Arrival, router: Router, lifetime: Lifetime) {
    // Answers are small and complete: waiting for more bytes only adds delay.
    let _ = stream.set_nodelay(true);
    let (hangup, intake) = (Hangup::default(), Intake::default());
    let hung_up = hangup.0.clone();
    let stream = Metered::new(stream, intake.clone());
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(hangup.clone());
        request.extensions_mut().insert(intake.clone());
        let (answer, arrival) = (router.clone().oneshot(request), arrival.clone());
        async move {
            let answer = answer.await;
            arrival.is_answered();
            answer
        }
    });
    let builder = builder();
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let orderly = async {
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = lifetime.shutdown.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    let ended = tokio::select! {
        ended = orderly => ended,
        () = hung_up.cancelled() => return,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
