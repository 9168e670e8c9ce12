//! Ends the connection of a client that does not read: a response alone cannot be ended while the network takes nothing.

use tokio_util::sync::CancellationToken;

/// In the extensions of each request: ends the connection that it came on.
#[derive(Debug, Clone, Default)]
pub struct Hangup(pub CancellationToken);
