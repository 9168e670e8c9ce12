//! The life of the node: what runs, and when it is to end.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Shared by the router and [`super::serve`]; cancel `shutdown` to drain the node.
#[derive(Debug, Clone, Default)]
pub struct Lifetime {
    /// Cancelled once, at the signal to stop. `/readyz` is red from then on.
    pub shutdown: CancellationToken,
    /// Operations, sockets and connections that `serve` waits for.
    pub tasks: TaskTracker,
}

/// In the extensions of a request on a connection that was made after the signal to stop.
#[derive(Debug, Clone, Copy)]
pub struct Late;
