//! Which pages may call, and what their browsers are told.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::Next;

use super::executor::GraphqlExecutor;
use super::shared::Node;

/// Whether a page of this origin may call: no origin (no browser), the own host, or one of the list.
pub fn may_call(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = origin
        .split_once("://")
        .is_some_and(|(_, authority)| Some(authority) == host);
    own || allowed.iter().any(|each| each == origin)
}

/// Answers preflights and lets the pages of allowed origins read answers. Cookies play no part.
pub async fn cors<E: GraphqlExecutor>(State(node): State<Node<E>>, request: Request, next: Next) -> Response<Body> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let listed = origin.filter(|origin| {
        node.settings
            .origins
            .iter()
            .any(|each| each.as_bytes() == origin.as_bytes())
    });
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key("access-control-request-method");
    let mut response = match (preflight, &listed) {
        (true, Some(_)) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let Some(origin) = listed else { return response };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, accept-language, x-request-id, last-event-id, x-graphql-event-stream-token",
        ),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "x-request-id, ratelimit, ratelimit-policy, retry-after",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_host_and_the_list_may_call() {
        let allowed = ["https://office.example".to_owned()];
        let call = |origin: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "api.example:8080".parse().unwrap());
            headers.insert(header::ORIGIN, origin.parse().unwrap());
            may_call(&headers, &allowed)
        };
        assert!(call("https://api.example:8080"));
        assert!(call("https://office.example"));
        assert!(!call("https://api.example"));
        assert!(!call("https://api.example:8080.evil.example"));
        assert!(!call("null"));
        assert!(may_call(&HeaderMap::new(), &allowed));
    }
}
