//! The head of a document, and its entries.

use toml::de::DeTable;

use super::section::{Log, Section};
use super::{LoadError, checks, entry};
use crate::rulebook::Rulebook;

pub(in crate::rulebook) fn document(text: &str) -> Result<Rulebook, Vec<LoadError>> {
    let log = Log::new(text);
    let (table, broken) = DeTable::parse_recoverable(text);
    for error in broken {
        log.report(&error.span().unwrap_or(0..0), "document", error.message());
    }
    let book = {
        let root = Section::new(table.get_ref(), 0..0, String::new(), &log);
        let book = read(&root);
        root.finish();
        book
    };
    if let Some(book) = &book {
        checks::check(book, &log);
    }
    let errors = log.into_errors();
    match book {
        Some(book) if errors.is_empty() => Ok(book),
        Some(_) | None => Err(errors),
    }
}

fn read(root: &Section<'_>) -> Option<Rulebook> {
    let key = root.required("key", Section::text);
    let version = root.required("version", Section::count);
    let title = root.required("title", Section::bilingual);
    let issuer = root.required("issuer", Section::bilingual);
    let issued_on = root.required("issued_on", Section::date);
    let effective_from = root.required("effective_from", Section::date);
    let effective_to = root.optional("effective_to", Section::date);
    let precedence = root.required("precedence", Section::choice);
    let territory = root.optional("territory", Section::text);
    let sectors = root.or("sectors", Vec::new(), Section::choices);
    let tables = root.required("entry", Section::sections);
    // The document's first day stands for an entry that gives none; a wrong one is reported above.
    let from = effective_from.or(issued_on).unwrap_or_default();
    let entries: Vec<_> = tables?.iter().map(|table| entry::entry(table, from)).collect();
    Some(Rulebook {
        key: key?,
        version: version?,
        title: title?,
        issuer: issuer?,
        issued_on: issued_on?,
        effective_from: effective_from?,
        effective_to: effective_to?,
        precedence: precedence?,
        territory: territory?,
        sectors: sectors?,
        entries: entries.into_iter().collect::<Option<Vec<_>>>()?,
    })
}
