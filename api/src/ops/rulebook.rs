//! The rulebook in force for an org, and the basis of what is said in its name.

use std::sync::OnceLock;

use chrono::NaiveDate;
use domain::place;
use domain::rulebook::form::Ladder;
use domain::rulebook::{Books, Entry, Form, JIAXING_2015, Rulebook, load};
use domain::vocabulary::{Language, Modality};

use super::outcome::Outcome;
use super::reading::Reading;
use crate::store::oversight::RulebookRows;
use crate::store::transaction::Write;

/// The rulebook that ships; a test of the domain holds that it loads.
pub fn shipped() -> Option<&'static Rulebook> {
    static SHIPPED: OnceLock<Option<Rulebook>> = OnceLock::new();
    SHIPPED.get_or_init(|| load(JIAXING_2015).ok()).as_ref()
}

/// Label and modality of a rule.
#[must_use]
pub fn rule(key: &str, language: Language) -> Option<(String, Modality)> {
    let entry = shipped()?.entry(key)?;
    Some((entry.label.text(language).to_owned(), entry.modality))
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
    let book = shipped()?;
    Some(ground(book, book.entry(entry)?, language))
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
    pub fn of(rows: &RulebookRows) -> Self {
        let mut books: Vec<Rulebook> = Vec::new();
        for (key, version, text) in &rows.texts {
            if shipped().is_some_and(|book| book.key == *key && i64::from(book.version) >= *version) {
                continue;
            }
            match load(text) {
                Ok(book) => {
                    books.retain(|other| other.key != book.key);
                    books.push(book);
                }
                Err(errors) => tracing::error!(%key, version, ?errors, "a stored rulebook does not load"),
            }
        }
        Self {
            books,
            assignments: rows.assignments.clone(),
        }
    }

    /// # Errors
    /// The database is away.
    pub async fn load(write: &Write) -> Outcome<Self> {
        Ok(Self::of(&write.rulebooks().await?))
    }

    /// Every book, each in its newest version.
    pub fn all(&self) -> impl Iterator<Item = &Rulebook> {
        let stored = |key: &str| self.books.iter().any(|book| book.key == key);
        let ours = shipped().filter(|book| !stored(&book.key));
        self.books.iter().chain(ours)
    }

    /// The book with a key.
    #[must_use]
    pub fn book(&self, key: &str) -> Option<&Rulebook> {
        let stored = self.books.iter().find(|book| book.key == key);
        stored.or_else(|| shipped().filter(|book| book.key == key))
    }

    /// The entry that a row was judged by (`key@version` of the book), with its book; `period_end` is exclusive.
    #[must_use]
    pub fn entry_of(&self, rulebook_id: &str, rule: &str, period_end: NaiveDate) -> Option<(&Rulebook, &Entry)> {
        let key = rulebook_id.split_once('@').map_or(rulebook_id, |(key, _)| key);
        let book = self.book(key)?;
        let last_day = period_end.pred_opt().unwrap_or(period_end);
        let entry = book.entry_on(rule, last_day).or_else(|| book.entry(rule))?;
        Some((book, entry))
    }

    /// Every ladder of unexcused absences (G2.5a) in any book.
    pub fn ladders(&self) -> impl Iterator<Item = &Ladder> {
        let books = self.books.iter().chain(shipped());
        books
            .flat_map(|book| &book.entries)
            .filter_map(|entry| match &entry.form {
                Form::Ladder(ladder) => Some(ladder),
                _ => None,
            })
    }

    /// The ladder in force on a day for the org with this path, with its book and entry.
    #[must_use]
    pub fn ladder(&self, path: &str, on: NaiveDate) -> Option<(&Rulebook, &Entry, &Ladder)> {
        let book = self.books(path)?.on(on);
        let (entry, ladder) = book.ladder(on)?;
        Some((book, entry, ladder))
    }

    /// The book in force where nothing is assigned: the newest version of the one that ships.
    #[must_use]
    pub fn default_book(&self) -> Option<&Rulebook> {
        shipped().and_then(|book| self.book(&book.key))
    }

    /// The books of the org with this path over time: on each day the nearest ancestor's assignment wins.
    #[must_use]
    pub fn books(&self, path: &str) -> Option<Books<'_>> {
        let near = || self.assignments.iter().filter(|(at, ..)| place::is_within(path, at));
        let mut days: Vec<NaiveDate> = near().map(|(_, day, _)| *day).collect();
        days.sort();
        days.dedup();
        let books = days.into_iter().fold(Books::from(self.default_book()?), |books, day| {
            let nearest = near()
                .filter(|(_, from, _)| *from <= day)
                .max_by_key(|(at, from, _)| (at.len(), *from));
            match nearest.and_then(|(.., key)| self.book(key)) {
                Some(book) => books.then(day, book),
                None => books,
            }
        });
        Some(books)
    }
}

impl Reading {
    /// All rulebooks of the deployment.
    ///
    /// # Errors
    /// The database is away.
    pub async fn library(&self) -> Outcome<Library> {
        Ok(Library::of(&*self.snapshot.rulebooks(&self.app.database.rulebooks).await?))
    }
}
