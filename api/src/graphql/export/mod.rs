//! Exports in bulk 批量导出.

pub mod mutation;
pub mod object;
pub mod query;
