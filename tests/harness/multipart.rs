//! Subscriptions as `multipart/mixed`, from the client's side.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::Value;

/// No sign of life for so long is a failure.
const PATIENCE: Duration = Duration::from_secs(25);
/// The boundary that the server takes where the client names none is `-`.
const BETWEEN: &[u8] = b"\r\n---";

/// A response that carries one operation, part by part.
#[derive(Debug)]
pub struct Multipart {
    response: reqwest::Response,
    bytes: Vec<u8>,
    complete: bool,
}

impl Multipart {
    /// Asks for an operation.
    ///
    /// # Errors
    /// HTTP status and body where the server does not open a stream.
    pub async fn of(request: RequestBuilder) -> Result<Self, (u16, Value)> {
        let request = request.header("accept", "multipart/mixed;subscriptionSpec=1.0");
        let response = request.send().await.expect("the server answers");
        let kind = response.headers().get("content-type");
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/mixed;boundary=\"-\"")) {
            let status = response.status().as_u16();
            return Err((status, response.json().await.unwrap_or(Value::Null)));
        }
        Ok(Self {
            response,
            bytes: Vec::new(),
            complete: false,
        })
    }

    /// The next part, signs of life left out; `None` where there is none any more: behind the last boundary, or where the
    /// response was cut.
    ///
    /// # Panics
    /// After 25 s of silence.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            let part = self.piece().await?;
            let body = part.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            match serde_json::from_str(body) {
                Ok(Value::Object(part)) if !part.is_empty() => return Some(Value::Object(part)),
                _ => {}
            }
        }
    }

    /// Whether the last boundary has come.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    async fn piece(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.bytes.windows(BETWEEN.len()).position(|bytes| bytes == BETWEEN) {
                let rest = self.bytes.split_off(at + BETWEEN.len());
                let piece = std::mem::replace(&mut self.bytes, rest);
                return Some(String::from_utf8_lossy(&piece[..at]).into_owned());
            }
            if self.bytes.starts_with(b"--\r\n") {
                self.complete = true;
                return None;
            }
            let more = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let more = more.expect("a stream that lives says so").ok()??;
            self.bytes.extend_from_slice(&more);
        }
    }
}
