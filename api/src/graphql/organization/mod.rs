//! Organizations.

pub mod figures;
pub mod object;
pub mod query;
