//! Where reserved event streams are kept, by their tokens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::outbox::Outbox;
use crate::http::code::{Code, Refusal};
use crate::http::executor::Caller;
use crate::http::stream::Operations;

/// An event stream that carries many operations.
pub struct EventStream {
    pub account: String,
    pub outbox: Outbox,
    pub operations: Operations,
    /// Who calls; renewed with every request that brings a token.
    pub caller: watch::Sender<Caller>,
    /// Cancelled once a client reads the stream.
    pub joined: CancellationToken,
    /// Until a client takes it.
    body: Mutex<Option<Body>>,
}

impl EventStream {
    pub fn new(account: String, caller: Caller, outbox: Outbox, body: Body) -> Self {
        Self {
            account,
            outbox,
            operations: Operations::default(),
            caller: watch::Sender::new(caller),
            joined: CancellationToken::new(),
            body: Mutex::new(Some(body)),
        }
    }

    pub fn unknown() -> Refusal {
        let message = "no event stream has this token on this node; reserve one";
        Refusal::new(Code::StreamNotFound, message)
    }

    /// The body; there is one reader only.
    pub fn join(&self) -> Result<Body, Refusal> {
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner).take();
        let body = body.ok_or_else(|| Refusal::new(Code::StreamTaken, "the event stream has its reader"))?;
        self.joined.cancel();
        Ok(body)
    }

    /// Forgets a body that nobody came for.
    pub fn abandon(&self) {
        drop(self.body.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// All reserved streams of the node.
#[derive(Default)]
pub struct Desk {
    streams: Mutex<HashMap<String, Arc<EventStream>>>,
}

impl Desk {
    pub fn keep(&self, token: String, stream: Arc<EventStream>) {
        self.streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(token, stream);
    }

    pub fn forget(&self, token: &str) {
        self.streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(token);
    }

    /// The stream of a token. Another account's is answered like one that does not exist.
    pub fn find(&self, token: &str, account: Option<&str>) -> Result<Arc<EventStream>, Refusal> {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let found = streams
            .get(token)
            .filter(|stream| account.is_none_or(|account| stream.account == account));
        found.cloned().ok_or_else(EventStream::unknown)
    }
}
