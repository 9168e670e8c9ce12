//! The writing half of a socket.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::mpsc;

use super::close::Close;
use super::message::ToClient;
use crate::http::executor::Transport;
use crate::http::graphql::Answer;
use crate::http::stream::Channel;

/// Messages that wait for the client; those who want to add one wait in turn.
const QUEUE: usize = 32;
/// Time for a client that did not drain its socket to take the close frame at least.
pub const LAST_CHANCE: Duration = Duration::from_secs(5);

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

    /// Puts a message where there is a place for it.
    pub fn put_at_once(&self, message: Message) {
        let _ = self.queue.try_send(message);
    }

    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Completes when nothing can be sent any more.
    pub async fn closed(&self) {
        self.queue.closed().await;
    }
}

/// Ends after a close frame, when the client is gone, or when it takes too long to take one message: then nothing more is
/// queued, and a client that reads on after all finds behind what was sent a close code with which it comes back.
async fn write(mut sink: SplitSink<WebSocket, Message>, mut messages: mpsc::Receiver<Message>, send_timeout: Duration) {
    while let Some(message) = messages.recv().await {
        let last = matches!(message, Message::Close(_));
        let sent = tokio::time::timeout(send_timeout, sink.send(message)).await;
        match sent {
            Ok(Ok(())) if !last => {}
            Ok(_) => return,
            Err(_) => {
                messages.close();
                let close = sink.send(Close::undrained().into_message());
                let _ = tokio::time::timeout(LAST_CHANCE, close).await;
                return;
            }
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
