//! Who owes what: judged anew with every change and with every day; alerts and deviations.

pub mod advice;
pub mod answer;
pub mod as_of;
pub mod attend;
pub mod deviation;
mod escalate;
pub mod evidence;
mod facts;
pub mod headcount;
mod judge;
pub mod moving;
pub mod reading;
pub mod rejudge;
pub mod shortcoming;
pub mod tick;

pub(in crate::ops) use facts::RECORDED_ACTS;
