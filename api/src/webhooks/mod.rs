//! Webhooks 事件推送, told: each endpoint by one task of one node, from its own place in the log, in order.
//!
//! [`office`] takes endpoints that nobody tells (a lease in the database) and gives them to couriers; [`courier`] is one endpoint: it
//! reads the log behind its place, decides each event with the rights that its account has now, and waits while its receiver does not
//! take a message; [`message`] is what is sent; [`post`] signs and sends it; [`trial`] sends what somebody asked for, beside the order.

mod courier;
mod message;
pub mod office;
mod post;
mod trial;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::webhook::Retries;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::ops::reading::TokenHolder;
use crate::ops::webhook::tell::Webhooks as Standing;
use crate::outbound::authorities::Authorities;
use crate::outbound::networks::Networks;
use crate::outbound::sender::Sender;

/// How webhooks are told, as the operator says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Networks beside the public internet that may be reached.
    pub networks: Networks,
    /// Authorities that are trusted beside those of the system.
    pub authorities: Authorities,
    pub retries: Retries,
    /// The longest that one attempt may take.
    pub attempt: Duration,
    /// Attempts that run at once on this node.
    pub at_once: usize,
}

impl Settings {
    /// How long a node has an endpoint without a sign of life: far longer than an attempt.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.attempt * 2 + Duration::from_secs(2)
    }
}

/// A document to be answered with an account's rights.
pub struct Question {
    pub holder: TokenHolder,
    pub document: String,
    /// What the document may ask for as variables, by name.
    pub variables: Value,
    /// The id of the message, under which the trail finds what was read.
    pub message_id: String,
}

/// Answers documents; `None` where the database is away, so that it is asked again.
pub type Answering = Arc<dyn Fn(Question) -> BoxFuture<'static, Option<Value>> + Send + Sync>;

/// What a node tells webhooks with.
pub struct Webhooks {
    pub settings: Settings,
    /// Made with the first message: it reads the certificates that the system trusts.
    sender: OnceLock<Sender>,
    places: Semaphore,
    pub counts: Counts,
}

/// What came of it on this node since its start, and how all webhooks stand.
#[derive(Debug, Default)]
pub struct Counts {
    delivered: AtomicU64,
    failed: AtomicU64,
    looked_at: AtomicU64,
    active: AtomicI64,
    failing: AtomicI64,
    paused: AtomicI64,
}

/// The same at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    pub delivered: u64,
    pub failed: u64,
    /// Addresses that were looked at for who registers them.
    pub looked_at: u64,
    pub active: i64,
    pub failing: i64,
    pub paused: i64,
}

impl Webhooks {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            places: Semaphore::new(settings.at_once),
            settings,
            sender: OnceLock::new(),
            counts: Counts::default(),
        }
    }

    fn sender(&self) -> &Sender {
        self.sender.get_or_init(|| {
            Sender::new(
                &self.settings.networks,
                &self.settings.authorities,
                self.settings.attempt,
            )
        })
    }
}

impl Counts {
    fn attempted(&self, taken: bool) {
        let counter = if taken { &self.delivered } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// An address is looked at for who registers it.
    pub fn looked_at(&self) {
        self.looked_at.fetch_add(1, Ordering::Relaxed);
    }

    fn stand(&self, standing: Standing) {
        self.active.store(standing.active, Ordering::Relaxed);
        self.failing.store(standing.failing, Ordering::Relaxed);
        self.paused.store(standing.paused, Ordering::Relaxed);
    }

    /// What was counted so far.
    #[must_use]
    pub fn now(&self) -> Counted {
        Counted {
            delivered: self.delivered.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            looked_at: self.looked_at.load(Ordering::Relaxed),
            active: self.active.load(Ordering::Relaxed),
            failing: self.failing.load(Ordering::Relaxed),
            paused: self.paused.load(Ordering::Relaxed),
        }
    }
}
