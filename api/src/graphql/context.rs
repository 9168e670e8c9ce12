//! What every resolver may ask of its request.

use std::sync::Arc;

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
        }
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
