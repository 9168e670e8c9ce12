//! GraphQL over server-sent events (`graphql-sse`, distinct connections), from the client's side.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

/// No sign of life for so long is a failure.
const PATIENCE: Duration = Duration::from_secs(25);

/// An event stream that carries one operation.
#[derive(Debug)]
pub struct EventStream {
    response: reqwest::Response,
    bytes: Vec<u8>,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamEvent {
    /// `next` or `complete`.
    pub name: String,
    /// The cursor of the log, where the operation follows it.
    pub id: Option<String>,
    pub data: Value,
}

impl EventStream {
    /// Asks for an operation as a stream.
    ///
    /// # Errors
    /// HTTP status and body where the server does not open one.
    pub async fn open(base: &str, token: &str, query: &str, variables: Value) -> Result<Self, (u16, Value)> {
        let request = reqwest::Client::new()
            .post(format!("{base}/graphql"))
            .header("accept", "text/event-stream")
            .bearer_auth(token)
            .json(&json!({"query": query, "variables": variables}));
        Self::of(request).await
    }

    /// The same from a request with headers or a body of its own.
    ///
    /// # Errors
    /// HTTP status and body where the server does not open one.
    pub async fn of(request: RequestBuilder) -> Result<Self, (u16, Value)> {
        let response = request.send().await.expect("the server answers");
        let is_stream = response
            .headers()
            .get("content-type")
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        if !is_stream {
            let status = response.status().as_u16();
            return Err((status, response.json().await.unwrap_or(Value::Null)));
        }
        Ok(Self {
            response,
            bytes: Vec::new(),
        })
    }

    /// The next event, signs of life left out; `None` where the stream is cut.
    ///
    /// # Panics
    /// After 25 s of silence.
    pub async fn next(&mut self) -> Option<StreamEvent> {
        loop {
            let piece = self.piece().await?;
            if piece.starts_with(':') {
                continue;
            }
            let field = |name: &str| {
                let found = piece.lines().find_map(|line| line.strip_prefix(name));
                found.map(|value| value.trim().to_owned())
            };
            let data = field("data:").unwrap_or_default();
            return Some(StreamEvent {
                name: field("event:").unwrap_or_default(),
                id: field("id:"),
                data: serde_json::from_str(&data).unwrap_or(Value::Null),
            });
        }
    }

    /// The next event's field, which must be no error.
    pub async fn heard(&mut self, field: &str) -> Value {
        let event = self.next().await.expect("the stream goes on");
        assert!(event.name == "next" && event.data.get("errors").is_none(), "{event:?}");
        event.data["data"][field].clone()
    }

    async fn piece(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.bytes.windows(2).position(|pair| pair == b"\n\n") {
                let rest = self.bytes.split_off(at + 2);
                let piece = std::mem::replace(&mut self.bytes, rest);
                return Some(String::from_utf8_lossy(&piece[..at]).into_owned());
            }
            let more = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let more = more.expect("a stream that lives says so").ok()??;
            self.bytes.extend_from_slice(&more);
        }
    }
}
