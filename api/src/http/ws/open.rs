//! From an HTTP request to a socket.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::Response;
use axum::http::request::Parts;
use axum::response::IntoResponse;

use super::close::Close;
use super::session::Session;
use crate::http::code::{Code, Refusal, restarting};
use crate::http::cors::may_call;
use crate::http::executor::GraphqlExecutor;
use crate::http::graphql::{MediaType, asked_language, refusal_response};
use crate::http::intake::Intake;
use crate::http::peer;
use crate::http::shared::Node;

const SUBPROTOCOL: &str = "graphql-transport-ws";
/// Bytes that may wait for the network; longer answers than this are not sent.
const WRITE_BUFFER: usize = 8 * 1024 * 1024;
/// Bytes that are read at a time. The library's own 128 KiB are touched with the first read and held by each socket for good,
/// while clients send little.
const READ_BUFFER: usize = 1024;

/// Opens a socket for pages that may call, while the node has room.
pub fn open<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts, upgrade: WebSocketUpgrade) -> Response<Body> {
    let refuse = |refusal| refusal_response(refusal, &node.request_ids.of(&parts.headers), MediaType::Json);
    if !may_call(&parts.headers, &node.settings.origins) {
        return refuse(Refusal::new(
            Code::OriginRefused,
            "pages of this origin may not connect",
        ));
    }
    if node.lifetime.shutdown.is_cancelled() {
        return refuse(restarting());
    }
    let Some(place) = node.connections.enter(node.settings.socket.per_node) else {
        return refuse(Refusal::new(Code::Overloaded, "too many connections").retry_after_ms(5_000));
    };
    let (client, language) = (
        peer::client_address(parts, node.settings.proxies),
        asked_language(&parts.headers),
    );
    // Until it is signed in, a socket brings no more than an anonymous body has.
    let intake = parts.extensions.get::<Intake>().cloned().unwrap_or_default();
    intake.bound(node.settings.anonymous_body_bytes);
    let node = Arc::clone(node);
    let bytes = node.settings.body_bytes;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(bytes)
        .max_frame_size(bytes);
    upgrade
        .max_write_buffer_size(WRITE_BUFFER)
        .on_upgrade(move |socket| {
            let tasks = node.lifetime.tasks.clone();
            tasks.track_future(async move {
                node.metrics.socket_opened();
                if socket.protocol().is_some() {
                    Session::run(Arc::clone(&node), socket, intake, client, language).await;
                } else {
                    refuse_protocol(socket).await;
                }
                node.metrics.socket_closed();
                drop(place);
            })
        })
        .into_response()
}

async fn refuse_protocol(mut socket: WebSocket) {
    // The client may be gone already; then there is nobody to tell.
    let _ = socket.send(Close::no_subprotocol().into_message()).await;
    let _ = tokio::time::timeout(std::time::Duration::from_secs(1), async {
        while let Some(Ok(_)) = socket.recv().await {}
    })
    .await;
}
