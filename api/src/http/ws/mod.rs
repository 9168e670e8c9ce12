//! GraphQL over WebSocket: the `graphql-transport-ws` protocol in a loop of our own.
//!
//! Each socket has one reader ([`session`]), one writer ([`outbox`]) and a task for each operation
//! ([`Operation`](super::stream::Operation)). Tasks
//! wait in turn for a place in the writer's short queue, so a busy stream does not starve its neighbours, and a client
//! that does not read holds up nobody but itself.

mod close;
mod message;
mod open;
mod outbox;
mod session;

pub(super) use open::open;
