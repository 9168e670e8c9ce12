//! orglife: one API over the organizational life of a city. Rooms and their direction: `cli` → `http` → `graphql` → `ops` →
//! `store`; everyone may use the pure crate `domain`.

pub mod app;
pub mod graphql;
pub mod ops;
pub mod secrets;
pub mod store;
