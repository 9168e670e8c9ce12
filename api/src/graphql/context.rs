//! What every resolver may ask of its request.

use std::sync::{Arc, PoisonError};

use async_graphql::Context;
use domain::vocabulary::Language;
use tokio::sync::{Mutex, OwnedSemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::error::to_error;
use super::log::equals::{Class, Equals, Share};
use super::naming::Naming;
use crate::app::App;
use crate::ops::reading::{Reading, TokenHolder};
use crate::ops::writing::WriteRequest;

/// One operation: its caller, its language, its snapshot. Never shared between operations.
pub struct Operation {
    pub app: Arc<App>,
    pub holder: Option<TokenHolder>,
    pub language: Language,
    pub request_id: String,
    /// Cancelled when the node goes down: a stream then says its last cursor and ends.
    pub leaving: CancellationToken,
    reading: Mutex<Option<Opened>>,
    /// A stream: it reads in its turn.
    in_turn: bool,
    /// The cursor that the transport brought, for a stream that goes on.
    pub resume_after: Option<String>,
    /// The cursor behind the message that a stream told last.
    place: std::sync::Mutex<Option<String>>,
    /// A stream's equals on this node.
    equals: Option<(Arc<Equals>, Class)>,
    /// What the names of other systems in the request stand for.
    naming: Naming,
}

/// A snapshot, and the turn of the stream that reads from it.
struct Opened {
    reading: Arc<Reading>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl From<Reading> for Opened {
    fn from(reading: Reading) -> Self {
        Self {
            reading: Arc::new(reading),
            _turn: None,
        }
    }
}

impl Operation {
    #[must_use]
    pub fn new(
        app: Arc<App>,
        holder: Option<TokenHolder>,
        language: Language,
        request_id: String,
        opened: Option<Reading>,
    ) -> Self {
        Self {
            app,
            holder,
            language,
            request_id,
            leaving: CancellationToken::new(),
            reading: Mutex::new(opened.map(Opened::from)),
            in_turn: false,
            resume_after: None,
            place: std::sync::Mutex::default(),
            equals: None,
            naming: Naming::default(),
        }
    }

    /// A stream among its equals.
    #[must_use]
    pub fn among(mut self, equals: Arc<Equals>, class: Option<Class>) -> Self {
        self.equals = class.map(|class| (equals, class));
        self
    }

    /// A share in what all equal streams are told of something.
    #[must_use]
    pub fn share(&self, what: impl FnOnce() -> String) -> Option<Share> {
        let (equals, class) = self.equals.as_ref()?;
        Some(equals.share(*class, what()))
    }

    /// The operation of a request in which ids stand for names.
    #[must_use]
    pub fn naming(self, naming: Naming) -> Self {
        Self { naming, ..self }
    }

    /// A write of the caller's under a key of its own.
    #[must_use]
    pub fn request<'a>(&'a self, operation: &'static str, key: &'a str, input: String) -> WriteRequest<'a> {
        WriteRequest {
            app: &self.app,
            holder: self.holder.as_ref(),
            request_id: &self.request_id,
            operation,
            idempotency_key: key,
            input: self.naming.as_sent(input),
        }
    }

    /// The operation of a stream that goes on behind a cursor.
    #[must_use]
    pub fn resuming(self, after: Option<String>) -> Self {
        Self {
            resume_after: after,
            ..self
        }
    }

    /// A stream, which reads in its turn.
    #[must_use]
    pub fn in_turn(mut self) -> Self {
        self.in_turn = true;
        self
    }

    /// Notes the cursor behind the message that is told next.
    pub fn stands_at(&self, cursor: &str) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(cursor.to_owned());
    }

    /// The cursor behind the message that was told last.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, for a stream that ends with the node.
    #[must_use]
    pub fn until(mut self, leaving: CancellationToken) -> Self {
        self.leaving = leaving;
        self
    }

    /// The snapshot of this operation, opened at first use.
    ///
    /// # Errors
    /// The database is away.
    pub async fn reading(&self) -> async_graphql::Result<Arc<Reading>> {
        let mut place = self.reading.lock().await;
        if let Some(opened) = place.as_ref() {
            return Ok(opened.reading.clone());
        }
        let turn = if self.in_turn { self.app.live.turn().await } else { None };
        let opened = Reading::open(self.app.clone(), self.holder.as_ref()).await;
        let opened = Opened {
            _turn: turn,
            ..opened.map_err(|f| to_error(&f))?.into()
        };
        let reading = opened.reading.clone();
        *place = Some(opened);
        Ok(reading)
    }

    /// Whether somebody waits for the snapshot to be opened, or for a statement in it.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        match self.reading.try_lock() {
            Ok(place) => place.as_ref().is_some_and(|opened| opened.reading.is_busy()),
            Err(_) => true,
        }
    }

    /// Signs in within the operation and lets what follows read from after the change.
    pub async fn became(&self, holder: TokenHolder) -> async_graphql::Result<Arc<Reading>> {
        let opened = Reading::open(self.app.clone(), Some(&holder)).await;
        let opened = Opened::from(opened.map_err(|f| to_error(&f))?);
        let reading = opened.reading.clone();
        *self.reading.lock().await = Some(opened);
        Ok(reading)
    }

    /// Forgets the snapshot: what is read next is read after the change just made.
    pub async fn renew(&self) {
        *self.reading.lock().await = None;
    }
}

/// Short ways to the request's own things.
pub trait ContextExt {
    fn operation(&self) -> async_graphql::Result<&Arc<Operation>>;
}

impl ContextExt for Context<'_> {
    fn operation(&self) -> async_graphql::Result<&Arc<Operation>> {
        self.data::<Arc<Operation>>()
    }
}
