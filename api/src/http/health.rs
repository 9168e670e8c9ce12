//! Routes for the machinery around: life, readiness, keys, counters.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::executor::GraphqlExecutor;
use super::shared::Node;

/// The process runs.
pub async fn live() -> &'static str {
    "ok\n"
}

/// The node can serve; red from the moment it is told to stop.
pub async fn ready<E: GraphqlExecutor>(State(node): State<Node<E>>) -> impl IntoResponse {
    if node.lifetime.shutdown.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    let looking = node.hooks.pulse.answered((node.hooks.ready)());
    match tokio::time::timeout(std::time::Duration::from_secs(3), looking).await {
        Ok(Ok(true)) => (StatusCode::OK, "ready\n"),
        Ok(Ok(false) | Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}

/// The public keys of our tokens; old ones stay until their last token has ended, so a few minutes of caching are safe.
pub async fn keys<E: GraphqlExecutor>(State(node): State<Node<E>>) -> impl IntoResponse {
    (
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Json((node.hooks.keys)()),
    )
}

/// Counters.
pub async fn metrics<E: GraphqlExecutor>(State(node): State<Node<E>>) -> impl IntoResponse {
    let running = node
        .settings
        .operations_at_once
        .saturating_sub(node.gate.available_permits());
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        node.metrics.render(running, (node.hooks.counts)()),
    )
}
