//! Who owes what: judged anew with every change and with every day; alerts and deviations.

pub mod attend;
pub mod deviation;
mod escalate;
pub mod evidence;
mod facts;
pub mod headcount;
mod judge;
pub mod reading;
pub mod rejudge;
pub mod tick;
