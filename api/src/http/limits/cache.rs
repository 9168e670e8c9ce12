//! Parsed documents that ran before, so that parsing them again is saved.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::ExecutableDocument;

/// Two generations: a document that is asked for moves to the young one; when that is full the old one goes.
#[derive(Default)]
pub struct DocumentCache {
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Arc<str>, Arc<ExecutableDocument>>,
    old: HashMap<Arc<str>, Arc<ExecutableDocument>>,
}

/// Documents in one generation.
const GENERATION: usize = 256;
/// Longer documents are not kept, so that memory stays under a few megabytes.
const KEPT_BYTES: usize = 8 * 1024;

impl DocumentCache {
    /// The document of exactly this text.
    pub fn find(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(document) = generations.young.get(text) {
            return Some(Arc::clone(document));
        }
        let (text, document) = generations.old.remove_entry(text)?;
        generations.keep(text, Arc::clone(&document));
        Some(document)
    }

    /// Keeps a document that ran without a request error.
    pub fn keep(&self, text: &str, document: Arc<ExecutableDocument>) {
        if text.len() <= KEPT_BYTES {
            self.generations
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .keep(Arc::from(text), document);
        }
    }
}

impl Generations {
    fn keep(&mut self, text: Arc<str>, document: Arc<ExecutableDocument>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(text, document);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let cache = DocumentCache::default();
        let document = Arc::new(async_graphql::parser::parse_query("{ a }").unwrap());
        cache.keep("first", Arc::clone(&document));
        for n in 0..GENERATION * 3 {
            cache.keep(&format!("other {n}"), Arc::clone(&document));
            assert!(cache.find("first").is_some(), "asked for at each step");
        }
        assert!(cache.find("other 0").is_none());
        cache.keep(&"x".repeat(KEPT_BYTES + 1), document);
        assert!(cache.find(&"x".repeat(KEPT_BYTES + 1)).is_none());
    }
}
