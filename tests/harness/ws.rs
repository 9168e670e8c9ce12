//! GraphQL over WebSocket: the `graphql-transport-ws` protocol, from the client's side.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

const PROTOCOL: &str = "graphql-transport-ws";

/// No message for so long is a failure.
const PATIENCE: Duration = Duration::from_secs(15);
/// The same of a narrow socket, which long messages come through in very small parts.
const NARROW_PATIENCE: Duration = Duration::from_secs(60);

/// One connection. Pings of the protocol and of WebSocket are answered on the way.
#[derive(Debug)]
pub struct Ws {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    patience: Duration,
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
        let (socket, answer) = connect_async(request(base))
            .await
            .expect("the server opens a WebSocket");
        assert_eq!(
            answer.headers().get("sec-websocket-protocol"),
            Some(&HeaderValue::from_static(PROTOCOL)),
            "the server chose the protocol"
        );
        Self::over(socket)
    }

    fn over(socket: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self {
            socket,
            patience: PATIENCE,
        }
    }

    /// Opens a socket that asks for another protocol, or for none. The client's library would refuse the answer by
    /// itself, so this shakes hands on its own.
    ///
    /// # Panics
    /// Where the server opens no socket.
    pub async fn open_as(base: &str, protocol: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(address(base)).await.expect("the server listens");
        let wish = protocol.map_or(String::new(), |name| format!("Sec-WebSocket-Protocol: {name}\r\n"));
        let request = format!(
            "GET /graphql HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{wish}\r\n",
            address(base)
        );
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.expect("the server answers"));
        }
        assert!(
            answer.starts_with(b"HTTP/1.1 101"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
        let stream = MaybeTlsStream::Plain(stream);
        Self::over(WebSocketStream::from_raw_socket(stream, Role::Client, None).await)
    }

    /// A socket of the bearer of a token; `None` where the node is away or does not accept it now.
    pub async fn attempt(base: &str, token: &str) -> Option<Self> {
        let (socket, _) = connect_async(request(base)).await.ok()?;
        let mut ws = Self::over(socket);
        let payload = json!({"authorization": format!("Bearer {token}")});
        ws.send(json!({ "type": "connection_init", "payload": payload })).await;
        let answer = ws.next_within(PATIENCE).await?;
        matches!(answer, WsMessage::Ack(_)).then_some(ws)
    }

    /// A socket of the bearer of a token with as little room on its way as can be had: what is not read soon stays with the
    /// server.
    ///
    /// # Panics
    /// Where it is not accepted.
    pub async fn narrow(base: &str, token: &str) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        // The sending side's buffer grows with the size of the segments, which on the own machine is 64 KiB.
        socket2::SockRef::from(&socket)
            .set_tcp_mss(536)
            .expect("small segments");
        let address = address(base).parse().expect("an address with a port");
        let stream = MaybeTlsStream::Plain(socket.connect(address).await.expect("the server listens"));
        let (socket, _) = client_async(request(base), stream)
            .await
            .expect("the server opens a WebSocket");
        let mut ws = Self::over(socket);
        ws.patience = NARROW_PATIENCE;
        let payload = json!({"authorization": format!("Bearer {token}")});
        ws.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert!(matches!(ws.next().await, WsMessage::Ack(_)), "the socket is accepted");
        ws
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

    /// Sends text that need not be JSON. A socket that is gone already says so when it is read.
    pub async fn send_text(&mut self, text: String) {
        let _ = self.socket.send(Message::text(text)).await;
    }

    /// The next message that is not a ping or pong.
    ///
    /// # Panics
    /// After 15 s of silence, of a narrow socket after 60 s.
    pub async fn next(&mut self) -> WsMessage {
        match tokio::time::timeout(self.patience, self.receive()).await {
            Ok(message) => message,
            Err(_) => panic!("no message within {:?}", self.patience),
        }
    }

    /// The next message, if one comes within `time`.
    pub async fn next_within(&mut self, time: Duration) -> Option<WsMessage> {
        tokio::time::timeout(time, self.receive()).await.ok()
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

    /// Sends a frame that is no text.
    pub async fn send_bytes(&mut self, bytes: Vec<u8>) {
        let _ = self.socket.send(Message::binary(bytes)).await;
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

/// `HOST:PORT` of an address with scheme.
fn address(base: &str) -> &str {
    base.trim_start_matches("http://")
}

fn request(base: &str) -> Request {
    let address = format!("{}/graphql", base.replacen("http", "ws", 1));
    let mut request = address.into_client_request().expect("the address is one");
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", HeaderValue::from_static(PROTOCOL));
    request
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
