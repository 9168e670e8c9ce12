//! Documents that this process has read: a rulebook is parsed once, not with every write that judges by it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::rulebook::{LoadError, Rulebook, load};

/// A document and what it says.
struct Kept {
    text: String,
    book: Arc<Rulebook>,
}

/// By key and version. A deployment has a handful of them, and they are never changed.
static SHELF: RwLock<BTreeMap<(String, i64), Kept>> = RwLock::new(BTreeMap::new());

/// The book of this text.
pub(super) fn read(key: &str, version: i64, text: &str) -> Result<Arc<Rulebook>, Vec<LoadError>> {
    let place = (key.to_owned(), version);
    {
        let shelf = SHELF.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = shelf.get(&place).filter(|kept| kept.text == text) {
            return Ok(Arc::clone(&kept.book));
        }
    }
    let book = Arc::new(load(text)?);
    let kept = Kept {
        text: text.to_owned(),
        book: Arc::clone(&book),
    };
    let mut shelf = SHELF.write().unwrap_or_else(PoisonError::into_inner);
    shelf.insert(place, kept);
    Ok(book)
}

/// The newest version of a key that was read.
pub(super) fn newest(key: &str) -> Option<Arc<Rulebook>> {
    let shelf = SHELF.read().unwrap_or_else(PoisonError::into_inner);
    let versions = (key.to_owned(), i64::MIN)..=(key.to_owned(), i64::MAX);
    shelf
        .range(versions)
        .next_back()
        .map(|(_, kept)| Arc::clone(&kept.book))
}
