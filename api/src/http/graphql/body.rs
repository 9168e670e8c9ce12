//! The body of a request. A long one is read for an account only, and so many of them at once: whoever is not known makes
//! the node hold no more than a short one for each connection.

use axum::body::Body;
use axum::http::header;
use axum::http::request::Parts;
use futures_util::StreamExt;

use super::call::{asked_language, bearer, recognise};
use super::params::Params;
use crate::http::code::{Code, Refusal};
use crate::http::executor::{Credentials, GraphqlExecutor};
use crate::http::peer;
use crate::http::shared::Node;
use crate::http::stream::{AccountPlace, NodePlace};

/// The places that a long body takes while it is read.
type Room = (NodePlace, AccountPlace);

/// The operation in the body, unless that is too long or too slow.
pub async fn read_body<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts, body: Body) -> Result<Params, Refusal> {
    let late = |_| Refusal::new(Code::BodyTimeout, "the body did not come in time");
    let whole = tokio::time::timeout(node.settings.body_timeout, whole(node, parts, body)).await;
    // The room is given back when the text is read: what an operation holds from then on is bounded by how many run.
    let (text, _room) = whole.map_err(late)??;
    Params::from_body(&parts.headers, &text)
}

/// The whole body. Who sends it is asked only when it is, or says that it will be, long.
async fn whole<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    body: Body,
) -> Result<(Vec<u8>, Option<Room>), Refusal> {
    let told = told_length(parts);
    let mut limit = node.settings.anonymous_body_bytes;
    let (mut text, mut room) = (Vec::<u8>::new(), None);
    let mut pieces = body.into_data_stream();
    loop {
        if told.max(text.len()) > limit {
            if room.is_some() {
                return Err(too_large("bytes of the body", limit));
            }
            room = Some(admit(node, parts).await?);
            limit = node.settings.body_bytes;
            continue;
        }
        match pieces.next().await {
            Some(Ok(piece)) => text.extend_from_slice(&piece),
            Some(Err(_)) => return Err(Refusal::new(Code::BadRequest, "the body broke off")),
            None => return Ok((text, room)),
        }
    }
}

/// `Content-Length`, 0 where it does not say.
fn told_length(parts: &Parts) -> usize {
    let told = parts.headers.get(header::CONTENT_LENGTH);
    told.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}

/// Room for a long body of an account.
async fn admit<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts) -> Result<Room, Refusal> {
    let settings = &node.settings;
    let credentials = Credentials {
        bearer: bearer(&parts.headers)?,
        language: asked_language(&parts.headers),
        client: peer::client_address(parts, settings.proxies),
        at_once: false,
    };
    let caller = recognise(node, credentials, false).await?;
    let Some(account) = caller.account else {
        return Err(too_large(
            "bytes of the body of who is not signed in",
            settings.anonymous_body_bytes,
        ));
    };
    let on_the_node = node.bodies.enter(settings.long_bodies);
    let of_the_account = node.bodies.sign_in(&account, settings.long_bodies_per_account);
    on_the_node
        .zip(of_the_account)
        .ok_or_else(|| Refusal::new(Code::Overloaded, "too many long bodies at once").retry_after_ms(1_000))
}

fn too_large(what: &str, limit: usize) -> Refusal {
    Refusal::above(Code::BodyTooLarge, what, limit)
}
