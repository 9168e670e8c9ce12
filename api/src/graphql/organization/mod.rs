//! Organizations.

pub mod facts;
pub mod figures;
pub mod history;
pub mod input;
pub mod mutation;
pub mod object;
pub mod past;
pub mod permission;
pub mod query;
mod recorded;
pub mod subscription;
pub mod unit;
