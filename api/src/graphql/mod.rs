//! The schema, noun by noun. Resolvers parse ids, call `ops`, wrap.

pub mod account;
pub mod context;
pub mod error;
pub mod log;
pub mod schema;
