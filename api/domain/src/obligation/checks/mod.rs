//! One file per form that is run.

pub mod cadence;
pub mod deadline;
pub mod escalation;
pub mod ladder;
mod qualify;
pub mod vote;
