//! What all requests of a node share.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::sync::Semaphore;

use super::budget::Budget;
use super::lifetime::Lifetime;
use super::limits::DocumentCache;
use super::metrics::Metrics;
use super::request_id::RequestIds;
use super::settings::{Hooks, HttpSettings};
use super::sse::Desk;
use super::stream::Places;

/// Sockets that are recognised at the same time; the others wait in turn. When everybody comes back at once, the database and the
/// processor are left to queries in between.
const INTRODUCTIONS: usize = 4;

/// State of the router.
pub struct Shared<E> {
    pub executor: E,
    pub settings: HttpSettings,
    pub hooks: Hooks,
    pub lifetime: Lifetime,
    pub documents: DocumentCache,
    pub budget: Budget,
    pub metrics: Metrics,
    pub request_ids: RequestIds,
    /// Connections that stay open, on the node; and by account those that carry many operations.
    pub connections: Arc<Places>,
    /// By account: connections that carry the answer to one request.
    pub streams: Arc<Places>,
    /// Long bodies that are being read.
    pub bodies: Arc<Places>,
    /// Files that are coming in.
    pub files: Arc<Places>,
    /// Event streams that carry many operations.
    pub desk: Desk,
    /// Queries and mutations that may still start.
    pub gate: Arc<Semaphore>,
    /// Sockets that are being recognised.
    pub introductions: Semaphore,
    /// Counts connections that stay open, to spread their closing.
    pub connection_serial: AtomicUsize,
}

/// As handlers take it.
pub type Node<E> = Arc<Shared<E>>;

impl<E> Shared<E> {
    pub fn new(executor: E, settings: HttpSettings, hooks: Hooks, lifetime: Lifetime) -> Self {
        Self {
            executor,
            hooks,
            lifetime,
            documents: DocumentCache::default(),
            budget: Budget::new(settings.budget),
            metrics: Metrics::default(),
            request_ids: RequestIds::new(settings.instance),
            connections: Arc::default(),
            streams: Arc::default(),
            bodies: Arc::default(),
            files: Arc::default(),
            desk: Desk::default(),
            gate: Arc::new(Semaphore::new(settings.operations_at_once)),
            introductions: Semaphore::new(INTRODUCTIONS),
            connection_serial: AtomicUsize::new(0),
            settings,
        }
    }
}
