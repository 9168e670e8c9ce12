//! All routes.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};

use super::executor::GraphqlExecutor;
use super::graphql::{MediaType, get_graphql, internal, other_method, post_graphql, refusal_response, stamp};
use super::lifetime::Lifetime;
use super::settings::{Hooks, HttpSettings};
use super::shared::{Node, Shared};
use super::{cors, export, graphiql, health, import, page, sse};

/// The router of a node: `/graphql` (GET, POST, WebSocket, event streams), `/graphiql/`, `/register/…`, `/exports/…`, `/imports/…`, `/healthz`, `/readyz`, `/metrics`,
/// `/.well-known/jwks.json`. Hand it to [`super::serve`] together with the same `lifetime`.
pub fn router<E: GraphqlExecutor>(executor: E, settings: HttpSettings, hooks: Hooks, lifetime: Lifetime) -> Router {
    let graphiql = settings.graphiql;
    let node: Node<E> = Arc::new(Shared::new(executor, settings, hooks, lifetime));
    let graphql = get(get_graphql::<E>)
        .post(post_graphql::<E>)
        .put(sse::reserve::<E>)
        .delete(sse::stop::<E>)
        .fallback(other_method::<E>);
    let mut router = Router::new()
        .route("/graphql", graphql)
        .route_layer(from_fn_with_state(Arc::clone(&node), cors::cors::<E>))
        .route("/readyz", get(health::ready::<E>))
        .route("/metrics", get(health::metrics::<E>))
        .route("/.well-known/jwks.json", get(health::keys::<E>))
        .route("/register/{organization}/{year}", get(page::register::<E>))
        .route("/healthz", get(health::live));
    if graphiql {
        router = router
            .route("/graphiql", get(graphiql::redirect))
            .route("/graphiql/", get(graphiql::page))
            .route("/graphiql/{*path}", get(graphiql::asset));
    }
    router
        .layer(CompressionLayer::new().compress_when(
            // Streams go out message by message.
            DefaultPredicate::new().and(NotForContentType::const_new("multipart/mixed")),
        ))
        // Files go out as they are: their lengths, ranges and tags speak of these bytes.
        .route("/exports/{job}/{part}", get(export::export::<E>))
        .route("/imports/files", post(import::upload::<E>))
        .route("/imports/templates/{name}", get(import::template::<E>))
        .route("/imports/{job}/{report}", get(import::report::<E>))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn_with_state(Arc::clone(&node), stamp::<E>))
        .with_state(node)
}

/// The last fence; operations have their own.
fn panicked() -> Response {
    tracing::error!("a request panicked outside of its operation");
    refusal_response(internal(), "", MediaType::Json).into_response()
}
