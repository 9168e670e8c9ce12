//! Which rulebook is in force for one org, day by day.

use chrono::NaiveDate;

use crate::period::Period;
use crate::rulebook::Rulebook;

/// The rulebooks of one org over time: exactly one on each day. A move or an assignment adds a day from which
/// another one holds; what lies before it stays with the book of its time.
#[derive(Debug, Clone)]
pub struct Books<'a> {
    first: &'a Rulebook,
    later: Vec<(NaiveDate, &'a Rulebook)>,
}

impl<'a> From<&'a Rulebook> for Books<'a> {
    fn from(book: &'a Rulebook) -> Self {
        Self {
            first: book,
            later: Vec::new(),
        }
    }
}

impl<'a> Books<'a> {
    /// From `day` on, `book` is in force.
    #[must_use]
    pub fn then(mut self, day: NaiveDate, book: &'a Rulebook) -> Self {
        self.later.push((day, book));
        self.later.sort_by_key(|(from, _)| *from);
        self
    }

    /// The book in force on a day.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> &'a Rulebook {
        self.later
            .iter()
            .rev()
            .find(|(from, _)| *from <= day)
            .map_or(self.first, |(_, book)| book)
    }

    /// The book that judges a period: the one in force on its last day.
    #[must_use]
    pub fn of(&self, period: &Period) -> &'a Rulebook {
        self.on(period.last_day())
    }

    /// Every book, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &'a Rulebook> {
        std::iter::once(self.first).chain(self.later.iter().map(|(_, book)| *book))
    }
}
