//! When a connection must end though nothing failed on it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::http::executor::{AuthFailure, Caller, GraphqlExecutor};
use crate::http::shared::Node;

/// Why it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Time is up: of the introduction, or of the token.
    Overdue,
    /// Account or token no longer hold.
    Lost(AuthFailure),
    /// The node goes down; any node takes the client back.
    Drain,
}

/// Longest wait for a deadline, so that a token of years does not overflow the timer.
const FAR: Duration = Duration::from_secs(30 * 24 * 3600);

/// Watches over one connection: its token, its account, its node.
pub struct Vigil {
    deadline: Option<Instant>,
    lost: BoxFuture<'static, AuthFailure>,
    drain: BoxFuture<'static, ()>,
}

impl Vigil {
    /// Watches the node, and lets the client until `deadline` say who it is.
    pub fn begin<E: GraphqlExecutor>(node: &Node<E>, deadline: Option<Instant>) -> Self {
        let serial = node.connection_serial.fetch_add(1, Ordering::Relaxed);
        let drain = drained(node.lifetime.shutdown.clone(), node.settings.drain_spread, serial);
        Self {
            deadline,
            lost: Box::pin(std::future::pending()),
            drain: Box::pin(drain),
        }
    }

    /// Watches a caller from now on, in place of the one before.
    pub fn watch<E: GraphqlExecutor>(&mut self, node: &Node<E>, caller: Caller) {
        self.deadline = caller.token_expires_at.map(|end| {
            let left = end - (node.settings.clock)();
            Instant::now() + left.to_std().unwrap_or_default().min(FAR)
        });
        let executor = node.executor.clone();
        self.lost = Box::pin(async move { executor.lost(caller).await });
    }

    /// Completes when the connection must end. Dropping the future loses nothing.
    pub async fn ended(&mut self) -> Ending {
        let deadline = self.deadline;
        tokio::select! {
            () = until(deadline) => Ending::Overdue,
            failure = &mut self.lost => Ending::Lost(failure),
            () = &mut self.drain => Ending::Drain,
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Completes some time after the signal to stop: connections go one after the other, so that their clients do not all
/// come back in the same moment. Serial numbers are scattered evenly by the golden ratio.
async fn drained(shutdown: CancellationToken, spread: Duration, serial: usize) {
    shutdown.cancelled().await;
    let place = u32::try_from(serial % 1_000_003).unwrap_or(0);
    let fraction = (f64::from(place) * 0.618_033_988_749_895).fract();
    tokio::time::sleep(spread.mul_f64(fraction)).await;
}
