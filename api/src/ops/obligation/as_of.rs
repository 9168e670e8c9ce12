//! Obligations as of another day (spec 2): judged with that day as today. A period that is closed by now is frozen and
//! never judged again: it shows its latest revision. Facts are valid as of that day and known as of now.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::obligation::judge_for;
use domain::vocabulary::ObligationStatus;

use super::evidence::{kept, missing_kept};
use super::facts::{Known, known};
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
use crate::ops::rulebook::{Library, Seat};
use crate::store::obligation::Obligation;
use crate::store::oversight::Extent;

impl Reading {
    /// The rows as they stood on a day. A constant number of statements.
    ///
    /// # Errors
    /// The database is away.
    pub(super) async fn judged_on(&self, day: NaiveDate, rows: Vec<Obligation>) -> Outcome<Vec<Obligation>> {
        let Some(first) = rows.iter().map(|row| row.period_start).min() else {
            return Ok(rows);
        };
        let mut ids: Vec<String> = rows.iter().map(|row| row.organization_id.clone()).collect();
        ids.sort();
        ids.dedup();
        let library = self.library().await?;
        let extent = Extent::since_year_of(first, day, library.looks_below());
        let facts = known(self.snapshot.oversight(&ids, extent).await?, self.app.zone)?;
        let facts: HashMap<&str, &Known> = facts.iter().map(|one| (one.row.id.as_str(), one)).collect();
        let judged = rows
            .into_iter()
            .filter_map(|row| stood(facts.get(row.organization_id.as_str())?, &library, row, day));
        Ok(judged.collect())
    }
}

fn stood(one: &Known, library: &Library, row: Obligation, day: NaiveDate) -> Option<Obligation> {
    if row.closed {
        return Some(row);
    }
    // The tree position of the row: after a move the books that held then.
    let books = library.books(Seat {
        path: &row.path,
        sector: Some(one.organization.sector),
    })?;
    let period = row.period.parse().ok()?;
    let facts = one.facts();
    let Some(finding) = judge_for(&facts, &books, (&row.rule_key, &row.subject_id), &period, day) else {
        return Some(row);
    };
    // Neither of that day nor still waiting on it.
    if finding.closed && row.period_end <= day {
        return None;
    }
    // Facts that no longer say so do not take back what was owed.
    if finding.status == ObligationStatus::NotOwed && row.status != ObligationStatus::NotOwed.as_str() {
        return Some(row);
    }
    Some(Obligation {
        status: finding.status.to_string(),
        due_on: finding.due_on,
        evidence: kept(&finding),
        missing: missing_kept(&finding),
        recorded_late: finding.recorded_late,
        closed: finding.closed,
        ..row
    })
}
