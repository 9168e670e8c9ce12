//! One operation, from the guard to the answer; the same on every transport.

use std::future::Future;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::Response;
use async_graphql::parser::types::ExecutableDocument;
use futures_util::FutureExt;
use tokio::sync::OwnedSemaphorePermit;

use super::answer::{Answer, internal};
use super::misfit::Asked;
use super::params::Params;
use crate::http::RateLimit;
use crate::http::beside::away;
use crate::http::budget::Payer;
use crate::http::code::{Code, Refusal};
use crate::http::executor::{AuthFailure, Caller, Credentials, GraphqlExecutor, RequestMeta, Transport};
use crate::http::limits::{Inspected, Plan, check_variables, inspect, plan};
use crate::http::shared::{Node, Shared};

/// An operation that passed the guard.
pub struct Request {
    pub params: Params,
    pub inspected: Inspected,
    pub plan: Plan,
    pub meta: RequestMeta,
}

/// An operation that passed the guard and is paid for.
pub struct Paid {
    pub payer: Payer,
    pub limit: RateLimit,
}

impl Request {
    /// Guards a request.
    pub fn guarded<E>(node: &Shared<E>, params: Params, meta: RequestMeta) -> Result<Self, Refusal> {
        let limits = &node.settings.limits;
        let inspected = inspect(&params.query, limits, &node.documents)?;
        check_variables(&params.variables)?;
        let plan = plan(
            &inspected.document,
            params.operation_name.as_deref(),
            &params.variables,
            limits,
        )?;
        Ok(Self {
            params,
            inspected,
            plan,
            meta,
        })
    }

    /// Reserves the operation's cost; anonymous callers get no further than the open fields.
    pub fn pay<E>(&self, node: &Shared<E>, caller: &Caller) -> Result<Paid, Refusal> {
        let payer = match &caller.account {
            Some(account) => Payer::Account(account.clone()),
            None if self.plan.anonymous => Payer::Address(self.meta.client),
            None => return Err(Refusal::new(Code::Unauthenticated, "sign in first")),
        };
        let limit = node.budget.reserve(&payer, self.plan.cost, (node.settings.clock)())?;
        Ok(Paid { payer, limit })
    }

    /// Remembers its document, once it ran without a request error: whoever sends the same text shares it.
    pub fn keep_document<E>(&self, node: &Shared<E>) {
        if let Some(tokens) = self.inspected.unknown {
            node.documents
                .keep(&self.params.query, Arc::clone(&self.inspected.document), tokens);
        }
    }

    /// What its errors may be about.
    pub fn asked(&self) -> Asked<'_> {
        Asked {
            document: &self.inspected.document,
            variables: &self.params.variables,
        }
    }

    /// The engine's request, with what the schema finds in its data.
    pub fn for_engine(&self, paid: &Paid) -> async_graphql::Request {
        let mut request = async_graphql::Request::new(self.params.query.clone())
            .variables(self.params.variables.clone())
            .data(self.meta.clone())
            .data(paid.limit.clone());
        request.operation_name.clone_from(&self.params.operation_name);
        request.set_parsed_query(ExecutableDocument::clone(&self.inspected.document));
        request
    }
}

/// Who is calling. A token that no longer holds does not stand in the way of the open fields (an app whose token ended
/// still sends it along with `refresh`).
pub async fn authenticate<E: GraphqlExecutor>(
    node: &Shared<E>,
    credentials: Credentials,
    anonymous: bool,
) -> Result<Caller, Refusal> {
    let without = Credentials {
        bearer: None,
        ..credentials.clone()
    };
    let failure = match node.executor.authenticate(credentials).await {
        Ok(caller) => return Ok(caller),
        Err(AuthFailure::Invalid) if anonymous => match node.executor.authenticate(without).await {
            Ok(caller) => return Ok(caller),
            Err(failure) => failure,
        },
        Err(failure) => failure,
    };
    Err(match failure {
        AuthFailure::Invalid => Refusal::new(Code::Unauthenticated, "the token is not valid or has ended"),
        AuthFailure::Disabled => Refusal::new(Code::AccountDisabled, "the account is disabled"),
        AuthFailure::Unavailable { retry_after_ms } => away().retry_after_ms(retry_after_ms),
    })
}

/// Runs a query or mutation in a task of its own: a client that leaves cancels nothing half done, neither a mutation
/// nor a transaction that is just beginning. Waits at most the request timeout, and not for a database that is silent.
pub async fn run<E: GraphqlExecutor>(node: &Node<E>, caller: Caller, request: Request) -> Answer {
    let paid = match request.pay(node, &caller) {
        Ok(paid) => paid,
        Err(refusal) => return Answer::refused(refusal, &request.meta.request_id),
    };
    let request_id = request.meta.request_id.clone();
    let Ok(permit) = Arc::clone(&node.gate).try_acquire_owned() else {
        node.budget
            .settle(&paid.payer, request.plan.cost, 0, (node.settings.clock)());
        let refusal = Refusal::new(Code::Overloaded, "too many operations at once").retry_after_ms(1_000);
        return Answer::refused(refusal, &request_id);
    };
    let work = to_the_end(Arc::clone(node), caller, request, paid, permit);
    let task = node.lifetime.tasks.spawn(work);
    match tokio::time::timeout(node.settings.request_timeout, node.hooks.pulse.answered(task)).await {
        Ok(Ok(Ok(answer))) => answer,
        Ok(Ok(Err(_))) => Answer::refused(internal(), &request_id),
        Ok(Err(refusal)) => Answer::refused(refusal, &request_id),
        Err(_) => {
            let refusal =
                Refusal::new(Code::Timeout, "no answer in time; a mutation may still succeed").retry_after_ms(2_000);
            Answer::refused(refusal, &request_id)
        }
    }
}

async fn to_the_end<E: GraphqlExecutor>(
    node: Node<E>,
    caller: Caller,
    request: Request,
    paid: Paid,
    _permit: OwnedSemaphorePermit,
) -> Answer {
    let engine = request.for_engine(&paid);
    let work = fenced(
        &request.meta.request_id,
        node.executor.execute(&caller, engine, request.plan.kind),
    );
    let Some(response) = work.await else {
        return Answer::refused(internal(), &request.meta.request_id);
    };
    finish(&node, &request, &paid, response)
}

/// Settles the account and shapes the answer.
fn finish<E>(node: &Shared<E>, request: &Request, paid: &Paid, response: Response) -> Answer {
    let mut answer = Answer::of(response, &request.meta.request_id, Some(request.asked()));
    let actual = answer.points().saturating_add(request.plan.charge);
    let settled = node
        .budget
        .settle(&paid.payer, request.plan.cost, actual, (node.settings.clock)());
    answer.show_cost(settled, actual);
    if !answer.request_error {
        request.keep_document(node);
    }
    answer
}

/// `None` if the work panicked. The panic's text goes to the log of the process only.
pub async fn fenced<T>(request_id: &str, work: impl Future<Output = T>) -> Option<T> {
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    if outcome.is_err() {
        tracing::error!(request_id, "an operation panicked");
    }
    outcome.ok()
}

/// Facts about a request before its document is known.
pub fn meta(request_id: String, client: Option<IpAddr>, transport: Transport) -> RequestMeta {
    RequestMeta {
        request_id,
        client,
        transport,
        resume_after: None,
    }
}
