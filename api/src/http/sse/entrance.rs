//! Who may open a stream, and how long it is kept.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::outbox::Outbox;
use crate::http::code::{Code, Refusal, restarting};
use crate::http::cors::may_call;
use crate::http::executor::{AuthFailure, Caller, Credentials, GraphqlExecutor};
use crate::http::graphql::{Answer, asked_language, bearer, recognise};
use crate::http::peer;
use crate::http::shared::Node;
use crate::http::stream::{AccountPlace, Channel, Ending, NodePlace, Operations, Places, Vigil};

/// Places of one stream; given back when dropped.
pub struct Seat {
    _node: NodePlace,
    _account: Option<AccountPlace>,
}

/// Who is calling by the headers of a request.
pub async fn caller_of<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts, anonymous: bool) -> Result<Caller, Refusal> {
    let credentials = Credentials {
        bearer: bearer(&parts.headers)?,
        language: asked_language(&parts.headers),
        client: peer::client_address(parts, node.settings.proxies),
        at_once: false,
    };
    recognise(node, credentials, anonymous).await
}

/// Pages of other origins do not open streams.
pub fn check_origin<E>(node: &Node<E>, parts: &Parts) -> Result<(), Refusal> {
    match may_call(&parts.headers, &node.settings.origins) {
        true => Ok(()),
        false => Err(Refusal::new(
            Code::OriginRefused,
            "pages of this origin may not connect",
        )),
    }
}

/// A seat on the node that is not going down.
pub fn node_place<E>(node: &Node<E>) -> Result<NodePlace, Refusal> {
    if node.lifetime.shutdown.is_cancelled() {
        return Err(restarting());
    }
    let place = node.connections.enter(node.settings.socket.per_node);
    place.ok_or_else(|| Refusal::new(Code::Overloaded, "too many connections").retry_after_ms(5_000))
}

impl Seat {
    /// A seat for an account (or for an anonymous caller's one answer) among those of its kind.
    pub fn take(node: NodePlace, kind: &Arc<Places>, caller: &Caller, limit: usize) -> Result<Self, Refusal> {
        let account = match &caller.account {
            None => None,
            Some(account) => Some(kind.sign_in(account, limit).ok_or_else(|| {
                Refusal::above(Code::TooManyStreams, "streams of an account", limit).retry_after_ms(5_000)
            })?),
        };
        Ok(Self {
            _node: node,
            _account: account,
        })
    }
}

/// Sends signs of life until the work is done, the client is gone (`None`), or the stream must end. A renewed caller
/// takes the place of the one before.
pub async fn keep<E: GraphqlExecutor>(
    node: &Node<E>,
    outbox: &Outbox,
    operations: &Operations,
    mut caller: watch::Receiver<Caller>,
    work: impl Future<Output = ()>,
) -> Option<Ending> {
    let mut vigil = Vigil::begin(node, None);
    vigil.watch(node, caller.borrow_and_update().clone());
    let mut beats = interval(node.settings.socket.ping_every);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beats.reset();
    tokio::pin!(work);
    let ending = loop {
        tokio::select! {
            () = &mut work => return None,
            ending = vigil.ended() => break ending,
            Ok(()) = caller.changed() => {
                let renewed = caller.borrow_and_update().clone();
                vigil.watch(node, renewed);
            }
            _ = beats.tick() => if !outbox.beat() { return None },
            () = outbox.closed() => return None,
        }
    };
    if ending == Ending::Drain {
        tokio::select! {
            () = operations.take_leave() => {}
            () = &mut work => {}
        }
    }
    Some(ending)
}

/// Longest wait for a client to take the last word.
const FAREWELL: Duration = Duration::from_secs(2);

/// The last word to operations that must end. Whom a new try does not help is told so and completed; the others are cut
/// off, and clients of the protocol come back: with a new token, to another node.
pub async fn take_leave(outbox: &Outbox, ending: Ending, open: &[String], request_id: &str) {
    if ending != Ending::Lost(AuthFailure::Disabled) {
        return;
    }
    let telling = async {
        for id in open {
            let refusal = Refusal::new(Code::AccountDisabled, "the account is disabled");
            outbox.refuse(id, &Answer::refused(refusal, request_id)).await;
        }
    };
    // A client that does not read is not waited for.
    let _ = tokio::time::timeout(FAREWELL, telling).await;
}
