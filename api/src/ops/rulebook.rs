//! The rulebook in force for an org, and the basis of what is said in its name.

use std::sync::OnceLock;

use chrono::NaiveDate;
use domain::place;
use domain::rulebook::form::Form;
use domain::rulebook::words::{Consequence, DeadlineEvent, Precedence};
use domain::rulebook::{Books, Entry, JIAXING_2015, Rulebook, Text, load};
use domain::vocabulary::Language;

use super::outcome::Outcome;
use super::reading::Reading;
use crate::store::oversight::RulebookRows;
use crate::store::transaction::Write;

/// Days until an overdue obligation goes one level up where the rulebook does not say.
const ESCALATE_AFTER_DAYS: u32 = 7;

/// The rulebook that ships, read once. A test of the domain holds that it loads.
pub fn shipped() -> &'static Rulebook {
    static SHIPPED: OnceLock<Rulebook> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        load(JIAXING_2015).unwrap_or_else(|errors| {
            tracing::error!(?errors, "the shipped rulebook does not load");
            empty()
        })
    })
}

fn empty() -> Rulebook {
    let none = || Text { zh_cn: String::new(), en: String::new() };
    Rulebook {
        key: "jiaxing-2015".to_owned(),
        version: 1,
        title: none(),
        issuer: none(),
        issued_on: NaiveDate::MIN,
        effective_from: NaiveDate::MIN,
        effective_to: None,
        precedence: Precedence::Local,
        territory: None,
        sectors: Vec::new(),
        entries: Vec::new(),
    }
}

/// What stands behind a status, proposal or refusal, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    pub rulebook: String,
    pub entry: String,
    pub clause: String,
    pub heading: String,
    pub text: String,
}

/// The ground that an entry of a book gives.
#[must_use]
pub fn ground(book: &Rulebook, entry: &Entry, language: Language) -> Ground {
    Ground {
        rulebook: book.key.clone(),
        entry: entry.key.clone(),
        clause: entry.clause.clone(),
        heading: entry.heading.clone(),
        text: entry.advice.text(language).to_owned(),
    }
}

/// The ground that an entry of the shipped rulebook gives.
#[must_use]
pub fn basis(entry: &str, language: Language) -> Option<Ground> {
    let book = shipped();
    book.entry(entry).map(|entry| ground(book, entry, language))
}

/// All rulebooks of the deployment and where each is assigned.
#[derive(Default)]
pub struct Library {
    books: Vec<Rulebook>,
    assignments: Vec<(String, NaiveDate, String)>,
}

impl Library {
    /// Reads stored rulebooks; the newest version of a key counts. One that does not load is left out and logged.
    #[must_use]
    pub fn of(rows: RulebookRows) -> Self {
        let mut books: Vec<Rulebook> = Vec::new();
        for (key, version, text) in rows.texts {
            if key == shipped().key && i64::from(shipped().version) >= version {
                continue;
            }
            match load(&text) {
                Ok(book) => {
                    books.retain(|other| other.key != book.key);
                    books.push(book);
                }
                Err(errors) => tracing::error!(%key, version, ?errors, "a stored rulebook does not load"),
            }
        }
        Self { books, assignments: rows.assignments }
    }

    /// # Errors
    /// The database is away.
    pub async fn load(write: &Write) -> Outcome<Self> {
        Ok(Self::of(write.rulebooks().await?))
    }

    /// The book with a key.
    #[must_use]
    pub fn book(&self, key: &str) -> Option<&Rulebook> {
        let stored = self.books.iter().find(|book| book.key == key);
        stored.or_else(|| Some(shipped()).filter(|book| book.key == key))
    }

    fn default_book(&self) -> &Rulebook {
        self.book(&shipped().key).unwrap_or_else(|| shipped())
    }

    /// The books of the org with this path over time: on each day the nearest ancestor's assignment wins.
    #[must_use]
    pub fn books(&self, path: &str) -> Books<'_> {
        let near = self.assignments.iter().filter(|(at, ..)| place::is_within(path, at));
        let mut days: Vec<NaiveDate> = near.clone().map(|(_, day, _)| *day).collect();
        days.sort();
        days.dedup();
        days.into_iter().fold(Books::from(self.default_book()), |books, day| {
            let nearest = near
                .clone()
                .filter(|(_, from, _)| *from <= day)
                .max_by_key(|(at, from, _)| (at.len(), *from));
            match nearest.and_then(|(.., key)| self.book(key)) {
                Some(book) => books.then(day, book),
                None => books,
            }
        })
    }
}

impl Reading {
    /// All rulebooks of the deployment.
    ///
    /// # Errors
    /// The database is away.
    pub async fn library(&self) -> Outcome<Library> {
        Ok(Library::of(self.snapshot.rulebooks().await?))
    }
}

/// Days after which what is overdue goes one level up (G3.1a), as the book has it.
#[must_use]
pub fn escalate_after_days(book: &Rulebook, today: NaiveDate) -> u32 {
    let days = book.in_force(today).find_map(|entry| match &entry.form {
        Form::Deadline(deadline)
            if deadline.from == DeadlineEvent::Overdue && deadline.then == Consequence::Escalate =>
        {
            u32::try_from((deadline.default.after(today) - today).num_days()).ok()
        }
        _ => None,
    });
    days.unwrap_or(ESCALATE_AFTER_DAYS)
}
