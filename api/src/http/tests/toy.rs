//! A toy schema and a server for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::{Context, Object, Request, Response, Schema, Subscription};
use chrono::{DateTime, TimeDelta, Utc};
use domain::vocabulary::Language;
use futures_util::stream::{BoxStream, Stream, StreamExt};

use crate::http::{
    AuthFailure, Caller, Counts, Credentials, GraphqlExecutor, Hooks, HttpSettings, Lifetime, OperationKind,
    PageAnswer, Pulse, RateLimit, RequestMeta, Told, router, serve,
};

/// The machine's clock: tokens of the tests end in real time.
#[expect(clippy::disallowed_methods, reason = "here is where the tests bring the clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

pub struct Query;

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "hello"
    }

    async fn language(&self, ctx: &Context<'_>) -> String {
        ctx.data_unchecked::<Language>().to_string()
    }

    async fn remaining(&self, ctx: &Context<'_>) -> u64 {
        ctx.data_unchecked::<RateLimit>().remaining
    }

    async fn rows(&self, first: i32) -> Vec<i32> {
        (0..first).collect()
    }

    async fn slow(&self) -> bool {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        true
    }

    async fn broken(&self) -> async_graphql::Result<bool> {
        Err("relation secret does not exist".into())
    }

    async fn panicking(&self) -> bool {
        assert!(!std::hint::black_box(true), "secret");
        true
    }
}

pub struct Mutation;

/// Writes that came to their end.
pub static WRITTEN: AtomicUsize = AtomicUsize::new(0);

#[Object]
impl Mutation {
    async fn write(&self) -> bool {
        tokio::time::sleep(Duration::from_millis(300)).await;
        WRITTEN.fetch_add(1, Ordering::SeqCst);
        true
    }

    async fn sign_in(&self, name: String) -> String {
        name
    }
}

/// Where a stream goes on.
struct ResumeFrom(i32);

pub struct Events;

#[Subscription]
impl Events {
    async fn count(&self, ctx: &Context<'_>, to: i32) -> impl Stream<Item = i32> + use<> {
        let ResumeFrom(from) = *ctx.data_unchecked::<ResumeFrom>();
        futures_util::stream::iter(from..to)
    }

    /// Always ready.
    async fn flood(&self) -> impl Stream<Item = String> {
        futures_util::stream::repeat("x".repeat(1000))
    }

    async fn silence(&self) -> impl Stream<Item = i32> {
        futures_util::stream::pending()
    }

    async fn tick(&self) -> impl Stream<Item = i32> {
        futures_util::stream::unfold(0, |n| async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((n, n + 1))
        })
    }
}

#[derive(Clone)]
pub struct Toy {
    schema: Schema<Query, Mutation, Events>,
}

impl GraphqlExecutor for Toy {
    async fn authenticate(&self, credentials: Credentials) -> Result<Caller, AuthFailure> {
        let language = credentials.language.unwrap_or(Language::ZhCn);
        let (account, seconds) = match credentials.bearer.as_deref() {
            None => (None, None),
            Some("disabled") => return Err(AuthFailure::Disabled),
            Some("busy") => return Err(AuthFailure::Unavailable { retry_after_ms: 700 }),
            Some("brief") => (Some("brief".to_owned()), Some(1)),
            Some("good-anew") => (Some("good".to_owned()), Some(900)),
            Some(token) if token.starts_with("good") => (Some(token.to_owned()), Some(900)),
            Some(_) => return Err(AuthFailure::Invalid),
        };
        let token_expires_at = seconds.map(|seconds| now() + TimeDelta::seconds(seconds));
        Ok(Caller {
            account,
            language,
            token_expires_at,
            era: i64::from(credentials.bearer.as_deref() == Some("good-anew")),
            session: Arc::new(()),
        })
    }

    async fn execute(&self, caller: &Caller, request: Request, _kind: OperationKind) -> Response {
        self.schema.execute(request.data(caller.language)).await
    }

    async fn lost(&self, caller: Caller) -> AuthFailure {
        match caller.account.as_deref() {
            Some("good-leaving") => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                AuthFailure::Disabled
            }
            _ => std::future::pending().await,
        }
    }

    fn subscribe(&self, caller: &Caller, request: Request) -> BoxStream<'static, Told> {
        let resumed = request.data.get(&std::any::TypeId::of::<RequestMeta>());
        let resumed = resumed.and_then(|meta| meta.downcast_ref::<RequestMeta>()?.resume_after.clone());
        let from: i32 = resumed.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let responses = self
            .schema
            .execute_stream(request.data(caller.language).data(ResumeFrom(from)));
        // The number of the message is its cursor.
        let told = responses.enumerate().map(move |(at, response)| Told {
            response,
            cursor: i32::try_from(at).ok().map(|at| (from + at + 1).to_string()),
        });
        told.boxed()
    }
}

/// A running node; it stops when dropped.
pub struct Server {
    pub address: std::net::SocketAddr,
    pub lifetime: Lifetime,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.lifetime.shutdown.cancel();
    }
}

impl Server {
    pub async fn start(change: impl FnOnce(&mut HttpSettings)) -> Self {
        let mut settings = HttpSettings::new(Arc::new(now), 1);
        settings.drain_spread = Duration::from_millis(100);
        change(&mut settings);
        let hooks = Hooks {
            ready: Arc::new(|| Box::pin(async { true })),
            pulse: Pulse::steady(),
            counts: Arc::new(Counts::default),
            keys: Arc::new(|| serde_json::json!({ "keys": [] })),
            page: Arc::new(|_| Box::pin(async { PageAnswer::Absent })),
            export: Arc::new(|_| Box::pin(async { crate::http::ExportAnswer::Absent })),
            upload: Arc::new(|_| Box::pin(async { crate::http::FileAnswer::Unavailable })),
            import: Arc::new(|_| Box::pin(async { Ok(None) })),
        };
        let lifetime = Lifetime::default();
        let schema = Schema::build(Query, Mutation, Events).disable_suggestions().finish();
        let router = router(Toy { schema }, settings.clone(), hooks, lifetime.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let own = lifetime.clone();
        tokio::spawn(async move { serve(listener, router, &settings, &own).await.unwrap() });
        Self { address, lifetime }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A POST with a good token.
    pub fn post(&self, body: &serde_json::Value) -> reqwest::RequestBuilder {
        self.bare(body).bearer_auth("good")
    }

    /// A POST without a token.
    pub fn bare(&self, body: &serde_json::Value) -> reqwest::RequestBuilder {
        reqwest::Client::new()
            .post(self.url("/graphql"))
            .header("accept", "application/graphql-response+json")
            .json(body)
    }
}
