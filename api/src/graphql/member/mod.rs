//! Members: the roster.

pub mod object;
pub mod permission;
pub mod query;
