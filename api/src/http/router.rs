//! All routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};

use super::code::restarting;
use super::executor::GraphqlExecutor;
use super::graphql::{
    MediaType, get_graphql, internal, other_method, post_graphql, refusal_response, request_id_of, stamp,
};
use super::lifetime::{Late, Lifetime};
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
    let late = from_fn_with_state(Arc::clone(&node), turn_away::<E>);
    let mut router = Router::new()
        .route("/graphql", graphql.layer(late.clone()))
        .route_layer(from_fn_with_state(Arc::clone(&node), cors::cors::<E>))
        .route("/readyz", get(health::ready::<E>))
        .route("/metrics", get(health::metrics::<E>))
        .route("/.well-known/jwks.json", get(health::keys::<E>))
        .route(
            "/register/{organization}/{year}",
            get(page::register::<E>).layer(late.clone()),
        )
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
        .route("/exports/{job}/{part}", get(export::export::<E>).layer(late.clone()))
        .route("/imports/files", post(import::upload::<E>).layer(late.clone()))
        .route(
            "/imports/templates/{name}",
            get(import::template::<E>).layer(late.clone()),
        )
        .route("/imports/{job}/{report}", get(import::report::<E>).layer(late))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn_with_state(Arc::clone(&node), stamp::<E>))
        .with_state(node)
}

/// Refuses work that comes to a node on its way down; the machinery around it is answered to the end.
async fn turn_away<E: GraphqlExecutor>(State(node): State<Node<E>>, request: Request, next: Next) -> Response {
    if request.extensions().get::<Late>().is_none() {
        return next.run(request).await;
    }
    let (parts, _) = request.into_parts();
    refusal_response(restarting(), &request_id_of(&node, &parts), MediaType::Json)
}

/// The last fence; operations have their own.
fn panicked() -> Response {
    tracing::error!("a request panicked outside of its operation");
    refusal_response(internal(), "", MediaType::Json).into_response()
}
