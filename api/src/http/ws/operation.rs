//! The operations of one socket.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::close::Close;
use super::message::ToClient;
use super::outbox::Outbox;
use crate::http::code::{Code, Refusal};
use crate::http::executor::{Caller, GraphqlExecutor, Leaving, OperationKind, Transport};
use crate::http::graphql::{Answer, Request, fenced, internal, run};
use crate::http::shared::Node;

/// Open operations by the client's id.
#[derive(Clone, Default)]
pub struct Operations {
    open: Arc<Mutex<HashMap<String, CancellationToken>>>,
    fewer: Arc<Notify>,
}

impl Operations {
    /// Takes the id for a new operation. `Ok(None)` when there are too many.
    pub fn begin(&self, id: &str, limit: usize) -> Result<Option<CancellationToken>, Close> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.contains_key(id) {
            return Err(Close::duplicate(id));
        }
        if open.len() >= limit {
            return Ok(None);
        }
        let token = CancellationToken::new();
        open.insert(id.to_owned(), token.clone());
        Ok(Some(token))
    }

    /// Frees the id, before the client is told that the operation is over: it may use the id again at once.
    pub fn end(&self, id: &str) {
        if let Some(token) = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(id) {
            token.cancel();
        }
        self.fewer.notify_one();
    }

    /// Completes when no operation is open.
    pub async fn all_over(&self) {
        while !self.open.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            self.fewer.notified().await;
        }
    }

    /// Ends all, when the socket closes.
    pub fn end_all(&self) {
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        open.values().for_each(CancellationToken::cancel);
    }
}

/// One operation on its way to one client.
pub struct Operation<E> {
    pub node: Node<E>,
    pub caller: Caller,
    pub id: String,
    pub outbox: Outbox,
    pub operations: Operations,
    pub cancelled: CancellationToken,
    /// Cancelled when the node goes down.
    pub leaving: CancellationToken,
}

impl<E: GraphqlExecutor> Operation<E> {
    /// Runs to its end, or until the client does not want it any more. A query or mutation that began runs on, unheard.
    pub async fn run(self, request: Request) {
        let cancelled = self.cancelled.clone();
        let work = async {
            match request.plan.kind {
                OperationKind::Query | OperationKind::Mutation => {
                    let answer = run(&self.node, self.caller.clone(), request).await;
                    self.deliver(answer).await && self.complete().await
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
        self.deliver(Answer::refused(refusal, request_id)).await;
    }

    async fn stream(&self, request: Request) -> bool {
        let request_id = request.meta.request_id.clone();
        let paid = match request.pay(&self.node, &self.caller) {
            Ok(paid) => paid,
            Err(refusal) => return self.deliver(Answer::refused(refusal, &request_id)).await,
        };
        let request = request.for_engine(&paid).data(Leaving(self.leaving.clone()));
        let mut events = self.node.executor.subscribe(&self.caller, request);
        let mut first = true;
        loop {
            let mut answer = match fenced(&request_id, events.next()).await {
                Some(Some(response)) => Answer::of(response, &request_id),
                // Not the stream is over but the node: a client told of a complete stream would not come back.
                Some(None) if self.leaving.is_cancelled() => {
                    self.operations.end(&self.id);
                    return false;
                }
                Some(None) => return self.complete().await,
                None => Answer::refused(internal(), &request_id),
            };
            // A stream that cannot begin is refused as a whole.
            answer.request_error |= std::mem::replace(&mut first, false) && answer.is_failure();
            if !self.deliver(answer).await {
                return false;
            }
        }
    }

    /// Sends `next`, or `error` after a request error, which ends the operation. Whether it goes on.
    async fn deliver(&self, answer: Answer) -> bool {
        self.node.metrics.count(Transport::WebSocket, answer.outcome());
        if answer.request_error {
            self.operations.end(&self.id);
            self.outbox
                .put(
                    ToClient::Error {
                        id: &self.id,
                        payload: &answer.errors,
                    }
                    .into_message(),
                )
                .await;
            return false;
        }
        self.outbox
            .put(
                ToClient::Next {
                    id: &self.id,
                    payload: &answer,
                }
                .into_message(),
            )
            .await
    }

    async fn complete(&self) -> bool {
        self.operations.end(&self.id);
        self.outbox
            .put(ToClient::Complete { id: &self.id }.into_message())
            .await
    }
}

/// More operations than a socket may have.
pub fn too_many(limit: usize) -> Refusal {
    Refusal::above(Code::TooManyOperations, "operations open on a socket", limit)
}
