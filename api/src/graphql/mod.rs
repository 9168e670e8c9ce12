//! The schema, noun by noun. Resolvers parse ids, call `ops`, wrap.

pub mod account;
pub mod appointment;
pub mod context;
pub mod error;
pub mod loaders;
pub mod log;
pub mod member;
pub mod organization;
pub mod page;
pub mod rate;
pub mod schema;
pub mod write;
