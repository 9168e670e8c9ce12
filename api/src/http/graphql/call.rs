//! The routes of `/graphql`.

use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, header};
use axum::middleware::Next;

use super::accept::{Accepted, Form};
use super::answer::Answer;
use super::body::read_body;
use super::params::Params;
use super::reply::reply;
use super::run::{self, authenticate, meta, run};
use crate::http::code::{Code, Refusal};
use crate::http::executor::{Caller, Credentials, GraphqlExecutor, OperationKind, Transport};
use crate::http::shared::{Node, Shared};
use crate::http::{language, peer, request_id, sse, ws};

/// The id of this request, set by [`stamp`].
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Gives each request its id and sets what every response carries.
pub async fn stamp<E: GraphqlExecutor>(
    State(node): State<Node<E>>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let id = node.request_ids.of(request.headers());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(value) = id.parse() {
        headers.insert(request_id::HEADER, value);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers
            .entry(name)
            .or_insert(axum::http::HeaderValue::from_static(value));
    }
    response
}

/// `GET /graphql`: a query, a subscription as an event stream, a reserved event stream, or a WebSocket.
pub async fn get_graphql<E: GraphqlExecutor>(State(node): State<Node<E>>, request: Request) -> Response<Body> {
    let (mut parts, _) = request.into_parts();
    if parts.headers.contains_key(header::UPGRADE)
        && let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await
    {
        return ws::open(&node, &parts, upgrade);
    }
    if let Some(token) = sse::token(&parts) {
        return sse::join(&node, &parts, &token).await;
    }
    answer_call(&node, &parts, Params::from_query(parts.uri.query().unwrap_or_default())).await
}

/// `POST /graphql`: an operation, answered here or on the event stream that its token names.
pub async fn post_graphql<E: GraphqlExecutor>(State(node): State<Node<E>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let params = read_body(&node, &parts, body).await;
    if let Some(token) = sse::token(&parts) {
        return sse::submit(&node, &parts, &token, params).await;
    }
    answer_call(&node, &parts, params).await
}

/// Any other method on `/graphql`.
pub async fn other_method<E: GraphqlExecutor>(State(node): State<Node<E>>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let refusal = Refusal::new(Code::MethodNotAllowed, "use POST, or GET for queries");
    let mut response = answer_call(&node, &parts, Err(refusal)).await;
    response.headers_mut().insert(
        header::ALLOW,
        axum::http::HeaderValue::from_static("GET, POST, PUT, DELETE"),
    );
    response
}

async fn answer_call<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    params: Result<Params, Refusal>,
) -> Response<Body> {
    let id = request_id_of(node, parts);
    let accepted = Accepted::of(&parts.headers);
    let request = match accepted.nothing() {
        true => Err(not_acceptable()),
        false => params.and_then(|params| guarded(node, parts, params, &accepted, &id)),
    };
    let form = accepted.form(request.as_ref().ok().map(|request| request.plan.kind));
    let answer = match (form, request) {
        (Form::Stream(frames), Ok(request)) => return sse::open(node, parts, request, frames).await,
        (Form::Stream(frames), Err(refusal)) => return sse::refuse(node, frames, refusal, &id),
        (Form::Whole(media_type), Ok(request)) => (media_type, execute(node, parts, request).await),
        (Form::Whole(media_type), Err(refusal)) => (media_type, Err(refusal)),
    };
    let (media_type, answer) = answer;
    let answer = answer.unwrap_or_else(|refusal| Answer::refused(refusal, &id));
    node.metrics.count(Transport::Http, answer.outcome());
    reply(&answer, media_type)
}

/// The id that [`stamp`] gave the request.
pub fn request_id_of<E>(node: &Shared<E>, parts: &Parts) -> String {
    let given = parts.extensions.get::<RequestId>();
    given.map_or_else(|| node.request_ids.next(), |RequestId(id)| id.clone())
}

fn not_acceptable() -> Refusal {
    let message = "we answer application/graphql-response+json, application/json, text/event-stream or \
                   multipart/mixed;subscriptionSpec=1.0";
    Refusal::new(Code::NotAcceptable, message)
}

/// Guards the operation, and looks whether its kind may come this way.
fn guarded<E>(
    node: &Shared<E>,
    parts: &Parts,
    params: Params,
    accepted: &Accepted,
    id: &str,
) -> Result<run::Request, Refusal> {
    let client = peer::client_address(parts, node.settings.proxies);
    let request = run::Request::guarded(node, params, meta(id.to_owned(), client, Transport::Http))?;
    match request.plan.kind {
        OperationKind::Query => Ok(request),
        OperationKind::Subscription if accepted.streams() => Ok(request),
        OperationKind::Mutation | OperationKind::Subscription if parts.method == Method::GET => Err(Refusal::new(
            Code::MethodNotAllowed,
            "GET runs queries only, and subscriptions as an event stream; send a POST",
        )),
        OperationKind::Mutation => Ok(request),
        OperationKind::Subscription => {
            let message = "subscriptions run as text/event-stream, as multipart/mixed;subscriptionSpec=1.0, or over a \
                           WebSocket with the graphql-transport-ws protocol";
            Err(Refusal::new(Code::SubscriptionNeedsStream, message))
        }
    }
}

async fn execute<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts, request: run::Request) -> Result<Answer, Refusal> {
    let credentials = Credentials {
        bearer: bearer(&parts.headers)?,
        language: asked_language(&parts.headers),
        client: request.meta.client,
        at_once: true,
    };
    let caller = recognise(node, credentials, request.plan.anonymous).await?;
    Ok(run(node, caller, request).await)
}

/// Who is calling, unless that takes too long.
pub async fn recognise<E: GraphqlExecutor>(
    node: &Shared<E>,
    credentials: Credentials,
    anonymous: bool,
) -> Result<Caller, Refusal> {
    let waiting = authenticate(node, credentials, anonymous);
    match tokio::time::timeout(node.settings.request_timeout, node.hooks.pulse.answered(waiting)).await {
        Ok(caller) => caller?,
        Err(_) => Err(Refusal::new(Code::Timeout, "no answer in time").retry_after_ms(2_000)),
    }
}

/// The bearer token; another scheme is refused rather than taken for anonymous.
pub fn bearer(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = value.to_str().ok().and_then(bearer_of);
    token
        .map(|token| Some(token.to_owned()))
        .ok_or_else(|| Refusal::new(Code::Unauthenticated, "use Authorization: Bearer"))
}

/// The token in `Bearer <token>`.
pub fn bearer_of(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

pub fn asked_language(headers: &HeaderMap) -> Option<domain::vocabulary::Language> {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(language::preferred)
}
