//! Advice (`MAY`) in the org's own list: what a rulebook recommends. It is never owed, never overdue, stands in no figure,
//! and nobody above hears of it.

use chrono::NaiveDate;
use serde::Serialize;

use super::checks::cadence::counted;
use crate::obligation::applies::applies;
use crate::obligation::facts::Facts;
use crate::period::Period;
use crate::rulebook::{Basis, Books, Entry, Form, Rulebook, Text};
use crate::vocabulary::Modality;

/// One piece of advice on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Key of the rulebook entry.
    pub rule: String,
    pub label: Text,
    pub text: Text,
    /// Of a cadence that is judged here: how far it was followed in the present period.
    pub followed: Option<Followed>,
    pub basis: Basis,
}

/// How far a recommended cadence was followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Followed {
    pub period: Period,
    /// How many count; recommended are `at_least`.
    pub count: u32,
    pub at_least: u32,
    /// Ids of the activities that count, by date and id.
    pub evidence: Vec<String>,
}

impl Followed {
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.count >= self.at_least
    }
}

/// What the book in force recommends to an org on a day, in the document's order.
#[must_use]
pub fn advice(facts: &Facts<'_>, books: &Books<'_>, today: NaiveDate) -> Vec<Advice> {
    let book = books.on(today);
    let recommended = book
        .in_force(today)
        .filter(|entry| entry.modality == Modality::May && applies(&entry.applies_to, facts.organization));
    recommended.map(|entry| one(facts, books, book, entry, today)).collect()
}

fn one(facts: &Facts<'_>, books: &Books<'_>, book: &Rulebook, entry: &Entry, today: NaiveDate) -> Advice {
    let followed = match &entry.form {
        Form::Cadence(cadence) => counted(facts, books, entry, today).map(|(period, evidence)| Followed {
            period,
            count: u32::try_from(evidence.len()).unwrap_or(u32::MAX),
            at_least: cadence.at_least,
            evidence,
        }),
        _ => None,
    };
    Advice {
        rule: entry.key.clone(),
        label: entry.label.clone(),
        text: entry.advice.clone(),
        followed,
        basis: book.basis(entry),
    }
}
