//! The writing half of a socket.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::mpsc;

use super::message::ToClient;
use crate::http::executor::Transport;
use crate::http::graphql::Answer;
use crate::http::stream::Channel;

/// Messages that wait for the client; those who want to add one wait in turn.
const QUEUE: usize = 32;

/// Where messages to the client are put.
#[derive(Debug, Clone)]
pub struct Outbox {
    queue: mpsc::Sender<Message>,
}

impl Outbox {
    /// The outbox, and the writer that must run as a task.
    pub fn new(sink: SplitSink<WebSocket, Message>, send_timeout: Duration) -> (Self, impl Future<Output = ()> + Send) {
        let (queue, messages) = mpsc::channel(QUEUE);
        (Self { queue }, write(sink, messages, send_timeout))
    }

    /// Waits for a place and takes it; `false` once the client is gone or does not read.
    pub async fn put(&self, message: Message) -> bool {
        self.queue.send(message).await.is_ok()
    }

    /// Completes when nothing can be sent any more.
    pub async fn closed(&self) {
        self.queue.closed().await;
    }
}

/// Ends after a close frame, when the client is gone, or when it takes too long to take one message.
async fn write(mut sink: SplitSink<WebSocket, Message>, mut messages: mpsc::Receiver<Message>, send_timeout: Duration) {
    while let Some(message) = messages.recv().await {
        let last = matches!(message, Message::Close(_));
        let sent = tokio::time::timeout(send_timeout, sink.send(message)).await;
        if last || !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
}

impl Channel for Outbox {
    fn transport(&self) -> Transport {
        Transport::WebSocket
    }

    async fn next(&self, id: &str, answer: &Answer, _cursor: Option<&str>) -> bool {
        self.put(ToClient::Next { id, payload: answer }.into_message()).await
    }

    async fn refuse(&self, id: &str, answer: &Answer) -> bool {
        let refusal = ToClient::Error {
            id,
            payload: &answer.errors,
        };
        self.put(refusal.into_message()).await
    }

    async fn complete(&self, id: &str) -> bool {
        self.put(ToClient::Complete { id }.into_message()).await
    }
}
