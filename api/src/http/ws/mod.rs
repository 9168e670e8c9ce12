//! GraphQL over WebSocket: the `graphql-transport-ws` protocol in a loop of our own.
//!
//! Each socket has one reader ([`session`]), one writer ([`outbox`]) and a task for each operation ([`operation`]). Tasks
//! wait in turn for a place in the writer's short queue, so a busy stream does not starve its neighbours, and a client
//! that does not read holds up nobody but itself.

mod close;
mod message;
mod open;
mod operation;
mod outbox;
mod session;
mod sockets;

pub(super) use open::open;
pub(super) use sockets::Sockets;
