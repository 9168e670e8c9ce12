//! What every resolver may ask of its request.

use std::sync::{Arc, PoisonError};

use async_graphql::Context;
use domain::vocabulary::Language;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::error::to_error;
use crate::app::App;
use crate::ops::reading::{Reading, TokenHolder};

/// One operation: its caller, its language, its snapshot. Never shared between operations.
pub struct Operation {
    pub app: Arc<App>,
    pub holder: Option<TokenHolder>,
    pub language: Language,
    pub request_id: String,
    /// Cancelled when the node goes down: a stream then says its last cursor and ends.
    pub leaving: CancellationToken,
    reading: Mutex<Option<Arc<Reading>>>,
    /// The cursor that the transport brought, for a stream that goes on.
    pub resume_after: Option<String>,
    /// The cursor behind the message that a stream told last.
    place: std::sync::Mutex<Option<String>>,
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
            reading: Mutex::new(opened.map(Arc::new)),
            resume_after: None,
            place: std::sync::Mutex::default(),
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
        if let Some(reading) = place.as_ref() {
            return Ok(reading.clone());
        }
        let reading = Reading::open(self.app.clone(), self.holder.as_ref())
            .await
            .map_err(|f| to_error(&f))?;
        let reading = Arc::new(reading);
        *place = Some(reading.clone());
        Ok(reading)
    }

    /// Whether somebody waits for the snapshot to be opened, or for a statement in it.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        match self.reading.try_lock() {
            Ok(place) => place.as_ref().is_some_and(|reading| reading.is_busy()),
            Err(_) => true,
        }
    }

    /// Signs in within the operation and lets what follows read from after the change.
    pub async fn became(&self, holder: TokenHolder) -> async_graphql::Result<Arc<Reading>> {
        let reading = Reading::open(self.app.clone(), Some(&holder))
            .await
            .map_err(|f| to_error(&f))?;
        let reading = Arc::new(reading);
        *self.reading.lock().await = Some(reading.clone());
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
