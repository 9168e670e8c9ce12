//! The life of one socket.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use domain::vocabulary::Language;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use serde_json::{Map, Value};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::close::Close;
use super::message::{FromClient, ToClient, introduction, params};
use super::outbox::{LAST_CHANCE, Outbox};
use crate::http::executor::{AuthFailure, Caller, Credentials, GraphqlExecutor, Transport};
use crate::http::graphql::{Request, meta};
use crate::http::intake::Intake;
use crate::http::shared::Node;
use crate::http::stream::{AccountPlace, Ending, Operation, Operations, Ticket, Vigil, too_many};

/// One socket between its opening and its close.
pub struct Session<E> {
    node: Node<E>,
    outbox: Outbox,
    intake: Intake,
    client: Option<IpAddr>,
    language: Option<Language>,
    operations: Operations,
    /// Set by `connection_init`.
    caller: Option<(Caller, AccountPlace)>,
    introduced: bool,
    heard: Instant,
    /// Whose account and token are to be watched from now on.
    newcomer: Option<Caller>,
}

impl<E: GraphqlExecutor> Session<E> {
    /// Serves the socket until one of both sides ends it.
    pub async fn run(
        node: Node<E>,
        socket: WebSocket,
        intake: Intake,
        client: Option<IpAddr>,
        language: Option<Language>,
    ) {
        let (sink, mut frames) = socket.split();
        let (outbox, writer) = Outbox::new(sink, node.settings.socket.send_timeout);
        let mut writer = node.lifetime.tasks.spawn(writer);
        let operations = Operations::default();
        let mut session = Self {
            node,
            outbox,
            intake,
            client,
            language,
            operations,
            caller: None,
            introduced: false,
            heard: Instant::now(),
            newcomer: None,
        };
        let close = session.converse(&mut frames).await;
        if close == Close::drain() {
            session.operations.take_leave().await;
        }
        session.operations.end_all();
        let close_was_left_to_the_writer = session.outbox.is_closed();
        // Bounded, since a client that does not read keeps the queue full.
        let farewell = async {
            session.outbox.put(close.into_message()).await;
            session.outbox.closed().await;
            while let Some(Ok(_)) = frames.next().await {}
        };
        let _ = tokio::time::timeout(Duration::from_secs(2), farewell).await;
        if close_was_left_to_the_writer {
            let _ = tokio::time::timeout(LAST_CHANCE, &mut writer).await;
        }
        writer.abort();
    }

    async fn converse(&mut self, frames: &mut SplitStream<WebSocket>) -> Close {
        let mut ping = interval(self.node.settings.socket.ping_every);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ping.reset();
        let introduction = Instant::now() + self.node.settings.socket.init_timeout;
        let mut vigil = Vigil::begin(&self.node, Some(introduction));
        let outbox = self.outbox.clone();
        loop {
            // Also while a client that does not read keeps an answer waiting for its place.
            let turn = tokio::select! {
                turn = self.turn(frames, &mut ping, &outbox) => turn,
                ending = vigil.ended() => Err(self.close_at(ending)),
            };
            if let Err(close) = turn {
                return close;
            }
            if let Some(caller) = self.newcomer.take() {
                vigil.watch(&self.node, caller);
            }
        }
    }

    /// One message, or one sign of life.
    async fn turn(
        &mut self,
        frames: &mut SplitStream<WebSocket>,
        ping: &mut Interval,
        outbox: &Outbox,
    ) -> Result<(), Close> {
        tokio::select! {
            frame = frames.next() => self.hear(frame).await,
            _ = ping.tick() => self.beat(),
            () = outbox.closed() => Err(Close::normal()),
        }
    }

    async fn hear(&mut self, frame: Option<Result<Message, axum::Error>>) -> Result<(), Close> {
        self.heard = Instant::now();
        match frame {
            // In a box: a socket that only listens is not to hold room for what it might be asked.
            Some(Ok(Message::Text(text))) => Box::pin(self.obey(FromClient::read(&text)?)).await,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_))) => Err(Close::invalid("send text messages")),
            Some(Err(_)) => Err(Close::invalid("the message is too long or no WebSocket message")),
            Some(Ok(Message::Close(_))) | None => Err(Close::normal()),
        }
    }

    async fn obey(&mut self, message: FromClient) -> Result<(), Close> {
        match message {
            FromClient::ConnectionInit { payload } => self.introduce(payload.as_ref()).await,
            FromClient::Ping { payload } => self.answer_ping(payload.as_ref()).await,
            FromClient::Pong {} => Ok(()),
            FromClient::Subscribe { id, payload } => self.start(id, payload).await,
            FromClient::Complete { id } => {
                self.operations.end(&id);
                Ok(())
            }
        }
    }

    async fn introduce(&mut self, payload: Option<&Map<String, Value>>) -> Result<(), Close> {
        if std::mem::replace(&mut self.introduced, true) {
            return Err(Close::too_many_inits());
        }
        let caller = self.recognise(payload).await?;
        let account = caller.account.as_deref().ok_or_else(Close::forbidden)?;
        let limit = self.node.settings.socket.per_account;
        let place = self
            .node
            .connections
            .sign_in(account, limit)
            .ok_or_else(Close::too_many_sockets)?;
        self.intake.release();
        self.newcomer = Some(caller.clone());
        self.caller = Some((caller, place));
        self.send(ToClient::ConnectionAck.into_message()).await
    }

    /// A ping that brings a token renews the session: the same account, a later end.
    async fn answer_ping(&mut self, payload: Option<&Map<String, Value>>) -> Result<(), Close> {
        if let (Some((present, _)), (Some(_), _)) = (&self.caller, introduction(payload)) {
            let (account, era) = (present.account.clone(), present.era);
            let renewed = self.recognise(payload).await?;
            if renewed.account != account {
                return Err(Close::forbidden());
            }
            // What runs here ended with the session that it began in; with the new token the client comes back at once.
            if renewed.era != era {
                return Err(Close::token_ended());
            }
            self.newcomer = Some(renewed.clone());
            if let Some((present, _)) = &mut self.caller {
                *present = renewed;
            }
        }
        self.send(ToClient::Pong.into_message()).await
    }

    async fn recognise(&mut self, payload: Option<&Map<String, Value>>) -> Result<Caller, Close> {
        let (bearer, language) = introduction(payload);
        self.language = language.or(self.language);
        let credentials = Credentials {
            bearer,
            language: self.language,
            client: self.client,
            at_once: false,
        };
        let node = &self.node;
        let waiting = async {
            let _turn = node.introductions.acquire().await;
            node.hooks.pulse.answered(node.executor.authenticate(credentials)).await
        };
        match tokio::time::timeout(self.node.settings.socket.init_timeout, waiting).await {
            Ok(Ok(Ok(caller))) => Ok(caller),
            Ok(Ok(Err(AuthFailure::Invalid))) => Err(Close::forbidden()),
            Ok(Ok(Err(failure))) => Err(close_of(failure)),
            Ok(Err(_silent)) => Err(close_of(AuthFailure::Unavailable { retry_after_ms: 1_000 })),
            Err(_) => Err(Close::init_timeout()),
        }
    }

    async fn start(&mut self, id: String, payload: Map<String, Value>) -> Result<(), Close> {
        let Some((caller, _)) = &self.caller else {
            return Err(Close::unauthorized());
        };
        let caller = caller.clone();
        let params = params(payload)?;
        let meta = meta(self.node.request_ids.next(), self.client, Transport::WebSocket);
        let request_id = meta.request_id.clone();
        let limit = self.node.settings.socket.operations;
        let (token, room) = match self.operations.begin(&id, limit) {
            Ticket::Admitted(token) => (token, true),
            Ticket::Full | Ticket::Over => (CancellationToken::new(), false),
            Ticket::Taken => return Err(Close::duplicate(&id)),
        };
        let operation = Operation {
            node: Arc::clone(&self.node),
            caller,
            id,
            channel: self.outbox.clone(),
            operations: self.operations.clone(),
            cancelled: token,
        };
        if !room {
            operation.refuse(too_many(limit), &request_id).await;
            return Ok(());
        }
        match Request::guarded(&self.node, params, meta) {
            Ok(request) => drop(self.node.lifetime.tasks.spawn(operation.run(request))),
            Err(refusal) => operation.refuse(refusal, &request_id).await,
        }
        Ok(())
    }

    fn beat(&mut self) -> Result<(), Close> {
        if self.heard.elapsed() > self.node.settings.socket.silence {
            return Err(Close::silent());
        }
        // Behind a full queue it would say nothing that the queue does not say.
        self.outbox.put_at_once(Message::Ping(axum::body::Bytes::new()));
        Ok(())
    }

    /// Sends a message of the session itself. A client that does not read waits here, and only it.
    async fn send(&self, message: Message) -> Result<(), Close> {
        match self.outbox.put(message).await {
            true => Ok(()),
            false => Err(Close::normal()),
        }
    }

    fn close_at(&self, ending: Ending) -> Close {
        match ending {
            Ending::Overdue if self.caller.is_some() => Close::token_ended(),
            Ending::Overdue => Close::init_timeout(),
            Ending::Lost(failure) => close_of(failure),
            Ending::Drain => Close::drain(),
        }
    }
}

fn close_of(failure: AuthFailure) -> Close {
    match failure {
        AuthFailure::Invalid => Close::token_ended(),
        AuthFailure::Disabled => Close::disabled(),
        AuthFailure::Unavailable { retry_after_ms } => Close::overload(retry_after_ms),
    }
}
