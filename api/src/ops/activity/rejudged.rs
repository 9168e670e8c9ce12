//! What an activity changes in what its orgs owe.

use chrono::NaiveDate;

use super::super::outcome::Outcome;
use super::super::writing::Unit;

/// Judges afresh what these orgs owe around a date; the ids of the obligations that changed.
pub(super) async fn rejudge(_unit: &mut Unit, _orgs: &[String], _date: NaiveDate) -> Outcome<Vec<String>> {
    Ok(Vec::new())
}
