//! GraphQL over WebSocket: the `graphql-transport-ws` protocol, from the client's side.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// No message for so long is a failure.
const PATIENCE: Duration = Duration::from_secs(15);

/// One connection. Pings of the protocol and of WebSocket are answered on the way.
#[derive(Debug)]
pub struct Ws {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What the server said.
#[derive(Clone, Debug, PartialEq)]
pub enum WsMessage {
    /// The connection is accepted.
    Ack(Value),
    /// A result of the operation `id`: `data`, `errors`.
    Next { id: String, payload: Value },
    /// The operation `id` was refused.
    Error { id: String, payload: Value },
    /// The operation `id` is over.
    Complete { id: String },
    /// The server closed the socket; 1006 where it did so without a word.
    Closed { code: u16, reason: String },
}

impl Ws {
    /// Opens a socket at `base` (`http://127.0.0.1:PORT`) and says nothing yet.
    pub async fn open(base: &str) -> Self {
        let address = format!("{}/graphql", base.replacen("http", "ws", 1));
        let mut request = address.into_client_request().expect("the address is one");
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("sec-websocket-protocol", protocol.clone());
        let (socket, answer) = connect_async(request).await.expect("the server opens a WebSocket");
        assert_eq!(
            answer.headers().get("sec-websocket-protocol"),
            Some(&protocol),
            "the server chose the protocol"
        );
        Self { socket }
    }

    /// Opens a socket, sends `connection_init` with `payload` (a token, a language), and waits for the server's answer.
    ///
    /// # Errors
    /// The first message where it is not the acknowledgement: usually [`WsMessage::Closed`].
    pub async fn connect(base: &str, payload: Value) -> Result<Self, WsMessage> {
        let mut ws = Self::open(base).await;
        ws.send(json!({ "type": "connection_init", "payload": payload })).await;
        match ws.next().await {
            WsMessage::Ack(_) => Ok(ws),
            other => Err(other),
        }
    }

    /// A socket of the bearer of a token.
    ///
    /// # Panics
    /// Where it is not accepted.
    pub async fn of_token(base: &str, token: &str) -> Self {
        let payload = json!({"authorization": format!("Bearer {token}")});
        Self::connect(base, payload).await.expect("the socket is accepted")
    }

    /// The next message's field of the operation `id`, which must be no error.
    pub async fn heard(&mut self, id: &str, field: &str) -> Value {
        let mut payload = self.next_of(id).await;
        assert!(payload.get("errors").is_none(), "{payload}");
        payload["data"][field].take()
    }

    /// Starts an operation under an `id` of the caller's choice.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    /// Ends the operation `id` from our side.
    pub async fn complete(&mut self, id: &str) {
        self.send(json!({ "type": "complete", "id": id })).await;
    }

    /// Sends any message, also a wrong one.
    pub async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    /// Sends text that need not be JSON.
    pub async fn send_text(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.expect("the socket is open");
    }

    /// The next message that is not a ping or pong.
    ///
    /// # Panics
    /// After 15 s of silence.
    pub async fn next(&mut self) -> WsMessage {
        match tokio::time::timeout(PATIENCE, self.receive()).await {
            Ok(message) => message,
            Err(_) => panic!("no message within {PATIENCE:?}"),
        }
    }

    /// True where nothing comes within `time` (a message that does come is lost).
    pub async fn is_silent_for(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.receive()).await.is_err()
    }

    /// The payload of the next message, which must be a result of the operation `id`.
    pub async fn next_of(&mut self, id: &str) -> Value {
        match self.next().await {
            WsMessage::Next { id: of, payload } if of == id => payload,
            other => panic!("expected a result of {id}, got {other:?}"),
        }
    }

    async fn receive(&mut self) -> WsMessage {
        loop {
            let text = match self.socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(frame))) => {
                    let (code, reason) = frame.map_or((1005, String::new()), |f| (f.code.into(), f.reason.to_string()));
                    return WsMessage::Closed { code, reason };
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => {
                    return WsMessage::Closed {
                        code: 1006,
                        reason: String::new(),
                    };
                }
            };
            let message: Value = serde_json::from_str(&text).expect("the server sends JSON");
            if message["type"] == "ping" {
                self.send(json!({ "type": "pong" })).await;
            } else if message["type"] != "pong" {
                return read(message);
            }
        }
    }
}

fn read(mut message: Value) -> WsMessage {
    let id = message["id"].as_str().unwrap_or_default().to_owned();
    let payload = message["payload"].take();
    match message["type"].as_str() {
        Some("connection_ack") => WsMessage::Ack(payload),
        Some("next") => WsMessage::Next { id, payload },
        Some("error") => WsMessage::Error { id, payload },
        Some("complete") => WsMessage::Complete { id },
        _ => panic!("not a message of the protocol: {message}"),
    }
}
