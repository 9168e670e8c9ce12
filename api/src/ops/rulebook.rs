//! The rulebook in force.

use std::sync::OnceLock;

use domain::rulebook::{JIAXING_2015, Rulebook, load};
use domain::vocabulary::{Language, Modality};

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
