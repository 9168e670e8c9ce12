//! What an activity changes in what its orgs owe.

use chrono::NaiveDate;

use super::super::outcome::Outcome;
use super::super::writing::Unit;
use crate::ops::obligation;

/// Judges afresh what these orgs owe around a date; the ids of the obligations that changed.
pub(super) async fn rejudge(unit: &mut Unit, orgs: &[String], date: NaiveDate) -> Outcome<Vec<String>> {
    obligation::rejudge::rejudge(unit, orgs, date).await
}
