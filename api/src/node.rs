//! A running node: the app and the schema behind the edge.

mod documents;
mod files;
mod page;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use async_graphql::{Request, Response, ServerError};
use chrono::DateTime;
use domain::vocabulary::Language;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::events::rights::Standing;
use crate::graphql::context::Operation;
use crate::graphql::error::to_error;
use crate::graphql::log::equals::{self, Equals};
use crate::graphql::naming::Naming;
use crate::graphql::order::Order;
use crate::graphql::rate;
use crate::graphql::schema::OrglifeSchema;
use crate::graphql::webhook::document::Documents;
use crate::graphql::{batch, naming, schema, variables};
use crate::http::{
    AuthFailure, Caller, Counts, Credentials, Front, GraphqlExecutor, Hooks, HttpSettings, Leaving, Lifetime,
    OperationKind, Pulse, RateLimit, RequestMeta, Room, Told, router, serve,
};
use crate::ops::reading::{Reading, TokenHolder, verify};
use crate::store::connect::of_its_own_accord;
use crate::webhooks;

/// How often a node looks whether the keys of access tokens have changed; a retired one ends what runs under it within twice
/// this time.
const LOOK_AT_KEYS: std::time::Duration = std::time::Duration::from_secs(2);

/// How often a node looks whether the database still answers.
const LOOK_AT_DATABASE: std::time::Duration = std::time::Duration::from_millis(500);

/// The schema with its app: what the edge calls.
#[derive(Clone)]
pub struct Node {
    app: Arc<App>,
    schema: OrglifeSchema,
    documents: Documents,
    /// Streams of the node that are told the same.
    equals: Arc<Equals>,
}

impl Node {
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        let schema = schema::build();
        Self {
            app,
            documents: documents::documents(&schema),
            schema,
            equals: Arc::default(),
        }
    }

    /// The request with its own operation: fresh loaders, a snapshot opened at first use, or the one that told who calls.
    fn prepare(&self, caller: &Caller, (mut request, naming): (Request, Naming), kind: OperationKind) -> Prepared {
        let session = caller.session.downcast_ref::<Session>();
        let holder = session.map(|session| session.holder.clone());
        // A document with names in it says another thing to everybody who sees another one.
        let may_be_equal = kind == OperationKind::Subscription && !naming.in_document;
        let stream_of = holder.as_ref().filter(|_| may_be_equal);
        let class = stream_of.and_then(|holder| equals::class(holder, caller.language, &mut request));
        let opened = session.and_then(Session::take).filter(|_| kind == OperationKind::Query);
        let meta = request_data::<RequestMeta>(&request);
        let request_id = meta.map(|meta| meta.request_id.clone()).unwrap_or_default();
        let resume_after = meta.and_then(|meta| meta.resume_after.clone());
        let limit = request_data::<RateLimit>(&request).map(|limit| rate::RateLimit {
            limit: i64::try_from(limit.limit).unwrap_or(i64::MAX),
            cost: i64::try_from(limit.cost).unwrap_or(i64::MAX),
            remaining: i64::try_from(limit.remaining).unwrap_or(i64::MAX),
            reset_at: limit.reset_at,
        });
        let operation = Operation::new(self.app.clone(), holder, caller.language, request_id, opened);
        let operation = operation.resuming(resume_after).naming(naming);
        let operation = match kind {
            OperationKind::Subscription => operation.in_turn().among(self.equals.clone(), class),
            OperationKind::Query | OperationKind::Mutation => operation,
        };
        let operation = Arc::new(match request_data::<Leaving>(&request) {
            Some(Leaving(leaving)) => operation.until(leaving.clone()),
            None => operation,
        });
        let loaders = Arc::new(batch::Loaders::new(operation.clone()));
        let request = request.data(loaders.clone()).data(operation.clone());
        let request = request.data(self.documents.clone());
        let request = match limit {
            Some(limit) => request.data(limit),
            None => request,
        };
        Prepared {
            request,
            operation,
            loaders,
        }
    }
}

impl Node {
    /// What the names of other systems in a request stand for, put in their place: for the reader, as things are now.
    async fn named(&self, caller: &Caller, mut request: Request) -> Result<(Request, Naming), Box<Response>> {
        let session = caller.session.downcast_ref::<Session>();
        let Some(session) = session.filter(|_| naming::may_hold_names(&request)) else {
            return Ok((request, Naming::default()));
        };
        let naming = async {
            let reading = Reading::open(self.app.clone(), Some(&session.holder)).await;
            let reading = reading.map_err(|failure| naming::failed(to_error(&failure)))?;
            naming::put_ids(&mut request, schema::types(), &reading).await
        };
        let naming = naming.await?;
        Ok((request, naming))
    }

    fn subscribe_named(&self, caller: &Caller, named: (Request, Naming)) -> BoxStream<'static, Told> {
        let mut prepared = self.prepare(caller, named, OperationKind::Subscription);
        if let Some(lacking) = variables::lacking(&mut prepared.request) {
            let node = self.clone();
            let refused = async move { node.refuse(prepared.request, lacking).await };
            return Box::pin(stream::once(async move { Told::alone(refused.await) }));
        }
        let (order, operation) = (order_of(&mut prepared.request), prepared.operation);
        let answers = batch::stream(prepared.loaders, self.schema.execute_stream(prepared.request));
        let answers = answers.map(move |answer| ordered(answer, order.as_ref()));
        // Each answer reads from a snapshot of its own, which is given back before the stream waits for the next event.
        Box::pin(answers.then(move |answer| {
            let operation = operation.clone();
            async move {
                operation.renew().await;
                Told {
                    response: answer,
                    cursor: operation.place(),
                }
            }
        }))
    }

    /// What is wrong with the document; else what its operation lacks.
    async fn refuse(&self, mut request: Request, lacking: ServerError) -> Response {
        variables::withhold(&mut request);
        let judged = self.schema.execute(request).await;
        if variables::fits(&judged.errors) {
            return Response::from_errors(vec![lacking]);
        }
        judged
    }

    /// Completes when the account is disabled, or its sessions were ended.
    async fn account_lost(&self, holder: &TokenHolder) -> AuthFailure {
        loop {
            let Ok(mut standing) = self.app.live.rights.enter(&self.app.live, holder).await else {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                continue;
            };
            let ended = standing.wait_for(|standing| matches!(standing, Standing::Disabled | Standing::Outdated));
            match ended.await.as_deref() {
                Ok(Standing::Disabled) => return AuthFailure::Disabled,
                Ok(_) => return AuthFailure::Invalid,
                Err(_) => {}
            }
        }
    }

    /// Why an account that a genuine token names is not let in: it is disabled or gone, or the token is older than the last
    /// reset of its sessions, and a new one helps.
    async fn refused(&self, holder: &TokenHolder) -> AuthFailure {
        let states = self
            .app
            .database
            .account_states(std::slice::from_ref(&holder.account_id))
            .await;
        match states.map(|states| states.first().map(|state| state.disabled)) {
            Ok(Some(false)) => AuthFailure::Invalid,
            Ok(Some(true) | None) => AuthFailure::Disabled,
            Err(_) => AuthFailure::Unavailable { retry_after_ms: 1000 },
        }
    }
}

/// A request with what its operation alone may use.
struct Prepared {
    request: Request,
    operation: Arc<Operation>,
    loaders: Arc<batch::Loaders>,
}

/// Whom a token names, and the snapshot in which that was looked up, for the one operation that follows at once.
struct Session {
    holder: TokenHolder,
    /// In a box: a connection keeps the place for as long as it lives.
    opened: Mutex<Option<Box<Reading>>>,
}

impl Session {
    fn take(&self) -> Option<Reading> {
        let opened = self.opened.lock().ok().and_then(|mut place| place.take());
        opened.map(|reading| *reading)
    }
}

fn request_data<T: std::any::Any>(request: &Request) -> Option<&T> {
    request
        .data
        .get(&std::any::TypeId::of::<T>())
        .and_then(|value| value.downcast_ref::<T>())
}

impl GraphqlExecutor for Node {
    async fn authenticate(&self, credentials: Credentials) -> Result<Caller, AuthFailure> {
        let anonymous = |language| Caller {
            account: None,
            language,
            token_expires_at: None,
            era: 0,
            session: Arc::new(()),
        };
        let Some(bearer) = credentials.bearer else {
            return Ok(anonymous(credentials.language.unwrap_or(Language::ZhCn)));
        };
        let holder = verify(&self.app, &bearer).await.ok_or(AuthFailure::Invalid)?;
        // Connections that all come back at once wait for one another, not queries for them.
        let turn = if credentials.at_once {
            None
        } else {
            self.app.live.turn().await
        };
        let reading = Reading::open(self.app.clone(), Some(&holder)).await;
        drop(turn);
        let reading = reading.map_err(|_| AuthFailure::Unavailable { retry_after_ms: 1000 })?;
        let Some(known) = reading.bearer.as_ref() else {
            return Err(self.refused(&holder).await);
        };
        let language = credentials.language.unwrap_or(known.language);
        Ok(Caller {
            account: Some(holder.account_id.clone()),
            language,
            token_expires_at: DateTime::from_timestamp(holder.expires_at, 0),
            era: holder.auth_epoch,
            session: Arc::new(Session {
                holder,
                opened: Mutex::new(credentials.at_once.then(|| Box::new(reading))),
            }),
        })
    }

    async fn execute(&self, caller: &Caller, request: Request, kind: OperationKind) -> Response {
        let named = match self.named(caller, request).await {
            Ok(named) => named,
            Err(failed) => return *failed,
        };
        let mut prepared = self.prepare(caller, named, kind);
        if let Some(lacking) = variables::lacking(&mut prepared.request) {
            return self.refuse(prepared.request, lacking).await;
        }
        let order = order_of(&mut prepared.request);
        let answer = batch::run(prepared.loaders, self.schema.execute(prepared.request)).await;
        ordered(answer, order.as_ref())
    }

    fn subscribe(&self, caller: &Caller, request: Request) -> BoxStream<'static, Told> {
        if !naming::may_hold_names(&request) {
            return self.subscribe_named(caller, (request, Naming::default()));
        }
        let (node, caller) = (self.clone(), caller.clone());
        let opened = async move {
            match node.named(&caller, request).await {
                Ok(named) => node.subscribe_named(&caller, named),
                Err(failed) => Box::pin(stream::once(async move { Told::alone(*failed) })),
            }
        };
        Box::pin(stream::once(opened).flatten())
    }

    async fn lost(&self, caller: Caller) -> AuthFailure {
        let Some(Session { holder, .. }) = caller.session.downcast_ref::<Session>() else {
            return std::future::pending().await;
        };
        let key_retired = async {
            match &holder.key {
                Some(key) => self.app.signing.retired(key).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            failure = self.account_lost(holder) => failure,
            () = key_retired => AuthFailure::Invalid,
        }
    }
}

fn order_of(request: &mut Request) -> Option<Order> {
    let name = request.operation_name.clone();
    Order::of(request.parsed_query().ok()?, name.as_deref())
}

fn ordered(mut response: Response, order: Option<&Order>) -> Response {
    if let Some(order) = order {
        response.data = order.apply(response.data);
    }
    response
}

/// Serves until the lifetime ends.
///
/// # Errors
/// The listener fails.
pub async fn run(
    app: Arc<App>,
    room: Room,
    front: Front,
    listener: TcpListener,
    lifetime: Lifetime,
) -> anyhow::Result<()> {
    let clock = app.clock.clone();
    let instance = u32::from_be_bytes(crate::secrets::random::<4>()?);
    let settings = HttpSettings::new(Arc::new(move || clock.now()), instance);
    let settings = settings.with_room(room).with_front(front);
    let (ready, counts, public, reader) = (app.clone(), app.clone(), app.clone(), app.clone());
    let (fetcher, taker, giver) = (app.clone(), app.clone(), app.clone());
    let end = CancellationToken::new();
    let hooks = Hooks {
        pulse: feel_pulse(&app, &end),
        ready: Arc::new(move || {
            let app = ready.clone();
            Box::pin(async move { app.database.snapshot().await.is_ok() })
        }),
        counts: Arc::new(move || Counts {
            statements: counts.database.statements(),
            feed_statements: counts.database.feed_statements(),
            ticks: counts.ticks.load(Ordering::Relaxed),
            log_behind: counts.live.progress.behind(),
            log_unreadable: counts.live.progress.unreadable(),
            exports_completed: counts.exports.completed.load(Ordering::Relaxed),
            exports_failed: counts.exports.failed.load(Ordering::Relaxed),
            imports_completed: counts.imports.completed.load(Ordering::Relaxed),
            imports_failed: counts.imports.failed.load(Ordering::Relaxed),
            webhooks: counts.webhooks.counts.now().into(),
        }),
        keys: Arc::new(move || serde_json::json!({ "keys": public.signing.known().jwks })),
        page: Arc::new(move |ask| Box::pin(page::page(reader.clone(), ask))),
        export: Arc::new(move |ask| Box::pin(files::export(fetcher.clone(), ask))),
        upload: Arc::new(move |ask| Box::pin(files::upload(taker.clone(), ask))),
        import: Arc::new(move |ask| Box::pin(files::import(giver.clone(), ask))),
    };
    // Streams are told of changes until the last of them has left.
    let relay = tokio::spawn(app.live.clone().run(end.clone()));
    lifetime.tasks.spawn(learn_keys(app.clone(), lifetime.shutdown.clone()));
    let node = Node::new(app.clone());
    let office = webhooks::office::run(app, node.answering(), lifetime.shutdown.clone());
    let office = tokio::spawn(of_its_own_accord(office));
    let router = router(node, settings.clone(), hooks, lifetime.clone());
    serve(listener, router, &settings, &lifetime).await?;
    office.await?;
    end.cancel();
    relay.await?;
    Ok(())
}

/// Looks again and again whether the database answers, until the node has ended.
fn feel_pulse(app: &Arc<App>, end: &CancellationToken) -> Pulse {
    let Some(mut looks) = app.database.pulse() else {
        return Pulse::steady();
    };
    let database = app.database.clone();
    let (pulse, watching) = Pulse::of(move || database.answers());
    let looking = async move {
        let mut beat = tokio::time::interval(LOOK_AT_DATABASE);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            looks.look().await;
        }
    };
    let end = end.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = end.cancelled() => {}
            () = watching => {}
            () = looking => {}
        }
    });
    pulse
}

/// Follows the keys of access tokens: soon after another process made or retired one, this node knows.
async fn learn_keys(app: Arc<App>, shutdown: CancellationToken) {
    let mut beat = tokio::time::interval(LOOK_AT_KEYS);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = beat.tick() => {}
        }
        if let Err(failure) = crate::ops::signing::reload(&app).await {
            tracing::warn!(?failure, "the signing keys cannot be read; the known ones hold");
        }
    }
}
