//! orglife: one API over the organizational life of a city. Rooms and their direction: `cli` → `http` → `graphql` → `ops` →
//! `store`; everyone may use the pure crate `domain`.

#![recursion_limit = "512"]

pub mod app;
pub mod cli;
pub mod events;
pub mod graphql;
pub mod http;
pub mod intake;
pub mod node;
pub mod ops;
pub mod outbound;
pub mod pages;
pub mod secrets;
pub mod store;
pub mod webhooks;
