//! One table of a document, read key by key; what nobody asked for is an unknown key.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::LoadError;

pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// Collects the mistakes of one document.
pub(super) struct Log<'a> {
    text: &'a str,
    errors: RefCell<Vec<LoadError>>,
}

impl<'a> Log<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            errors: RefCell::default(),
        }
    }

    pub(super) fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    pub(super) fn report(&self, span: &Range<usize>, key: &str, message: impl Into<String>) {
        self.report_line(self.line(span.start), key, message);
    }

    pub(super) fn report_line(&self, line: usize, key: &str, message: impl Into<String>) {
        self.errors.borrow_mut().push(LoadError {
            line,
            key: key.to_owned(),
            message: message.into(),
        });
    }

    /// The mistakes by line.
    pub(super) fn into_errors(self) -> Vec<LoadError> {
        let mut errors = self.errors.into_inner();
        errors.sort();
        errors.dedup();
        errors
    }
}

/// A table, and which of its keys have been asked for.
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    span: Range<usize>,
    path: String,
    asked: RefCell<Vec<&'static str>>,
    names_are_free: Cell<bool>,
    pub(super) log: &'a Log<'a>,
}

impl<'a> Section<'a> {
    pub(super) fn new(table: &'a DeTable<'a>, span: Range<usize>, path: String, log: &'a Log<'a>) -> Self {
        Self {
            table,
            span,
            path,
            asked: RefCell::default(),
            names_are_free: Cell::new(false),
            log,
        }
    }

    pub(super) fn table(&self) -> &'a DeTable<'a> {
        self.table
    }

    pub(super) fn span(&self) -> &Range<usize> {
        &self.span
    }

    pub(super) fn line(&self) -> usize {
        self.log.line(self.span.start)
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The full name of one of its keys.
    pub(super) fn at(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The keys of the table under a key.
    pub(super) fn table_named(&self, key: &str) -> Vec<&'a str> {
        let table = self.table.get(key).and_then(|value| value.get_ref().as_table());
        let keys = table
            .into_iter()
            .flat_map(|table| table.iter().map(|(key, _)| key.get_ref().as_ref()));
        keys.collect()
    }

    pub(super) fn has(&self, key: &'static str) -> bool {
        self.asked.borrow_mut().push(key);
        self.table.contains_key(key)
    }

    pub(super) fn value(&self, key: &'static str) -> Option<&'a Value<'a>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    /// Every key with its value; nothing is unknown afterwards.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, &'a Value<'a>)> {
        self.names_are_free.set(true);
        self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), value))
    }

    /// A key that must be there.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.log.report(&self.span, &self.at(key), "is missing");
            return None;
        }
        read(self, key)
    }

    /// A key that may be left out: `Some(None)` when it is, `None` when it is wrong.
    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Self, &'static str) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.has(key) {
            read(self, key).map(Some)
        } else {
            Some(None)
        }
    }

    /// A key that stands for `default` when it is left out.
    pub(super) fn or<T>(
        &self,
        key: &'static str,
        default: T,
        read: impl FnOnce(&Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        Some(self.optional(key, read)?.unwrap_or(default))
    }

    pub(super) fn wrong(&self, value: &Value<'_>, key: &str, message: impl Into<String>) {
        self.log.report(&value.span(), &self.at(key), message);
    }

    /// Refuses a key as a whole: on the line of its value, or of the table where it is not given.
    pub(super) fn refuse(&self, key: &'static str, message: impl Into<String>) {
        match self.value(key) {
            Some(value) => self.wrong(value, key, message),
            None => self.log.report(&self.span, &self.at(key), message),
        }
    }

    pub(super) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let value = self.value(key)?;
        self.table_of(value, key)
    }

    pub(super) fn table_of(&self, value: &'a Value<'a>, key: &str) -> Option<Section<'a>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(Section::new(table, value.span(), self.at(key), self.log));
        }
        self.wrong(value, key, "must be a table");
        None
    }

    /// The tables of an array, numbered from 1.
    pub(super) fn sections(&self, key: &'static str) -> Option<Vec<Section<'a>>> {
        let value = self.value(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong(value, key, "must be an array of tables");
            return None;
        };
        array
            .iter()
            .enumerate()
            .map(|(at, item)| self.table_of(item, &format!("{key}[{}]", at + 1)))
            .collect()
    }

    /// Reports every key that nobody asked for, with those that are allowed.
    pub(super) fn finish(&self) {
        if self.names_are_free.get() {
            return;
        }
        let asked = self.asked.borrow();
        for (key, _) in self.table.iter() {
            let name: &str = key.get_ref().as_ref();
            if !asked.contains(&name) {
                let mut allowed = asked.clone();
                allowed.sort_unstable();
                allowed.dedup();
                let message = format!("is no key here; allowed are {}", allowed.join(", "));
                self.log.report(&key.span(), &self.at(name), message);
            }
        }
    }
}
