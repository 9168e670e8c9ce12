//! A stream that answers one request: the protocol's "distinct connections", and multipart.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use tokio::sync::watch;

use super::entrance::{Seat, caller_of, check_origin, keep, node_place, take_leave};
use super::frames::Frames;
use super::outbox::Outbox;
use crate::http::code::{Code, Refusal};
use crate::http::executor::{Caller, GraphqlExecutor, OperationKind};
use crate::http::graphql::{Answer, MediaType, Request, refusal_response};
use crate::http::shared::Node;
use crate::http::stream::{Hangup, Operation, Operations, Ticket};

/// The id of the only operation; it is not sent.
const ONLY: &str = "";

/// Runs the operation into a stream of its own.
pub async fn open<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    mut request: Request,
    frames: Frames,
) -> Response<Body> {
    let (caller, seat) = match admit(node, parts, &request).await {
        Ok(admitted) => admitted,
        Err(refusal) => return refuse(node, frames, refusal, &request.meta.request_id),
    };
    request.meta.transport = frames.transport();
    request.meta.resume_after = last_event_id(parts);
    let (outbox, body) = Outbox::new(frames, node.settings.socket.send_timeout);
    outbox.is_read_over(parts.extensions.get::<Hangup>().cloned().unwrap_or_default());
    let response = outbox.response(body);
    let node = Arc::clone(node);
    let tasks = node.lifetime.tasks.clone();
    tasks.spawn(async move {
        node.metrics.stream_opened();
        tell(&node, caller, request, &outbox).await;
        node.metrics.stream_closed();
        drop(seat);
    });
    response
}

/// Refuses: in the stream, or by a status where trying again may help.
pub fn refuse<E: GraphqlExecutor>(
    node: &Node<E>,
    frames: Frames,
    refusal: Refusal,
    request_id: &str,
) -> Response<Body> {
    let transport = frames.transport();
    let in_stream = Frames::tell(refusal.code);
    let answer = Answer::refused(refusal.clone(), request_id);
    node.metrics.count(transport, answer.outcome());
    if !in_stream {
        return refusal_response(refusal, request_id, MediaType::GraphqlResponse);
    }
    let (outbox, _) = Outbox::new(frames.clone(), node.settings.socket.send_timeout);
    let pieces = [frames.opening(), frames.refusal("", &answer)].concat();
    outbox.response(Body::from(pieces))
}

async fn admit<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    request: &Request,
) -> Result<(Caller, Seat), Refusal> {
    check_origin(node, parts)?;
    let place = node_place(node)?;
    let caller = caller_of(node, parts, request.plan.anonymous).await?;
    if caller.account.is_none() && request.plan.kind == OperationKind::Subscription {
        return Err(Refusal::new(Code::Unauthenticated, "sign in first"));
    }
    let limit = node.settings.socket.streams_per_account;
    let seat = Seat::take(place, &node.streams, &caller, limit)?;
    Ok((caller, seat))
}

async fn tell<E: GraphqlExecutor>(node: &Node<E>, caller: Caller, request: Request, outbox: &Outbox) {
    let request_id = request.meta.request_id.clone();
    let (_renewals, watched) = watch::channel(caller.clone());
    let operations = Operations::default();
    let Ticket::Admitted(cancelled) = operations.begin(ONLY, 1) else {
        return;
    };
    let operation = Operation {
        node: Arc::clone(node),
        caller,
        id: ONLY.to_owned(),
        channel: outbox.clone(),
        operations: operations.clone(),
        cancelled,
    };
    if outbox.open().await
        && let Some(ending) = keep(node, outbox, &operations, watched, operation.run(request)).await
    {
        take_leave(outbox, ending, &[ONLY.to_owned()], &request_id).await;
    }
}

/// Characters of the header.
const LAST_EVENT_ID: usize = 1024;

/// The id of the last event that the client took.
pub fn last_event_id(parts: &Parts) -> Option<String> {
    let id = parts.headers.get("last-event-id")?.to_str().ok()?.trim();
    (1..=LAST_EVENT_ID).contains(&id.len()).then(|| id.to_owned())
}
