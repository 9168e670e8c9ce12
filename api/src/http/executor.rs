//! What the edge asks of the schema behind it.

use std::any::Any;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::{Request, Response};
use chrono::{DateTime, Utc};
use domain::vocabulary::Language;
use futures_util::stream::BoxStream;
use tokio_util::sync::CancellationToken;

/// What a request brings to say who sends it.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// The token after `Bearer `, `None` for an anonymous request.
    pub bearer: Option<String>,
    /// The language asked for by header or `connection_init`.
    pub language: Option<Language>,
    /// Address of the client, for limits on sign-in; never logged.
    pub client: Option<IpAddr>,
    /// One operation follows at once and nothing else: what was read to tell who calls may serve it too.
    pub at_once: bool,
}

/// Who sends a request, as far as the edge must know.
#[derive(Clone)]
pub struct Caller {
    /// Id of the account; `None` for an anonymous caller. Key of the budget and of the limit on sockets.
    pub account: Option<String>,
    /// Language of messages and labels for this caller.
    pub language: Language,
    /// When the token ends; a socket or stream is closed then.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// Raised when the account's sessions are ended. A token of another era than its connection's began is another session: what
    /// runs on the connection ended with the one before.
    pub era: i64,
    /// Whatever the executor wants back with each operation. No loaders and no snapshots: those live one operation.
    pub session: Arc<dyn Any + Send + Sync>,
}

/// Why a token was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthFailure {
    /// Unknown, forged or expired; a new token helps. HTTP 401, WebSocket 4403, an event stream is cut.
    Invalid,
    /// The account is disabled; trying again does not help. HTTP 401, WebSocket 4401, an event stream is completed.
    Disabled,
    /// It cannot be decided now. HTTP 503, WebSocket 1013.
    Unavailable {
        /// Milliseconds after which it is worth trying again.
        retry_after_ms: u64,
    },
}

/// In the data of a subscription's request: cancelled when the node goes down. The stream then says its last cursor and
/// ends; the transport closes without telling the client that the stream is complete.
#[derive(Debug, Clone)]
pub struct Leaving(pub CancellationToken);

/// Kind of the operation that is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    Query,
    Mutation,
    Subscription,
}

/// How a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Http,
    WebSocket,
    /// Server-sent events.
    EventStream,
    Multipart,
}

/// Facts about the request, in the request's data (`ctx.data::<RequestMeta>()`).
#[derive(Debug, Clone)]
pub struct RequestMeta {
    /// The same as `x-request-id` and `extensions.requestId`.
    pub request_id: String,
    /// Address of the client, for limits on sign-in; never logged.
    pub client: Option<IpAddr>,
    pub transport: Transport,
    /// Where the reader of a stream stands by the transport's own means (`Last-Event-ID`): newer than the operation's
    /// own `after`.
    pub resume_after: Option<String>,
}

/// One message of a subscription.
#[derive(Debug)]
pub struct Told {
    pub response: Response,
    /// Where the reader stands behind it, if it was told with a cursor of the log.
    pub cursor: Option<String>,
}

impl Told {
    /// A message that no place in the log goes with.
    #[must_use]
    pub fn alone(response: Response) -> Self {
        Self { response, cursor: None }
    }
}

/// A schema with everything it needs to answer.
///
/// The edge puts [`RequestMeta`] and [`crate::http::RateLimit`] into the data of each request. The implementor makes
/// fresh loaders and a fresh snapshot for each operation, and for each event of a subscription.
pub trait GraphqlExecutor: Clone + Send + Sync + 'static {
    /// Tells who the caller is. Without a bearer the answer is an anonymous [`Caller`], never a failure but `Unavailable`.
    fn authenticate(&self, credentials: Credentials) -> impl Future<Output = Result<Caller, AuthFailure>> + Send;

    /// Runs one query or mutation. Runs to its end even when the client leaves.
    fn execute(&self, caller: &Caller, request: Request, kind: OperationKind) -> impl Future<Output = Response> + Send;

    /// Completes when the caller's account or token no longer holds; connections are closed then. Bound to no operation.
    fn lost(&self, caller: Caller) -> impl Future<Output = AuthFailure> + Send {
        let _ = caller;
        std::future::pending()
    }

    /// Starts a subscription; the stream is dropped when the client leaves.
    fn subscribe(&self, caller: &Caller, request: Request) -> BoxStream<'static, Told>;
}
