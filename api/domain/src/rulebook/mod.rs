//! The rulebook 规则: a versioned TOML document that holds every number of the guideline with its clause.
//!
//! [`load`] checks a document and names line, key and what is allowed; `docs/rulebook.md` says how to write one.

mod books;
mod entry;
pub mod form;
mod load;
mod lookups;
mod precedence;
pub mod quantity;
pub mod terms;
pub mod words;

use chrono::NaiveDate;

pub use books::Books;
pub use entry::{AppliesTo, Basis, Citation, Entry, Size};
pub use form::Form;
pub use load::LoadError;
pub use quantity::{MonthDay, Share, Span, Text};

use crate::rulebook::form::Quantity;
use crate::rulebook::words::Precedence;
use crate::vocabulary::Sector;

/// Key of the rulebook that ships and is the default: the Jiaxing guideline of 9 March 2015.
pub const SHIPPED: &str = "jiaxing-2015";

/// Its text.
pub const JIAXING_2015: &str = include_str!("../../../../rulebooks/jiaxing-2015.toml");

/// A checked rulebook. Entries keep the document's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Rulebook {
    pub key: String,
    /// Version of the document, from 1.
    pub version: u32,
    pub title: Text,
    pub issuer: Text,
    pub issued_on: NaiveDate,
    pub effective_from: NaiveDate,
    /// First day on which the document no longer holds.
    pub effective_to: Option<NaiveDate>,
    pub precedence: Precedence,
    /// Area that the document is for: the name or the id of the org at its head; `None`: everywhere.
    pub territory: Option<String>,
    /// Fields of work that the document is for; empty: all.
    pub sectors: Vec<Sector>,
    pub entries: Vec<Entry>,
}

/// The id of the rulebook with a key, through all its versions.
#[must_use]
pub fn id_of(key: &str) -> String {
    crate::ids::derived(crate::vocabulary::EntityKind::Rulebook, key)
}

/// Reads and checks a document.
///
/// # Errors
/// Everything that is wrong with it at once, by line, each with what is allowed.
pub fn load(text: &str) -> Result<Rulebook, Vec<LoadError>> {
    load::document(text)
}

impl Rulebook {
    /// Whether the document is for orgs in a field of work.
    #[must_use]
    pub fn holds_in(&self, sector: Option<Sector>) -> bool {
        self.sectors.is_empty() || sector.is_some_and(|sector| self.sectors.contains(&sector))
    }

    /// The newest version of an entry.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.versions(key).max_by_key(|entry| entry.effective_from)
    }

    /// The version of an entry that is in force on a day.
    #[must_use]
    pub fn entry_on(&self, key: &str, date: NaiveDate) -> Option<&Entry> {
        self.versions(key).find(|entry| entry.is_in_force(date))
    }

    /// All versions of an entry.
    pub fn versions(&self, key: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.key == key)
    }

    /// The entries in force on a day, in the document's order.
    pub fn in_force(&self, date: NaiveDate) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.is_in_force(date))
    }

    /// One value of a threshold entry in force on a day.
    #[must_use]
    pub fn quantity(&self, key: &str, name: &str, date: NaiveDate) -> Option<&Quantity> {
        match &self.entry_on(key, date)?.form {
            Form::Threshold(threshold) => threshold.values.get(name),
            Form::Cadence(_)
            | Form::Coverage(_)
            | Form::Ladder(_)
            | Form::RunOut(_)
            | Form::Stages(_)
            | Form::Deadline(_)
            | Form::Vote(_)
            | Form::Tariff(_) => None,
        }
    }

    /// A number of a threshold entry, such as `("notice", "hours")`.
    #[must_use]
    pub fn number(&self, key: &str, name: &str, date: NaiveDate) -> Option<u32> {
        match self.quantity(key, name, date)? {
            Quantity::Number(number) => Some(*number),
            Quantity::Flag(_) | Quantity::Share(_) | Quantity::Span(_) | Quantity::Day(_) | Quantity::Codes(_) => None,
        }
    }

    /// The ground for a figure or finding that rests on `entry`.
    #[must_use]
    pub fn basis(&self, entry: &Entry) -> Basis {
        Basis {
            rulebook: self.key.clone(),
            rulebook_version: self.version,
            entry: entry.key.clone(),
            clause: entry.clause.clone(),
            heading: entry.heading.clone(),
        }
    }
}
