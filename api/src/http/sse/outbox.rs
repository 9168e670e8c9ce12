//! The way to the body of one response.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};
use futures_util::stream::unfold;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

use super::frames::Frames;
use crate::http::executor::Transport;
use crate::http::graphql::Answer;
use crate::http::stream::{Channel, Hangup};

/// Pieces that wait for the client; those who want to add one wait in turn.
const QUEUE: usize = 32;

/// Where pieces for the client are put.
#[derive(Clone)]
pub struct Outbox {
    queue: mpsc::Sender<Bytes>,
    frames: Frames,
    /// Time for a client to take one piece.
    patience: Duration,
    /// When the network last asked for a piece.
    asked: Arc<Mutex<Instant>>,
    hangup: Arc<OnceLock<Hangup>>,
}

impl Outbox {
    /// The outbox, and the body that the client reads.
    pub fn new(frames: Frames, patience: Duration) -> (Self, Body) {
        let (queue, pieces) = mpsc::channel(QUEUE);
        let asked = Arc::new(Mutex::new(Instant::now()));
        let outbox = Self {
            queue,
            frames,
            patience,
            asked: Arc::clone(&asked),
            hangup: Arc::default(),
        };
        let pieces = unfold((pieces, asked), |(mut pieces, asked)| async move {
            *asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            let piece = pieces.recv().await?;
            Some((Ok::<_, Infallible>(piece), (pieces, asked)))
        });
        (outbox, Body::from_stream(pieces))
    }

    /// The connection to end when its client does not read.
    pub fn is_read_over(&self, hangup: Hangup) {
        // There is one connection for each body; a second word on it changes nothing.
        let _ = self.hangup.set(hangup);
    }

    /// The response that carries the body.
    pub fn response(&self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.frames.content_type());
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store, no-transform"),
        );
        // Proxies that gather answers are asked not to.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
    }

    /// Waits for a place and takes it; `false` once the client is gone or does not read.
    async fn put(&self, piece: Bytes) -> bool {
        loop {
            match tokio::time::timeout(self.patience, self.queue.reserve()).await {
                Ok(Ok(place)) => {
                    place.send(piece);
                    return true;
                }
                Ok(Err(_)) => return false,
                Err(_) if self.is_stuck() => {
                    if let Some(Hangup(hangup)) = self.hangup.get() {
                        hangup.cancel();
                    }
                    return false;
                }
                // Others were before us.
                Err(_) => {}
            }
        }
    }

    fn is_stuck(&self) -> bool {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).elapsed() >= self.patience
    }

    /// A sign of life, unless other pieces are on their way. Whether there is a client.
    pub fn beat(&self) -> bool {
        !matches!(self.queue.try_send(self.frames.beat()), Err(TrySendError::Closed(_)))
    }

    pub async fn open(&self) -> bool {
        self.put(self.frames.opening()).await
    }

    /// Completes when the client is gone.
    pub async fn closed(&self) {
        self.queue.closed().await;
    }
}

impl Channel for Outbox {
    fn transport(&self) -> Transport {
        self.frames.transport()
    }

    async fn next(&self, id: &str, answer: &Answer, cursor: Option<&str>) -> bool {
        self.put(self.frames.next(id, answer, cursor)).await
    }

    async fn refuse(&self, id: &str, answer: &Answer) -> bool {
        self.put(self.frames.refusal(id, answer)).await
    }

    async fn complete(&self, id: &str) -> bool {
        self.put(self.frames.complete(id)).await
    }
}
