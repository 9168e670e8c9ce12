//! The routes of `/graphql`.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, header};
use axum::middleware::Next;

use super::accept::{MediaType, negotiate};
use super::answer::Answer;
use super::params::Params;
use super::reply::reply;
use super::run::{self, authenticate, meta, run};
use crate::http::code::{Code, Refusal};
use crate::http::executor::{Credentials, GraphqlExecutor, OperationKind, Transport};
use crate::http::shared::{Node, Shared};
use crate::http::{language, peer, request_id, ws};

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

/// `GET /graphql`: a query, or a WebSocket.
pub async fn get_graphql<E: GraphqlExecutor>(State(node): State<Node<E>>, request: Request) -> Response<Body> {
    let (mut parts, _) = request.into_parts();
    if parts.headers.contains_key(header::UPGRADE)
        && let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await
    {
        return ws::open(&node, &parts, upgrade);
    }
    answer_call(&node, &parts, Params::from_query(parts.uri.query().unwrap_or_default())).await
}

/// `POST /graphql`.
pub async fn post_graphql<E: GraphqlExecutor>(State(node): State<Node<E>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let params = match read_body(&node, &parts.headers, body).await {
        Ok(body) => Params::from_body(&parts.headers, &body),
        Err(refusal) => Err(refusal),
    };
    answer_call(&node, &parts, params).await
}

/// Any other method on `/graphql`.
pub async fn other_method<E: GraphqlExecutor>(State(node): State<Node<E>>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let refusal = Refusal::new(Code::MethodNotAllowed, "use POST, or GET for queries");
    let mut response = answer_call(&node, &parts, Err(refusal)).await;
    response
        .headers_mut()
        .insert(header::ALLOW, axum::http::HeaderValue::from_static("GET, POST"));
    response
}

/// The whole body, unless it is too long or too slow.
async fn read_body<E>(node: &Shared<E>, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let limit = node.settings.body_bytes;
    let too_large = || Refusal::above(Code::BodyTooLarge, "bytes of the body", limit);
    let told: Option<usize> = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if told.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    match tokio::time::timeout(node.settings.body_timeout, to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(Refusal::new(Code::BodyTimeout, "the body did not come in time")),
    }
}

async fn answer_call<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    params: Result<Params, Refusal>,
) -> Response<Body> {
    let id = parts
        .extensions
        .get::<RequestId>()
        .map_or_else(|| node.request_ids.next(), |RequestId(id)| id.clone());
    let media_type = negotiate(&parts.headers);
    let answer = match (media_type, params) {
        (None, _) => Err(Refusal::new(
            Code::NotAcceptable,
            "we answer application/graphql-response+json or application/json",
        )),
        (Some(_), Err(refusal)) => Err(refusal),
        (Some(_), Ok(params)) => execute(node, parts, params, &id).await,
    };
    let answer = answer.unwrap_or_else(|refusal| Answer::refused(refusal, &id));
    node.metrics.count(Transport::Http, answer.outcome());
    reply(&answer, media_type.unwrap_or(MediaType::Json))
}

async fn execute<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    params: Params,
    id: &str,
) -> Result<Answer, Refusal> {
    let client = peer::client_address(parts, node.settings.proxies);
    let request = run::Request::guarded(node, params, meta(id.to_owned(), client, Transport::Http))?;
    match request.plan.kind {
        OperationKind::Query => {}
        OperationKind::Mutation | OperationKind::Subscription if parts.method == Method::GET => {
            return Err(Refusal::new(
                Code::MethodNotAllowed,
                "GET runs queries only; send a POST",
            ));
        }
        OperationKind::Mutation => {}
        OperationKind::Subscription => {
            let message = "subscriptions run over a WebSocket with the graphql-transport-ws protocol";
            return Err(Refusal::new(Code::SubscriptionNeedsWebSocket, message));
        }
    }
    let credentials = Credentials {
        bearer: bearer(&parts.headers)?,
        language: asked_language(&parts.headers),
        client,
        at_once: true,
    };
    let waiting = authenticate(node, credentials, request.plan.anonymous);
    let caller = match tokio::time::timeout(node.settings.request_timeout, waiting).await {
        Ok(caller) => caller?,
        Err(_) => return Err(Refusal::new(Code::Timeout, "no answer in time").retry_after_ms(2_000)),
    };
    Ok(run(node, caller, request).await)
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
