//! Precedence: a rule of a lower issuer may be stricter than one of a higher issuer, never laxer.

use chrono::NaiveDate;

use crate::period::months;
use crate::rulebook::form::{Cadence, Recurrence};
use crate::rulebook::{Entry, Form, Rulebook};
use crate::vocabulary::Modality;

impl Rulebook {
    /// Entries by which this book asks less than `higher` does under the same key on a day, in the document's order; none
    /// where `higher` was not issued by a higher rank. What only one of them has is not compared.
    #[must_use]
    pub fn laxer_than(&self, higher: &Self, date: NaiveDate) -> Vec<&Entry> {
        if higher.precedence >= self.precedence {
            return Vec::new();
        }
        let own = self.in_force(date);
        own.filter(|entry| {
            let other = higher.entry_on(&entry.key, date);
            other.is_some_and(|other| is_laxer(entry, other))
        })
        .collect()
    }
}

fn is_laxer(own: &Entry, higher: &Entry) -> bool {
    let weaker = rank(own.modality) < rank(higher.modality);
    let less = match (&own.form, &higher.form) {
        (Form::Cadence(own), Form::Cadence(higher)) => per_five_years(own) < per_five_years(higher),
        (Form::Coverage(own), Form::Coverage(higher)) => own.at_least_per_year < higher.at_least_per_year,
        (Form::RunOut(own), Form::RunOut(higher)) => own.limit_months > higher.limit_months,
        (Form::Deadline(own), Form::Deadline(higher)) => match (own.maximum, higher.maximum) {
            (Some(own), Some(higher)) => own.approximate_days() > higher.approximate_days(),
            (None, Some(_)) => true,
            (_, None) => false,
        },
        _ => false,
    };
    weaker || less
}

fn rank(modality: Modality) -> u8 {
    match modality {
        Modality::May => 0,
        Modality::Normally => 1,
        Modality::Must => 2,
    }
}

/// How many a cadence asks for in five years, in sixtieths: every recurrence divides that time exactly enough to compare.
fn per_five_years(cadence: &Cadence) -> u64 {
    const MONTHS: u64 = 60;
    let length = match cadence.recurrence {
        Recurrence::Period(period) => months(period),
        Recurrence::EveryMonths(number) => number,
    };
    u64::from(cadence.at_least) * MONTHS * MONTHS / u64::from(length.max(1))
}
