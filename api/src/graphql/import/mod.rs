//! Imports in bulk 批量导入.

pub mod mutation;
pub mod object;
pub mod query;
pub mod report;
pub mod subscription;
