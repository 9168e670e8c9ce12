//! One file per form that is run.

pub mod cadence;
pub mod deadline;
pub mod escalation;
pub mod ladder;
mod qualify;
pub mod roll;
pub mod run_out;
pub mod sheet;
pub mod stages;
pub mod tariff;
pub mod vote;
