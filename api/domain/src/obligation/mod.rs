//! Who owes what, and when it is met (spec 2): facts, rulebooks and a date in, findings out. The same input gives
//! the same output, byte for byte.

pub mod advice;
mod applies;
pub mod checks;
pub mod facts;
pub mod figures;
pub mod finding;
pub mod headcount;
pub mod owed;
pub mod shortcoming;

pub use checks::cadence::{judge, judge_all, judge_for, judge_late};
pub use checks::{deadline, escalation, ladder, roll, run_out, sheet, stages, tariff, vote};
pub use facts::{Deviation, Facts, HeldActivity, OrganizationFacts, Subordinate};
pub use figures::Figures;
pub use finding::{Finding, Missing, NotOwedReason, SuggestedAction};
pub use headcount::Headcount;
