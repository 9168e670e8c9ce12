//! An answer as an HTTP response.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

pub use super::accept::MediaType;
use super::answer::Answer;
use crate::http::RateLimit;
use crate::http::code::{Code, Refusal};

/// The HTTP response of an answer.
pub fn reply(answer: &Answer, media_type: MediaType) -> Response<Body> {
    let status = status(answer, media_type);
    let body = serde_json::to_vec(answer).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type.as_str()));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(wait) = answer.retry_after_ms {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.div_ceil(1000)));
    }
    if let Some(limit) = &answer.limit {
        show_budget(headers, limit);
    }
    response
}

/// A refusal as an HTTP response, outside of any operation.
pub fn refusal(refusal: Refusal, request_id: &str, media_type: MediaType) -> Response<Body> {
    reply(&Answer::refused(refusal, request_id), media_type)
}

fn status(answer: &Answer, media_type: MediaType) -> StatusCode {
    // A client that asks again by status alone must not take an outage for an answer.
    let code = answer.refused.or(answer.outage);
    match (code.and_then(Code::status), answer.request_error, media_type) {
        (Some(status), _, _) => status,
        (None, true, MediaType::GraphqlResponse) => StatusCode::BAD_REQUEST,
        (None, true, MediaType::Json) | (None, false, _) => StatusCode::OK,
    }
}

/// `RateLimit-Policy` and `RateLimit` as the IETF draft writes them: quota and window, remaining and seconds to full.
fn show_budget(headers: &mut axum::http::HeaderMap, limit: &RateLimit) {
    let window = limit.limit.div_ceil(limit.per_second);
    let full_in = (limit.limit - limit.remaining).div_ceil(limit.per_second);
    let policy = format!("\"points\";q={};w={window}", limit.limit);
    let state = format!("\"points\";r={};t={full_in}", limit.remaining);
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}
