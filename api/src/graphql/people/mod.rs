//! Posts, roster, exemptions, sealed fields, the trail: what is written about people, and who reads of it.

pub mod account;
pub mod appointment;
pub mod exemption;
pub mod identity_change;
pub mod language;
pub mod roster;
pub mod service_account;
pub mod trail;
pub mod upsert;
