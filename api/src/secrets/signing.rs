//! The keys of access tokens that a node knows at present.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, watch};

use super::token::SigningKey;

/// The newest key signs, all of them verify.
pub struct Known {
    pub signer: SigningKey,
    /// Public keys, newest first.
    pub jwks: Vec<serde_json::Value>,
}

impl Known {
    fn has(&self, kid: &str) -> bool {
        let ids = self.jwks.iter().filter_map(|jwk| jwk.get("kid"));
        ids.filter_map(serde_json::Value::as_str).any(|known| known == kid)
    }
}

/// What the node knows at present.
pub struct Signing {
    known: watch::Sender<Arc<Known>>,
    /// When an unknown key was last looked for.
    pub(crate) sought: Mutex<Option<DateTime<Utc>>>,
}

impl Signing {
    #[must_use]
    pub fn new(known: Known) -> Self {
        Self {
            known: watch::Sender::new(Arc::new(known)),
            sought: Mutex::new(None),
        }
    }

    /// The keys, as last read.
    #[must_use]
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.borrow())
    }

    /// Completes when a key is not among those that verify any more. Bound to no operation.
    pub async fn retired(&self, kid: &str) {
        let mut known = self.known.subscribe();
        if known.wait_for(|known| !known.has(kid)).await.is_err() {
            std::future::pending().await
        }
    }

    /// Takes over what was read. Those who wait for the end of a key are woken by a change only, however often is looked.
    pub(crate) fn learn(&self, read: Known) {
        self.known.send_if_modified(|known| {
            let changed = known.jwks != read.jwks;
            *known = Arc::new(read);
            changed
        });
    }
}
