//! The edge: GraphQL over HTTP, WebSocket and event streams, health, keys, metrics and GraphiQL.
//!
//! This module knows nothing of the schema. Whoever has one implements [`GraphqlExecutor`] and hands it to [`router`];
//! every document passes the same guard ([`limits`]) and the same budget ([`budget`]) on every transport.

mod arrivals;
mod beside;
pub mod budget;
mod code;
mod cors;
pub mod executor;
mod export;
mod graphiql;
mod graphql;
mod health;
mod import;
mod intake;
mod language;
mod lifetime;
pub mod limits;
mod metrics;
mod page;
mod peer;
mod pulse;
mod request_id;
mod router;
mod serve;
mod settings;
mod shared;
mod sse;
mod stream;
mod ws;

#[cfg(test)]
mod tests;

pub use budget::RateLimit;
pub use code::{Code, Refusal};
pub use executor::{
    AuthFailure, Caller, Credentials, GraphqlExecutor, Leaving, OperationKind, RequestMeta, Told, Transport,
};
pub use export::{ExportAnswer, ExportAsk, ExportFile, Pieces};
pub use import::{Arrived, FileAnswer, FileAsk, ImportAnswer, ImportAsk, ImportFile};
pub use lifetime::Lifetime;
pub use limits::Limits;
pub use page::{PageAnswer, PageAsk};
pub use pulse::Pulse;
pub use router::router;
pub use serve::serve;
pub use settings::{Clock, Counts, Front, Hooks, HttpSettings, Room, WebhookCounts};
