//! An event stream that carries many operations: the protocol's "single connection".
//!
//! `PUT` reserves it and answers with its token, `GET` reads it, `POST` starts an operation that is answered on it, and
//! `DELETE` ends one. The token names the stream and lets one reader in (a browser's `EventSource` sends no headers);
//! every operation needs the account's own bearer token besides.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode, header};

use super::desk::EventStream;
use super::entrance::{Seat, caller_of, check_origin, keep, node_place, take_leave};
use super::frames::Frames;
use super::outbox::Outbox;
use super::single::last_event_id;
use crate::http::code::{Code, Refusal};
use crate::http::executor::{Caller, GraphqlExecutor, Transport};
use crate::http::graphql::{
    Accepted, Answer, MediaType, Params, Request, internal, meta, refusal_response, request_id_of,
};
use crate::http::peer;
use crate::http::shared::Node;
use crate::http::stream::{Hangup, Operation, Ticket, too_many};

const TOKEN: &str = "x-graphql-event-stream-token";
/// Characters of an operation's id.
const OPERATION_ID: usize = 64;

/// The token of an event stream: in its header, or in the address of a `GET` for one (`EventSource`).
pub fn token(parts: &Parts) -> Option<String> {
    if let Some(token) = parts.headers.get(TOKEN) {
        // What is no text names no stream.
        return Some(token.to_str().unwrap_or_default().to_owned());
    }
    let streams = || parts.method != axum::http::Method::GET || Accepted::of(&parts.headers).streams();
    parameter(parts, "token").filter(|_| streams())
}

fn parameter(parts: &Parts, wanted: &str) -> Option<String> {
    let query = parts.uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
}

/// `PUT /graphql`: reserves a stream; 201 with its token.
pub async fn reserve<E: GraphqlExecutor>(State(node): State<Node<E>>, request: HttpRequest) -> Response<Body> {
    let (parts, _) = request.into_parts();
    match reserved(&node, &parts).await {
        Ok(token) => {
            let mut response = Response::new(Body::from(token));
            *response.status_mut() = StatusCode::CREATED;
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, plain);
            response
        }
        Err(refusal) => refused(&node, &parts, refusal),
    }
}

async fn reserved<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts) -> Result<String, Refusal> {
    check_origin(node, parts)?;
    let place = node_place(node)?;
    let caller = caller_of(node, parts, false).await?;
    let account = caller
        .account
        .clone()
        .ok_or_else(|| Refusal::new(Code::Unauthenticated, "sign in first"))?;
    let seat = Seat::take(place, &node.connections, &caller, node.settings.socket.per_account)?;
    let token = domain::ids::encode(u128::from_be_bytes(
        crate::secrets::random::<16>().map_err(|_| internal())?,
    ));
    let (outbox, body) = Outbox::new(Frames::KeyedEvents, node.settings.socket.send_timeout);
    let stream = Arc::new(EventStream::new(account, caller, outbox, body));
    node.desk.keep(token.clone(), Arc::clone(&stream));
    let (node, kept, id) = (Arc::clone(node), token.clone(), request_id_of(node, parts));
    let tasks = node.lifetime.tasks.clone();
    tasks.spawn(async move {
        serve(&node, &stream, &id).await;
        node.desk.forget(&kept);
        stream.operations.end_all();
        drop(seat);
    });
    Ok(token)
}

/// Waits for the reader, then keeps the stream until one of both sides ends it.
async fn serve<E: GraphqlExecutor>(node: &Node<E>, stream: &EventStream, request_id: &str) {
    let joining = tokio::time::timeout(node.settings.socket.init_timeout, stream.joined.cancelled());
    if joining.await.is_err() {
        return stream.abandon();
    }
    node.metrics.stream_opened();
    let caller = stream.caller.subscribe();
    let ending = keep(node, &stream.outbox, &stream.operations, caller, std::future::pending()).await;
    let open = stream.operations.end_all();
    if let Some(ending) = ending {
        take_leave(&stream.outbox, ending, &open, request_id).await;
    }
    node.metrics.stream_closed();
}

/// `GET /graphql` with a token: reads the stream.
pub async fn join<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts, token: &str) -> Response<Body> {
    match joined(node, parts, token).await {
        Ok(response) => response,
        Err(refusal) => refused(node, parts, refusal),
    }
}

async fn joined<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts, token: &str) -> Result<Response<Body>, Refusal> {
    check_origin(node, parts)?;
    let account = match parts.headers.contains_key(header::AUTHORIZATION) {
        true => caller_of(node, parts, false).await?.account,
        false => None,
    };
    let stream = node.desk.find(token, account.as_deref())?;
    let body = stream.join()?;
    stream
        .outbox
        .is_read_over(parts.extensions.get::<Hangup>().cloned().unwrap_or_default());
    stream.outbox.beat();
    Ok(stream.outbox.response(body))
}

/// `POST /graphql` with a token: starts an operation; 202, and the answer comes on the stream.
pub async fn submit<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    token: &str,
    params: Result<Params, Refusal>,
) -> Response<Body> {
    let submitted = async {
        check_origin(node, parts)?;
        let (stream, caller) = entered(node, parts, token).await?;
        start(node, parts, &stream, caller, params?)
    };
    match submitted.await {
        Ok(()) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::ACCEPTED;
            response
        }
        Err(refusal) => refused(node, parts, refusal),
    }
}

/// The stream of a token, for its own account; the request's bearer token renews the stream.
async fn entered<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    token: &str,
) -> Result<(Arc<EventStream>, Caller), Refusal> {
    let caller = caller_of(node, parts, false).await?;
    let account = caller
        .account
        .as_deref()
        .ok_or_else(|| Refusal::new(Code::Unauthenticated, "sign in first"))?;
    let stream = node.desk.find(token, Some(account))?;
    // It ended with its session; the look at its account is about to cut it.
    if stream.caller.borrow().era != caller.era {
        return Err(EventStream::unknown());
    }
    stream.caller.send_replace(caller.clone());
    Ok((stream, caller))
}

fn start<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    stream: &EventStream,
    caller: Caller,
    params: Params,
) -> Result<(), Refusal> {
    let id = params.operation_id.clone().unwrap_or_default();
    if !(1..=OPERATION_ID).contains(&id.len()) {
        let message = "extensions.operationId must be a text of 1 to 64 bytes";
        return Err(Refusal::new(Code::BadRequest, message));
    }
    let client = peer::client_address(parts, node.settings.proxies);
    let mut meta = meta(request_id_of(node, parts), client, Transport::EventStream);
    meta.resume_after = last_event_id(parts);
    let request = Request::guarded(node, params, meta)?;
    let limit = node.settings.socket.operations;
    let cancelled = match stream.operations.begin(&id, limit) {
        Ticket::Admitted(cancelled) => cancelled,
        Ticket::Taken => {
            return Err(Refusal::new(
                Code::OperationIdTaken,
                "an operation with this id is open on the event stream",
            ));
        }
        Ticket::Full => return Err(too_many(limit)),
        Ticket::Over => return Err(EventStream::unknown()),
    };
    let operation = Operation {
        node: Arc::clone(node),
        caller,
        id,
        channel: stream.outbox.clone(),
        operations: stream.operations.clone(),
        cancelled,
    };
    drop(node.lifetime.tasks.spawn(operation.run(request)));
    Ok(())
}

/// `DELETE /graphql?operationId=…` with a token: ends an operation; 200, also if it is over already.
pub async fn stop<E: GraphqlExecutor>(State(node): State<Node<E>>, request: HttpRequest) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let stopped = async {
        check_origin(&node, &parts)?;
        let (stream, _) = entered(&node, &parts, &token(&parts).unwrap_or_default()).await?;
        let id = parameter(&parts, "operationId");
        let id = id.ok_or_else(|| Refusal::new(Code::BadRequest, "operationId names no operation"))?;
        stream.operations.end(&id);
        Ok(Response::new(Body::empty()))
    };
    match stopped.await {
        Ok(response) => response,
        Err(refusal) => refused(&node, &parts, refusal),
    }
}

fn refused<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts, refusal: Refusal) -> Response<Body> {
    let id = request_id_of(node, parts);
    let answer = Answer::refused(refusal.clone(), &id);
    node.metrics.count(Transport::EventStream, answer.outcome());
    // A status of success would be taken for a yes.
    refusal_response(refusal, &id, MediaType::GraphqlResponse)
}
