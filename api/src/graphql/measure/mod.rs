//! Absence measures (G2.5a).

pub mod figures;
pub mod mutation;
pub mod object;
pub mod query;
