//! The keys of access tokens that a node knows at present.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::token::SigningKey;

/// The newest key signs, all of them verify.
pub struct Known {
    pub signer: SigningKey,
    /// Public keys, newest first.
    pub jwks: Vec<serde_json::Value>,
}

/// What the node knows at present.
pub struct Signing {
    known: RwLock<Arc<Known>>,
    /// When an unknown key was last looked for.
    pub(crate) sought: Mutex<Option<DateTime<Utc>>>,
}

impl Signing {
    #[must_use]
    pub fn new(known: Known) -> Self {
        Self {
            known: RwLock::new(Arc::new(known)),
            sought: Mutex::new(None),
        }
    }

    /// The keys, as last read.
    #[must_use]
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over what was read.
    pub(crate) fn learn(&self, known: Known) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }
}
