//! A subscriber: one socket of `graphql-transport-ws`.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// A socket that the node has acknowledged.
    pub async fn open(url: &str, token: &str) -> anyhow::Result<Self> {
        let mut request = format!("{}/graphql", url.replacen("http", "ws", 1)).into_client_request()?;
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        // Ten thousand of them live in this process too.
        let config = WebSocketConfig::default().read_buffer_size(2048).write_buffer_size(0);
        let (socket, _) = connect_async_with_config(request, Some(config), true).await?;
        let mut socket = Self(socket);
        socket
            .send(json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}}))
            .await?;
        let answer = socket.next().await?;
        anyhow::ensure!(answer["type"] == "connection_ack", "{answer}");
        Ok(socket)
    }

    async fn send(&mut self, message: Value) -> anyhow::Result<()> {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }

    /// Begins a subscription and hears where it begins.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: &Value) -> anyhow::Result<Value> {
        let payload = json!({"query": query, "variables": variables});
        self.send(json!({"type": "subscribe", "id": id, "payload": payload}))
            .await?;
        self.next().await
    }

    /// The next message of an operation.
    pub async fn next(&mut self) -> anyhow::Result<Value> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text)?;
                    if message["type"] == "ping" {
                        self.send(json!({"type": "pong"})).await?;
                    } else {
                        return Ok(message);
                    }
                }
                Some(Ok(Message::Close(frame))) => anyhow::bail!("closed: {frame:?}"),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => anyhow::bail!("the socket is gone"),
            }
        }
    }
}
