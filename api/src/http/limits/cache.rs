//! Parsed documents that ran before, so that parsing them again is saved. Documents only: what they were answered is kept
//! nowhere, and who may run them is decided each time.

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
    young: HashMap<Arc<str>, Kept>,
    /// Tokens of the young one.
    tokens: usize,
    old: HashMap<Arc<str>, Kept>,
}

#[derive(Clone)]
struct Kept {
    document: Arc<ExecutableDocument>,
    tokens: usize,
}

/// Documents in one generation.
const GENERATION: usize = 256;
/// Tokens of all documents in one generation: parsed, a field of two letters takes some three hundred bytes, so that the
/// texts alone bound nothing. All operations of the contract together have fewer.
const GENERATION_TOKENS: usize = 16 * 1024;
/// Longer documents are not kept, so that memory stays under a few megabytes.
const KEPT_BYTES: usize = 8 * 1024;

impl DocumentCache {
    /// The document of exactly this text.
    pub fn find(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = generations.young.get(text) {
            return Some(Arc::clone(&kept.document));
        }
        let (text, kept) = generations.old.remove_entry(text)?;
        let document = Arc::clone(&kept.document);
        generations.keep(text, kept);
        Some(document)
    }

    /// Keeps a document that ran without a request error.
    pub fn keep(&self, text: &str, document: Arc<ExecutableDocument>, tokens: usize) {
        if text.len() <= KEPT_BYTES && tokens <= GENERATION_TOKENS {
            self.generations
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .keep(Arc::from(text), Kept { document, tokens });
        }
    }
}

impl Generations {
    fn keep(&mut self, text: Arc<str>, kept: Kept) {
        if self.young.len() >= GENERATION || self.tokens + kept.tokens > GENERATION_TOKENS {
            self.old = std::mem::take(&mut self.young);
            self.tokens = 0;
        }
        self.tokens += kept.tokens;
        if let Some(same) = self.young.insert(text, kept) {
            self.tokens -= same.tokens;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Arc<ExecutableDocument> {
        Arc::new(async_graphql::parser::parse_query("{ a }").unwrap())
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let cache = DocumentCache::default();
        let document = document();
        cache.keep("first", Arc::clone(&document), 3);
        for n in 0..GENERATION * 3 {
            cache.keep(&format!("other {n}"), Arc::clone(&document), 3);
            assert!(cache.find("first").is_some(), "asked for at each step");
        }
        assert!(cache.find("other 0").is_none());
        cache.keep(&"x".repeat(KEPT_BYTES + 1), document, 3);
        assert!(cache.find(&"x".repeat(KEPT_BYTES + 1)).is_none());
    }

    #[test]
    fn the_documents_that_are_kept_have_an_end_in_number_and_in_size() {
        let cache = DocumentCache::default();
        let document = document();
        let mut most = (0, 0);
        for n in 0..10_000_usize {
            // Small ones, large ones, the same ones again, one that is larger than all may be.
            let tokens = [3, 300, 4_000, GENERATION_TOKENS + 1][n % 4];
            cache.keep(&format!("document {}", n % 1_500), Arc::clone(&document), tokens);
            cache.find(&format!("document {}", n.saturating_sub(40) % 1_500));
            let generations = cache.generations.lock().unwrap();
            let kept = || generations.young.values().chain(generations.old.values());
            let young: usize = generations.young.values().map(|kept| kept.tokens).sum();
            assert_eq!(young, generations.tokens, "the sum is kept right");
            most = most.max((kept().count(), kept().map(|kept| kept.tokens).sum()));
            assert!(kept().count() <= 2 * GENERATION);
            assert!(kept().map(|kept| kept.tokens).sum::<usize>() <= 2 * GENERATION_TOKENS);
        }
        assert!(most.0 > 10 && most.1 > 1_000, "nothing was kept: {most:?}");
    }
}
