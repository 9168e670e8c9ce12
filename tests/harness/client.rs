//! GraphQL over HTTP, as a front-end's client speaks it.

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use serde_json::{Value, json};

/// Talks to one server, as nobody or as the bearer of an access token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    /// `http://127.0.0.1:PORT`
    base: String,
    headers: HeaderMap,
}

/// A whole HTTP answer.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// `Null` where the body is not JSON.
    pub body: Value,
    pub text: String,
}

impl Client {
    /// `base` is the server's address without a path: `http://127.0.0.1:PORT`.
    pub fn new(base: impl Into<String>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/graphql-response+json"));
        Self {
            http: reqwest::Client::new(),
            base: base.into(),
            headers,
        }
    }

    /// The same server, as the bearer of `token`.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// The server's address without a path.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The token that it bears; empty for nobody.
    #[must_use]
    pub fn token(&self) -> &str {
        let value = self.headers.get("authorization").and_then(|value| value.to_str().ok());
        value
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default()
    }

    /// The same, with one more header (`accept-language`, for instance), or with another value for one.
    #[must_use]
    pub fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.insert(
            name,
            HeaderValue::from_str(value).expect("a header's value is visible ASCII"),
        );
        other
    }

    /// Sends one operation and gives the answer's body: `data`, `errors`, `extensions`.
    pub async fn graphql(&self, query: &str, variables: Value) -> Value {
        self.post(&json!({ "query": query, "variables": variables })).await.body
    }

    /// Like [`Client::graphql`], for an operation that must succeed: gives `data`.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut body = self.graphql(query, variables).await;
        assert!(
            body.get("errors").is_none() && body["data"].is_object(),
            "the operation failed: {body:#}"
        );
        body["data"].take()
    }

    /// The `extensions.code` of the first error of an operation that must fail.
    pub async fn error_code(&self, query: &str, variables: Value) -> String {
        let body = self.graphql(query, variables).await;
        let code = body["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("no error with a code: {body:#}"))
            .to_owned()
    }

    /// Posts a JSON body to `/graphql`, whatever is in it.
    pub async fn post(&self, body: &Value) -> Reply {
        self.send(self.http.post(format!("{}/graphql", self.base)).json(body))
            .await
    }

    /// Like [`Client::post`], but `None` where the server goes away before it has answered in full.
    pub async fn try_post(&self, body: &Value) -> Option<Reply> {
        let request = self.http.post(format!("{}/graphql", self.base)).json(body);
        let answer = request.headers(self.headers.clone()).send().await.ok()?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await.ok()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Some(Reply {
            status,
            headers,
            body,
            text,
        })
    }

    /// The same bearer at another node.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// Gets a path of the server, `/readyz` for instance.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.http.get(format!("{}{path}", self.base))).await
    }

    /// Gets a path of the server as it comes, with one more header where one is given: status, headers, bytes.
    pub async fn fetch(&self, path: &str, header: Option<(&'static str, &str)>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let asks = header.map_or(self.clone(), |(name, value)| self.with_header(name, value));
        asks.ask(reqwest::Method::GET, path).await
    }

    /// Asks for a path by a method: status, headers, bytes.
    pub async fn ask(&self, method: reqwest::Method, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let answer = request
            .headers(self.headers.clone())
            .send()
            .await
            .expect("the server answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = answer.bytes().await.expect("the answer is complete");
        (status, headers, bytes.to_vec())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let answer = request
            .headers(self.headers.clone())
            .send()
            .await
            .expect("the server answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await.expect("the answer is complete");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply {
            status,
            headers,
            body,
            text,
        }
    }
}
