//! The schema, noun by noun. Resolvers parse ids, call `ops`, wrap.

pub mod account;
pub mod activity;
pub mod admission;
pub mod applicant;
pub mod appointment;
pub mod context;
pub mod date;
pub mod error;
pub mod external_id;
pub mod inbox;
pub mod loaders;
pub mod log;
pub mod measure;
pub mod member;
pub mod node;
pub mod obligation;
pub mod order;
pub mod organization;
pub mod page;
pub mod people;
pub mod permission;
pub mod rate;
pub mod rulebook;
pub mod schema;
pub mod transfer;
pub mod write;
