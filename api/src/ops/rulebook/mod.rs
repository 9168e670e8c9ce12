//! The rulebook in force for an org, and the basis of what is said in its name.

pub mod administer;
mod library;
mod shelf;

use std::sync::{Arc, OnceLock};

use domain::policy::Place;
use domain::rulebook::{Entry, JIAXING_2015, Rulebook, load};
use domain::vocabulary::Language;

use super::organization::place_of;
use super::outcome::Outcome;
use super::reading::Reading;
pub use library::{Library, Seat};

/// The rulebook that ships; a test of the domain holds that it loads.
fn shipped_book() -> Option<&'static Arc<Rulebook>> {
    static SHIPPED: OnceLock<Option<Arc<Rulebook>>> = OnceLock::new();
    SHIPPED.get_or_init(|| load(JIAXING_2015).ok().map(Arc::new)).as_ref()
}

/// The rulebook that ships.
pub fn shipped() -> Option<&'static Rulebook> {
    shipped_book().map(AsRef::as_ref)
}

/// What an entry is called: in the shipped book, else in one that this process has read.
#[must_use]
pub fn label(entry: &str, language: Language) -> Option<String> {
    let of = |book: &Rulebook| Some(book.entry(entry)?.label.text(language).to_owned());
    shipped().and_then(of).or_else(|| shelf::find(of))
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

/// The ground that an entry of a named rulebook gives, in the newest version that this node has read: whoever refers to a
/// book has read it. The shipped one where the name is unknown.
#[must_use]
pub fn basis(rulebook: &str, entry: &str, language: Language) -> Option<Ground> {
    let book = shelf::newest(rulebook).or_else(|| shipped_book().cloned())?;
    let found = book.entry(entry).map(|found| ground(&book, found, language));
    found.or_else(|| shipped().and_then(|book| Some(ground(book, book.entry(entry)?, language))))
}

/// The territory that narrows a book; that of the shipped one, which is the default, is the whole deployment.
pub(in crate::ops) fn territory(book: &Rulebook) -> Option<&str> {
    let whole = shipped().and_then(|book| book.territory.as_deref());
    book.territory.as_deref().filter(|own| Some(*own) != whole)
}

impl Reading {
    /// Where the tree begins: what is done with rulebooks of the whole deployment is aimed at it.
    ///
    /// # Errors
    /// The database is away.
    pub async fn top(&self) -> Outcome<Option<Place>> {
        let root = self.snapshot.root().await?;
        Ok(root.as_ref().map(place_of).transpose()?)
    }

    /// All rulebooks of the deployment.
    ///
    /// # Errors
    /// The database is away.
    pub async fn library(&self) -> Outcome<Library> {
        Ok(Library::of(
            &*self.snapshot.rulebooks(&self.app.database.rulebooks).await?,
        ))
    }
}
