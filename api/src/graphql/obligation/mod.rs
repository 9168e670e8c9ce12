//! Obligations, alerts and deviations.

pub mod alert;
mod labels;
pub mod mutation;
pub mod object;
pub mod permission;
pub mod query;

pub use query::of_organization;
