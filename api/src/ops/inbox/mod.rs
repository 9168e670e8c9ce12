//! The inbox 待办: what waits for whom, written with the change that causes it, resolved when it is read.

pub mod acknowledge;
mod people;
pub mod reading;
pub mod standing;

pub use crate::store::inbox::InboxRow;
