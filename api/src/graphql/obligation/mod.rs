//! Obligations, alerts and deviations.

pub mod advice;
pub mod alert;
pub mod answer;
pub mod evidence;
pub mod finding;
pub mod mutation;
pub mod object;
pub mod permission;
pub mod query;
pub mod subscription;

pub use query::of_organization;
