//! Settings of the edge; every default is safe for production.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::budget::BudgetSettings;
use super::export::{ExportAnswer, ExportAsk};
use super::import::{FileAnswer, FileAsk, ImportAnswer, ImportAsk};
use super::limits::Limits;
use super::page::{PageAnswer, PageAsk};
use super::pulse::Pulse;

/// Tells the present instant; tests bring their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How the edge behaves.
#[derive(Clone)]
pub struct HttpSettings {
    pub clock: Clock,
    /// A number that no other process has, drawn at start; request ids begin with it.
    pub instance: u32,
    pub limits: Limits,
    pub budget: BudgetSettings,
    /// Bytes of a signed-in caller's body, and of a message of a socket that is signed in: the longest minutes, written in
    /// ASCII alone, and room for what stands beside them.
    pub body_bytes: usize,
    /// Bytes of an anonymous caller's body, and of all that a socket brings until it is signed in.
    pub anonymous_body_bytes: usize,
    /// Longer bodies than an anonymous caller's that are read at once on this node.
    pub long_bodies: usize,
    /// Those of one account.
    pub long_bodies_per_account: usize,
    /// Time for a client to send its body.
    pub body_timeout: Duration,
    /// Bytes of a file that is sent to be imported.
    pub file_bytes: u64,
    /// A file brings at least so many bytes in each stretch of this time, or is cut off.
    pub file_floor: (u64, Duration),
    /// Time for a file to be here.
    pub file_timeout: Duration,
    /// Files that come in at once on this node.
    pub files: usize,
    /// Time for an answer; a mutation goes on behind it.
    pub request_timeout: Duration,
    /// Queries and mutations that run at once on this node; more are told to come back.
    pub operations_at_once: usize,
    /// Connections at once on this node; more wait in the listener's queue.
    pub connections: usize,
    /// Origins beside the own host whose pages may call (`https://office.example`).
    pub origins: Vec<String>,
    /// Proxies in front that each append to `X-Forwarded-For`; 0 means the peer is the client.
    pub proxies: usize,
    pub graphiql: bool,
    pub socket: SocketSettings,
    /// Time over which sockets are closed one by one when the node goes down.
    pub drain_spread: Duration,
    /// Time that running operations get when the node goes down.
    pub drain_timeout: Duration,
}

/// How much a node takes in at once, as its operator says.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Connections of every kind.
    pub connections: usize,
    /// Sockets of one account.
    pub sockets_per_account: usize,
    /// Time for a client to take a message.
    pub patience: std::time::Duration,
}

/// Who stands between a node and its clients, as its operator says.
#[derive(Debug, Clone, Default)]
pub struct Front {
    /// Origins beside the own host whose pages may call.
    pub origins: Vec<String>,
    /// Proxies that each append to `X-Forwarded-For`.
    pub proxies: usize,
    /// Bytes of a file that is sent to be imported; as many as usual where it is 0.
    pub file_bytes: u64,
}

/// Limits on connections that stay open: WebSockets, event streams, multipart.
#[derive(Debug, Clone)]
pub struct SocketSettings {
    pub init_timeout: Duration,
    pub ping_every: Duration,
    /// Silence after which a client is taken for gone.
    pub silence: Duration,
    /// Time for a client to take one message.
    pub send_timeout: Duration,
    /// Operations that are open at once on a connection.
    pub operations: usize,
    /// Sockets, and event streams that carry many operations, of an account.
    pub per_account: usize,
    /// Streams of one request each, of an account.
    pub streams_per_account: usize,
    /// All that stay open on the node.
    pub per_node: usize,
}

impl HttpSettings {
    /// The defaults, with the clock and the number that only the start of the process can give.
    #[must_use]
    pub fn new(clock: Clock, instance: u32) -> Self {
        Self {
            clock,
            instance,
            limits: Limits::default(),
            budget: BudgetSettings::default(),
            body_bytes: 1024 * 1024,
            anonymous_body_bytes: 64 * 1024,
            long_bodies: 64,
            long_bodies_per_account: 8,
            body_timeout: Duration::from_secs(15),
            file_bytes: 256 * 1024 * 1024,
            file_floor: (64 * 1024, Duration::from_secs(8)),
            file_timeout: Duration::from_secs(1800),
            files: 8,
            request_timeout: Duration::from_secs(10),
            operations_at_once: 256,
            connections: 4096,
            origins: Vec::new(),
            proxies: 0,
            graphiql: true,
            socket: SocketSettings::default(),
            drain_spread: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(20),
        }
    }
}

impl HttpSettings {
    /// The same with as much room as the operator gives: one connection in sixteen is kept for those that do not stay.
    #[must_use]
    pub fn with_room(mut self, room: Room) -> Self {
        self.connections = room.connections;
        self.socket.per_node = room.connections - room.connections / 16;
        self.socket.per_account = room.sockets_per_account;
        self.socket.send_timeout = room.patience;
        self.socket.streams_per_account = room.sockets_per_account * STREAMS;
        self
    }

    /// The same behind what the operator names.
    #[must_use]
    pub fn with_front(mut self, front: Front) -> Self {
        self.origins = front.origins;
        self.proxies = front.proxies;
        if front.file_bytes > 0 {
            self.file_bytes = front.file_bytes;
        }
        self
    }
}

/// Streams of one request each that an account may have for each of its sockets.
const STREAMS: usize = 4;

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            init_timeout: Duration::from_secs(10),
            ping_every: Duration::from_secs(20),
            silence: Duration::from_secs(50),
            send_timeout: Duration::from_secs(15),
            operations: 20,
            per_account: 5,
            streams_per_account: 20,
            per_node: 4000,
        }
    }
}

/// What the rest of the process has counted since the start.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// SQL statements that operations sent.
    pub statements: u64,
    /// SQL statements that following the log took, whatever the number of readers.
    pub feed_statements: u64,
    /// Ticks of the day done.
    pub ticks: u64,
    /// Since when the node has not read the log to its end.
    pub log_behind: Duration,
    /// Events of the log that it could not understand.
    pub log_unreadable: u64,
    /// Exports that this node brought to an end, and those of which nothing came.
    pub exports_completed: u64,
    pub exports_failed: u64,
    /// The same of imports.
    pub imports_completed: u64,
    pub imports_failed: u64,
    pub webhooks: WebhookCounts,
}

/// What came of telling webhooks.
#[derive(Debug, Clone, Copy, Default)]
pub struct WebhookCounts {
    /// Attempts of this node that were taken, and that were not.
    pub delivered: u64,
    pub failed: u64,
    /// Addresses that this node looked at for who registers them.
    pub looked_at: u64,
    /// Webhooks of the deployment as they stand: told, of these those whose message waits for another attempt, and paused.
    pub active: i64,
    pub failing: i64,
    pub paused: i64,
}

/// What `/readyz`, `/metrics` and the key set ask of the rest of the process.
#[derive(Clone)]
pub struct Hooks {
    /// Whether the node can serve: the database answers, migrations are done.
    pub ready: Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>,
    /// Whether the database still answers at all; operations that wait for it are refused when it does not.
    pub pulse: Pulse,
    /// What the rest of the process has counted since the start.
    pub counts: Arc<dyn Fn() -> Counts + Send + Sync>,
    /// The public keys as a JSON Web Key Set.
    pub keys: Arc<dyn Fn() -> serde_json::Value + Send + Sync>,
    /// A part of an export, for whoever may fetch it.
    pub export: Arc<dyn Fn(ExportAsk) -> BoxFuture<'static, ExportAnswer> + Send + Sync>,
    /// A file that comes in to be imported.
    pub upload: Arc<dyn Fn(FileAsk) -> BoxFuture<'static, FileAnswer> + Send + Sync>,
    /// A template, or the report of an import; `None` where there is none for the caller.
    pub import: Arc<dyn Fn(ImportAsk) -> BoxFuture<'static, ImportAnswer> + Send + Sync>,
    /// The yearly register of an org as a page.
    pub page: Arc<dyn Fn(PageAsk) -> BoxFuture<'static, PageAnswer> + Send + Sync>,
}
