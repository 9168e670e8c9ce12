//! All rulebooks of a deployment, and which is in force where and when.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::obligation::owed::looks_below;
use domain::path_history::Moves;
use domain::place;
use domain::rulebook::form::Ladder;
use domain::rulebook::{Books, Entry, Form, Rulebook};
use domain::vocabulary::Sector;

use super::super::obligation::RECORDED_ACTS;
use super::super::outcome::Outcome;
use super::{shelf, shipped, shipped_book, territory};
use crate::store::organization::Organization;
use crate::store::rulebook_rows::{Moved, RulebookRows};
use crate::store::transaction::Write;

/// All rulebooks of the deployment in all their versions, and where each is assigned.
#[derive(Default)]
pub struct Library {
    /// By version, the oldest first; the shipped one is among them.
    books: Vec<Arc<Rulebook>>,
    assignments: Vec<Assignment>,
    moves: Moves,
    /// (org, name) of what a book's territory may name.
    names: Vec<(String, String)>,
}

/// Where an org stands and in which field it works: what decides which books hold for it.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'a> {
    pub path: &'a str,
    /// Books for some fields of work do not hold where it is not known.
    pub sector: Option<Sector>,
}

impl<'a> From<&'a Organization> for Seat<'a> {
    fn from(row: &'a Organization) -> Self {
        Self {
            path: &row.path,
            sector: row.sector.parse().ok(),
        }
    }
}

/// A book assigned to an org and what is below it, from a day on.
struct Assignment {
    organization_id: String,
    from_on: NaiveDate,
    key: String,
}

impl Library {
    /// Reads stored rulebooks. One that does not load is left out and logged.
    #[must_use]
    pub fn of(rows: &RulebookRows) -> Self {
        let mut books: Vec<Arc<Rulebook>> = shipped_book().cloned().into_iter().collect();
        for (key, version, text) in &rows.texts {
            if books
                .iter()
                .any(|book| book.key == *key && i64::from(book.version) == *version)
            {
                continue;
            }
            match shelf::read(key, *version, text) {
                Ok(book) => books.push(book),
                Err(errors) => tracing::error!(%key, version, ?errors, "a stored rulebook does not load"),
            }
        }
        books.sort_by_key(|book| book.version);
        Self {
            books,
            assignments: rows.assignments.iter().filter_map(assignment).collect(),
            names: rows.names.clone(),
            moves: Moves::of(rows.moves.iter().map(|moved| {
                let Moved {
                    organization_id,
                    on_day,
                    old_parent_path,
                } = moved.clone();
                (organization_id, on_day, old_parent_path)
            })),
        }
    }

    /// # Errors
    /// The database is away.
    pub async fn load(write: &Write) -> Outcome<Self> {
        Ok(Self::of(&write.rulebooks().await?))
    }

    /// Every book, each in its newest version.
    pub fn all(&self) -> impl Iterator<Item = &Rulebook> {
        self.books.iter().map(AsRef::as_ref).filter(|book| {
            self.book(&book.key)
                .is_some_and(|newest| newest.version == book.version)
        })
    }

    /// The newest version of the book with a key.
    #[must_use]
    pub fn book(&self, key: &str) -> Option<&Rulebook> {
        self.versions(key).next_back()
    }

    /// One version of a book.
    #[must_use]
    pub fn version(&self, key: &str, version: u32) -> Option<&Rulebook> {
        self.versions(key).find(|book| book.version == version)
    }

    fn versions(&self, key: &str) -> impl DoubleEndedIterator<Item = &Rulebook> {
        self.books.iter().map(AsRef::as_ref).filter(move |book| book.key == key)
    }

    /// The version of a book that holds on a day: the newest that is in force by then, before all of them the oldest.
    #[must_use]
    pub fn book_on(&self, key: &str, day: NaiveDate) -> Option<&Rulebook> {
        let begun = self.versions(key).rev().find(|book| book.effective_from <= day);
        begun.or_else(|| self.versions(key).next())
    }

    /// The entry that a row was judged by (`key@version` of the book), with its book; `period_end` is exclusive.
    #[must_use]
    pub fn entry_of(&self, rulebook_id: &str, rule: &str, period_end: NaiveDate) -> Option<(&Rulebook, &Entry)> {
        let (key, version) = rulebook_id.split_once('@').unwrap_or((rulebook_id, ""));
        let exact = version.parse().ok().and_then(|version| self.version(key, version));
        let book = exact.or_else(|| self.book(key))?;
        let last_day = period_end.pred_opt().unwrap_or(period_end);
        let entry = book.entry_on(rule, last_day).or_else(|| book.entry(rule))?;
        Some((book, entry))
    }

    /// Every book in all its versions.
    pub fn every(&self) -> impl Iterator<Item = &Rulebook> {
        self.books.iter().map(AsRef::as_ref)
    }

    /// Whether any book takes what stands below an org to be judged.
    #[must_use]
    pub fn looks_below(&self) -> bool {
        self.books.iter().any(|book| looks_below(book, RECORDED_ACTS))
    }

    /// Every ladder of unexcused absences (G2.5a) in any book.
    pub fn ladders(&self) -> impl Iterator<Item = &Ladder> {
        self.books
            .iter()
            .flat_map(|book| &book.entries)
            .filter_map(|entry| match &entry.form {
                Form::Ladder(ladder) => Some(ladder),
                _ => None,
            })
    }

    /// The ladder in force on a day for an org, with its book and entry.
    #[must_use]
    pub fn ladder(&self, at: Seat<'_>, on: NaiveDate) -> Option<(&Rulebook, &Entry, &Ladder)> {
        let book = self.books(at)?.on(on);
        let (entry, ladder) = book.ladder(on)?;
        Some((book, entry, ladder))
    }

    /// The book in force where nothing is assigned: the one that ships, in its newest version.
    #[must_use]
    pub fn default_book(&self) -> Option<&Rulebook> {
        shipped().and_then(|book| self.book(&book.key))
    }

    /// The books of an org over time: on each day the assignment of the nearest of those it stood below then wins, in the
    /// version that holds by then, if that is a book for its field of work and for where it stood.
    #[must_use]
    pub fn books<'s>(&self, at: impl Into<Seat<'s>>) -> Option<Books<'_>> {
        let Seat { path, sector } = at.into();
        let default = shipped()?.key.as_str();
        let stood = self.moves.paths(path);
        let is_above = |id: &str| stood.iter().any(|(_, path)| level(path, id).is_some());
        let near: Vec<_> = self
            .assignments
            .iter()
            .filter(|one| is_above(&one.organization_id))
            .collect();
        let is_used = |key: &str| key == default || near.iter().any(|one| one.key == key);
        let begun = self.books.iter().filter(|book| is_used(&book.key));
        let mut days: Vec<NaiveDate> = begun.map(|book| book.effective_from).collect();
        days.extend(near.iter().map(|one| one.from_on));
        days.extend(stood.iter().skip(1).map(|(day, _)| *day));
        days.sort();
        days.dedup();
        let key_on = |day: NaiveDate| {
            let at = stood.iter().rfind(|(from, _)| *from <= day).map(|(_, path)| path);
            let begun = near.iter().filter(|one| one.from_on <= day);
            let is_for = |one: &&&Assignment| {
                let book = self.book_on(&one.key, day).zip(at);
                book.is_some_and(|(book, path)| self.is_for(book, path, sector))
            };
            let begun = begun.filter(is_for);
            let below = begun.filter_map(|one| Some((level(at?, &one.organization_id)?, one.from_on, &one.key)));
            below.max().map_or(default, |(.., key)| key.as_str())
        };
        let first = Books::from(self.book_on(default, NaiveDate::MIN)?);
        Some(
            days.into_iter()
                .fold(first, |books, day| match self.book_on(key_on(day), day) {
                    Some(book) => books.then(day, book),
                    None => books,
                }),
        )
    }

    /// Whether a book is for orgs that stand there and work in that field.
    fn is_for(&self, book: &Rulebook, path: &str, sector: Option<Sector>) -> bool {
        let named = |id: &str, name: &str| {
            let known = self.names.iter().any(|(org, own)| org == id && own == name);
            known || id == name
        };
        let inside = |territory: &str| place::ids_on(path).any(|id| named(id, territory));
        book.holds_in(sector) && territory(book).is_none_or(inside)
    }

    /// Whether any assigned book is for some fields of work only.
    #[must_use]
    pub fn asks_sector(&self) -> bool {
        let mut bound = self.books.iter().filter(|book| !book.sectors.is_empty());
        bound.any(|book| self.assignments.iter().any(|one| one.key == book.key))
    }

    /// Every book that holds on a day at the org with this path or above it, the shipped one too.
    pub fn holding(&self, path: &str, on: NaiveDate) -> impl Iterator<Item = &Rulebook> {
        let begun = self.assignments.iter();
        let assigned = begun.filter(move |one| level(path, &one.organization_id).is_some() && one.from_on <= on);
        let keys = assigned
            .map(|one| one.key.as_str())
            .chain(shipped().map(|book| book.key.as_str()));
        keys.filter_map(move |key| self.book_on(key, on))
    }

    /// The book in force on a day for an org, to be kept.
    ///
    /// # Errors
    /// There is none at all: the shipped one does not load.
    pub fn book_of<'s>(&self, at: impl Into<Seat<'s>>, on: NaiveDate) -> anyhow::Result<Arc<Rulebook>> {
        let found = self.books(at).and_then(|books| {
            let found = books.on(on);
            self.books
                .iter()
                .find(|book| book.key == found.key && book.version == found.version)
        });
        found
            .cloned()
            .ok_or_else(|| anyhow::anyhow!("the shipped rulebook does not load"))
    }

    /// The entry behind a rule that is counted at an org: of the book in force there on a day, else of any that has it.
    #[must_use]
    pub fn named<'s>(&self, at: impl Into<Seat<'s>>, rule: &str, on: NaiveDate) -> Option<(&Rulebook, &Entry)> {
        let in_force = self.books(at).map(|books| books.on(on));
        in_force
            .into_iter()
            .chain(self.books.iter().rev().map(AsRef::as_ref))
            .find_map(|book| Some((book, book.entry_on(rule, on).or_else(|| book.entry(rule))?)))
    }

    /// Whether any org is judged by the book with this key.
    #[must_use]
    pub fn is_in_use(&self, key: &str) -> bool {
        shipped().is_some_and(|book| book.key == key) || self.assignments.iter().any(|one| one.key == key)
    }
}

fn assignment((path, from_on, key): &(String, NaiveDate, String)) -> Option<Assignment> {
    Some(Assignment {
        organization_id: place::ids_on(path).next_back()?.to_owned(),
        from_on: *from_on,
        key: key.clone(),
    })
}

/// How deep an org stands on a path; `None` where it does not.
fn level(path: &str, id: &str) -> Option<usize> {
    place::ids_on(path).position(|at| at == id)
}

#[cfg(test)]
mod tests;
