//! Admission and full membership.

pub mod input;
pub mod mutation;
pub mod object;
pub mod query;
