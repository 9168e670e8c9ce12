//! Every way to a subscription, and every place that a cursor may come in by.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::{EventStream, Multipart, Server, Ws, WsMessage};

use crate::lagging::{NOUNS, variables};

/// A transport, with the place of the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `after` over a socket.
    Socket,
    /// `after` on an event stream of its own.
    Events,
    /// `Last-Event-ID` on an event stream of its own.
    EventsBehind,
    /// `Last-Event-ID` of the operation's `POST`, on a reserved event stream.
    ReservedBehind,
    /// `after` in multipart.
    Parts,
    /// `Last-Event-ID` in multipart, as a client sends it of its own accord.
    PartsBehind,
}

pub const WAYS: [Way; 6] = [
    Way::Socket,
    Way::Events,
    Way::EventsBehind,
    Way::ReservedBehind,
    Way::Parts,
    Way::PartsBehind,
];

impl Way {
    /// Whether the cursor goes in a header, where an empty one is none.
    pub fn has_header(self) -> bool {
        matches!(self, Self::EventsBehind | Self::ReservedBehind | Self::PartsBehind)
    }
}

/// One subscription of a noun.
pub enum Stream {
    Socket(Ws),
    Events(EventStream),
    /// Events that name their operation.
    Reserved(EventStream),
    Parts(Multipart),
}

/// Who asks where.
pub struct Reader<'a> {
    pub server: &'a Server,
    pub token: String,
    pub branch: String,
}

impl Reader<'_> {
    pub async fn open(&self, way: Way, noun: &str, mut variables: Value) -> Stream {
        let (_, query) = NOUNS.iter().find(|(name, _)| *name == noun).expect("a noun");
        let behind = if way.has_header() {
            variables["after"].take()
        } else {
            Value::Null
        };
        let post = || {
            let request = self.request(reqwest::Method::POST);
            let request = request.json(&json!({"query": query, "variables": variables,
                "extensions": {"operationId": "s"}}));
            match behind.as_str() {
                Some(cursor) => request.header("last-event-id", cursor),
                None => request,
            }
        };
        match way {
            Way::Socket => {
                let mut ws = self.socket().await;
                ws.subscribe("s", query, variables).await;
                Stream::Socket(ws)
            }
            Way::Events | Way::EventsBehind => {
                let asked = EventStream::of(post().header("accept", "text/event-stream"));
                Stream::Events(asked.await.expect("a stream opens"))
            }
            Way::ReservedBehind => self.reserved(post()).await,
            Way::Parts | Way::PartsBehind => Stream::Parts(Multipart::of(post()).await.expect("a stream opens")),
        }
    }

    fn request(&self, method: reqwest::Method) -> RequestBuilder {
        let request = reqwest::Client::new().request(method, format!("{}/graphql", self.server.url()));
        request.bearer_auth(&self.token)
    }

    /// A reserved stream with one operation, as soon as those that were left just now have given their places back.
    async fn reserved(&self, post: RequestBuilder) -> Stream {
        let token = loop {
            let reserved = self
                .request(reqwest::Method::PUT)
                .send()
                .await
                .expect("the server answers");
            if reserved.status().as_u16() != 429 {
                assert_eq!(reserved.status().as_u16(), 201);
                break reserved.text().await.expect("a token");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let name = "x-graphql-event-stream-token";
        let joined = self.request(reqwest::Method::GET).header(name, &token);
        let stream = EventStream::of(joined.header("accept", "text/event-stream")).await;
        let submitted = post.header(name, &token).send().await.expect("the server answers");
        assert_eq!(submitted.status().as_u16(), 202);
        Stream::Reserved(stream.expect("a stream opens"))
    }

    /// A socket, as soon as those that were left just now have given their places back.
    async fn socket(&self) -> Ws {
        let payload = json!({"authorization": format!("Bearer {}", self.token)});
        loop {
            match Ws::connect(self.server.url(), payload.clone()).await {
                Ok(ws) => return ws,
                Err(WsMessage::Closed { code: 1013, .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    pub async fn after(&self, way: Way, noun: &str, after: &Value) -> (Stream, Value) {
        let mut stream = self.open(way, noun, variables(noun, &self.branch, after)).await;
        let first = stream.heard(noun).await;
        (stream, first)
    }
}

impl Stream {
    pub async fn heard(&mut self, noun: &str) -> Value {
        let mut answer = self.answer().await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"][noun].take()
    }

    async fn answer(&mut self) -> Value {
        match self {
            Self::Socket(ws) => ws.next_of("s").await,
            Self::Events(events) => events.next().await.expect("the stream goes on").data,
            Self::Reserved(events) => {
                let mut event = events.next().await.expect("the stream goes on").data;
                assert_eq!(event["id"], "s", "{event}");
                event["payload"].take()
            }
            Self::Parts(parts) => parts.next().await.expect("the stream goes on")["payload"].take(),
        }
    }

    /// The code of a refusal, behind which the operation is over.
    pub async fn code(&mut self) -> String {
        let errors = match self {
            Self::Socket(ws) => match ws.next().await {
                WsMessage::Error { payload, .. } => payload,
                other => panic!("not refused: {other:?}"),
            },
            _ => self.answer().await["errors"].take(),
        };
        match self {
            Self::Socket(_) => {}
            Self::Events(events) | Self::Reserved(events) => {
                assert_eq!(events.next().await.expect("the end").name, "complete");
            }
            Self::Parts(parts) => assert!(parts.next().await.is_none() && parts.is_complete()),
        }
        errors[0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}
