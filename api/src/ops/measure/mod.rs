//! Absence measures 提醒、告诫、批评教育 (G2.5a): judged again with every change of attendance, decided by people.

pub mod decide;
pub mod figures;
mod judge;
pub mod reading;
pub mod rejudge;
mod sessions;

pub(in crate::ops) use decide::words_place;
pub use judge::{counts, metric};
pub(in crate::ops) use judge::{run_of, to_decide};
pub(in crate::ops) use rejudge::rejudge_absent;
pub use rejudge::{rejudge, rejudge_since};
pub use sessions::in_a_row;

pub use crate::store::measure::Measure;
