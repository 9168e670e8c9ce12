//! Webhooks 事件推送 as the API shows them.

pub mod delivery;
pub mod document;
mod input;
pub mod mutation;
pub mod object;
pub mod query;
