//! Members: the roster.

pub mod object;
pub mod query;
