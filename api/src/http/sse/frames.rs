//! What goes over the wire.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderValue;
use serde::Serialize;
use serde_json::json;

use crate::http::code::Code;
use crate::http::executor::Transport;
use crate::http::graphql::Answer;

/// The form of a stream's pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frames {
    /// An event stream that answers one request.
    Events,
    /// An event stream that carries many operations: each event names its own.
    KeyedEvents,
    /// Parts between a boundary.
    Multipart { boundary: Arc<str> },
}

/// Characters of a boundary.
const BOUNDARY: usize = 70;

#[derive(Serialize)]
struct Keyed<'a, T> {
    id: &'a str,
    payload: T,
}

impl Frames {
    /// Parts between the boundary that the client wishes, or `-`.
    pub fn multipart(boundary: Option<&str>) -> Self {
        let plain = |wish: &&str| {
            (1..=BOUNDARY).contains(&wish.len())
                && wish
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        Self::Multipart {
            boundary: boundary.filter(plain).unwrap_or("-").into(),
        }
    }

    pub fn transport(&self) -> Transport {
        match self {
            Self::Events | Self::KeyedEvents => Transport::EventStream,
            Self::Multipart { .. } => Transport::Multipart,
        }
    }

    pub fn content_type(&self) -> HeaderValue {
        let events = HeaderValue::from_static("text/event-stream; charset=utf-8");
        match self {
            Self::Events | Self::KeyedEvents => events,
            Self::Multipart { boundary } => {
                let text = format!("multipart/mixed;boundary=\"{boundary}\";subscriptionSpec=1.0");
                // A boundary of plain letters is a header's value.
                HeaderValue::try_from(text).unwrap_or(events)
            }
        }
    }

    /// Sent at once, so that the client and whoever stands between know that the stream is open.
    pub fn opening(&self) -> Bytes {
        match self {
            Self::Events | Self::KeyedEvents => Bytes::from_static(b":\n\n"),
            Self::Multipart { boundary } => Bytes::from(format!("\r\n--{boundary}")),
        }
    }

    /// A sign of life.
    pub fn beat(&self) -> Bytes {
        match self {
            Self::Events | Self::KeyedEvents => Bytes::from_static(b":\n\n"),
            Self::Multipart { boundary } => part(boundary, "{}"),
        }
    }

    /// A result, with the cursor behind it.
    pub fn next(&self, id: &str, answer: &Answer, cursor: Option<&str>) -> Bytes {
        match self {
            Self::Events => event("next", &text(answer), cursor),
            Self::KeyedEvents => event("next", &text(&Keyed { id, payload: answer }), cursor),
            Self::Multipart { boundary } => part(boundary, &text(&json!({ "payload": answer }))),
        }
    }

    /// The operation is over.
    pub fn complete(&self, id: &str) -> Bytes {
        match self {
            Self::Events => event("complete", "", None),
            Self::KeyedEvents => event("complete", &text(&json!({ "id": id })), None),
            // The part before was already followed by the boundary; two more dashes make it the last one.
            Self::Multipart { .. } => Bytes::from_static(b"--\r\n"),
        }
    }

    /// The operation did not run, or may not run on, and is over.
    pub fn refusal(&self, id: &str, answer: &Answer) -> Bytes {
        let told = match self {
            Self::Events | Self::KeyedEvents => self.next(id, answer, None),
            // What the transport itself says stands beside the payload; what is wrong with the operation, in it.
            Self::Multipart { boundary } if answer.refused.is_some_and(|code| code.status().is_some()) => {
                part(boundary, &text(&json!({ "payload": null, "errors": answer.errors })))
            }
            Self::Multipart { .. } => self.next(id, answer, None),
        };
        Bytes::from([told, self.complete(id)].concat())
    }

    /// Whether the client is told of a refusal in the stream. Whatever a new try may mend has a status instead: clients
    /// of the protocol try again after one, and take what stands in the stream for the answer.
    pub fn tell(code: Code) -> bool {
        code.status().is_none() || code == Code::AccountDisabled
    }
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// JSON has no line breaks of its own.
fn event(name: &str, data: &str, cursor: Option<&str>) -> Bytes {
    let id = cursor.map(|cursor| format!("id: {cursor}\n")).unwrap_or_default();
    Bytes::from(format!("{id}event: {name}\ndata: {data}\n\n"))
}

/// The boundary follows at once: clients take a part for whole only then.
fn part(boundary: &str, body: &str) -> Bytes {
    Bytes::from(format!(
        "\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{body}\r\n--{boundary}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::code::Refusal;

    #[test]
    fn a_boundary_is_the_clients_own_if_it_is_plain() {
        let boundary = |wish| Frames::multipart(wish).content_type().to_str().unwrap().to_owned();
        assert_eq!(
            boundary(Some("graphql")),
            "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0"
        );
        for odd in [None, Some(""), Some("a\"b"), Some("a\r\nb")] {
            assert_eq!(boundary(odd), "multipart/mixed;boundary=\"-\";subscriptionSpec=1.0");
        }
    }

    #[test]
    fn errors_of_the_transport_stand_beside_the_payload() {
        let refused = |code| {
            let frame = Frames::multipart(None).refusal("", &Answer::refused(Refusal::new(code, "no"), "req"));
            String::from_utf8(frame.to_vec()).unwrap()
        };
        assert!(refused(Code::AccountDisabled).contains("\"payload\":null"));
        assert!(refused(Code::ValidationFailed).contains("{\"payload\":{\"errors\""));
        assert!(refused(Code::AccountDisabled).ends_with("\r\n-----\r\n"));
    }
}
