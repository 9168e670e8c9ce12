//! The operations of one connection.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::http::code::{Code, Refusal};
use crate::http::executor::{Caller, GraphqlExecutor, Leaving, OperationKind, Transport};
use crate::http::graphql::{Answer, Request, fenced, internal, run};
use crate::http::pulse::unavailable;
use crate::http::shared::Node;

/// Time for the streams of a connection to say how far they came.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Open operations by the client's id.
#[derive(Clone, Default)]
pub struct Operations {
    open: Arc<Mutex<Open>>,
    fewer: Arc<Notify>,
    /// Told to the streams before the connection ends because the node goes down.
    leaving: CancellationToken,
}

#[derive(Default)]
struct Open {
    tokens: HashMap<String, CancellationToken>,
    /// The connection is over: nothing begins any more.
    over: bool,
}

/// What became of the wish for an operation.
pub enum Ticket {
    /// It may run until the token is cancelled.
    Admitted(CancellationToken),
    /// The id is in use.
    Taken,
    /// As many are open as may be.
    Full,
    /// The connection is over.
    Over,
}

impl Operations {
    fn with<T>(&self, work: impl FnOnce(&mut Open) -> T) -> T {
        work(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the id for a new operation.
    pub fn begin(&self, id: &str, limit: usize) -> Ticket {
        self.with(|open| {
            if open.over {
                return Ticket::Over;
            }
            if open.tokens.contains_key(id) {
                return Ticket::Taken;
            }
            if open.tokens.len() >= limit {
                return Ticket::Full;
            }
            let token = CancellationToken::new();
            open.tokens.insert(id.to_owned(), token.clone());
            Ticket::Admitted(token)
        })
    }

    /// Frees the id, before the client is told that the operation is over: it may use the id again at once. The telling
    /// itself goes on.
    fn release(&self, id: &str) {
        self.with(|open| open.tokens.remove(id));
        self.fewer.notify_one();
    }

    /// Ends an operation that the client does not want any more.
    pub fn end(&self, id: &str) {
        if let Some(token) = self.with(|open| open.tokens.remove(id)) {
            token.cancel();
        }
        self.fewer.notify_one();
    }

    /// Lets each stream say its last cursor, so that whoever takes the client up goes on from there.
    pub async fn take_leave(&self) {
        self.leaving.cancel();
        let all_over = async {
            while self.with(|open| !open.tokens.is_empty()) {
                self.fewer.notified().await;
            }
        };
        let _ = tokio::time::timeout(LAST_WORDS, all_over).await;
    }

    /// Ends all for good, when the connection closes; the ids of those that were open.
    pub fn end_all(&self) -> Vec<String> {
        let tokens = self.with(|open| {
            open.over = true;
            std::mem::take(&mut open.tokens)
        });
        tokens.values().for_each(CancellationToken::cancel);
        tokens.into_keys().collect()
    }
}

/// The way to one client, in the frames of its transport. `false` from any of them: the client is gone.
pub trait Channel: Send + Sync + 'static {
    fn transport(&self) -> Transport;

    /// A result; with the cursor of the log behind it, where the operation follows the log.
    fn next(&self, id: &str, answer: &Answer, cursor: Option<&str>) -> impl Future<Output = bool> + Send;

    /// The operation did not run, and is over.
    fn refuse(&self, id: &str, answer: &Answer) -> impl Future<Output = bool> + Send;

    /// The operation is over.
    fn complete(&self, id: &str) -> impl Future<Output = bool> + Send;
}

/// One operation on its way to one client.
pub struct Operation<E, C> {
    pub node: Node<E>,
    pub caller: Caller,
    pub id: String,
    pub channel: C,
    pub operations: Operations,
    pub cancelled: CancellationToken,
}

impl<E: GraphqlExecutor, C: Channel> Operation<E, C> {
    /// Runs to its end, or until the client does not want it any more. A query or mutation that began runs on, unheard.
    pub async fn run(self, request: Request) {
        let cancelled = self.cancelled.clone();
        let work = async {
            match request.plan.kind {
                OperationKind::Query | OperationKind::Mutation => {
                    // In a box, as what is rarely done on a stream: each stream holds room for the largest of its steps.
                    let answer = Box::pin(run(&self.node, self.caller.clone(), request)).await;
                    self.deliver(answer, None).await && self.complete().await
                }
                OperationKind::Subscription => self.stream(request).await,
            }
        };
        tokio::select! {
            () = cancelled.cancelled() => {}
            _ = work => {}
        }
    }

    /// Tells that the operation did not start.
    pub async fn refuse(self, refusal: Refusal, request_id: &str) {
        self.deliver(Answer::refused(refusal, request_id), None).await;
    }

    async fn stream(&self, request: Request) -> bool {
        let request_id = request.meta.request_id.clone();
        // One that runs waits for the database; one that is to begin is refused like a query.
        if self.node.hooks.pulse.is_silent() {
            return self.deliver(Answer::refused(unavailable(), &request_id), None).await;
        }
        let paid = match request.pay(&self.node, &self.caller) {
            Ok(paid) => paid,
            Err(refusal) => return self.deliver(Answer::refused(refusal, &request_id), None).await,
        };
        let leaving = &self.operations.leaving;
        let engine = request.for_engine(&paid).data(Leaving(leaving.clone()));
        let mut events = self.node.executor.subscribe(&self.caller, engine);
        // What was asked is kept until it has been looked at: values that do not fit are told with the first answer. A stream lives
        // long, so that nothing of the request but its id stays beside what the engine keeps.
        let mut asked = Some(request);
        loop {
            let (mut answer, cursor) = match fenced(&request_id, events.next()).await {
                Some(Some(told)) => {
                    let answer = Answer::of(told.response, &request_id, asked.as_ref().map(Request::asked));
                    (answer, told.cursor)
                }
                // Not the stream is over but the node: a client told of a complete stream would not come back.
                Some(None) if leaving.is_cancelled() => {
                    self.operations.release(&self.id);
                    return false;
                }
                Some(None) => return self.complete().await,
                None => (Answer::refused(internal(), &request_id), None),
            };
            // A stream that cannot begin is refused as a whole.
            if let Some(request) = asked.take() {
                answer.request_error |= answer.is_failure();
                if !answer.request_error {
                    request.keep_document(&self.node);
                }
            }
            if !self.deliver(answer, cursor.as_deref()).await {
                return false;
            }
        }
    }

    /// Sends the result, or the refusal after a request error, which ends the operation. Whether it goes on.
    async fn deliver(&self, answer: Answer, cursor: Option<&str>) -> bool {
        self.node.metrics.count(self.channel.transport(), answer.outcome());
        if answer.request_error {
            self.operations.release(&self.id);
            self.channel.refuse(&self.id, &answer).await;
            return false;
        }
        self.channel.next(&self.id, &answer, cursor).await
    }

    async fn complete(&self) -> bool {
        self.operations.release(&self.id);
        self.channel.complete(&self.id).await
    }
}

/// More operations than a connection may have.
pub fn too_many(limit: usize) -> Refusal {
    Refusal::above(Code::TooManyOperations, "operations open on a connection", limit)
}
