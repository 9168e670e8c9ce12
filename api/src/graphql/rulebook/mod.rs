//! The rulebook, as the API shows it: every number with its clause.

pub mod mutation;
pub mod object;
pub mod query;

pub use query::of_organization;
