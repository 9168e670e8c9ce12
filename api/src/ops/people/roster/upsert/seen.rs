//! What earlier rows named: of a whole file it is remembered by hashes, so that a million rows take some ten megabytes.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, Hash, RandomState};

use domain::intake::By;
use domain::problem::{Flaw, Problem};

use super::Row;
use crate::ops::outcome::Outcome;

/// What earlier rows of a call or of a file named.
#[derive(Default)]
pub(in crate::ops) struct Seen {
    /// Drawn anew each time: nobody can make two names look alike.
    hasher: RandomState,
    named: HashSet<u64>,
}

/// What is named: the same text is another thing in each of them.
#[derive(Hash)]
enum Named<'a> {
    Row(&'a By),
    Member(&'a str),
    Identity(&'a str),
}

impl Seen {
    fn is_new(&mut self, named: &Named<'_>) -> bool {
        self.named.insert(self.hasher.hash_one(named))
    }

    /// A row about somebody whom no row before named in the same way.
    pub(super) fn first(&mut self, row: &Row) -> Outcome<()> {
        self.named_first(&row.member)
    }

    /// The same, by the name alone.
    pub(in crate::ops) fn named_first(&mut self, by: &By) -> Outcome<()> {
        if self.is_new(&Named::Row(by)) {
            return Ok(());
        }
        Err(Problem::invalid("member", Flaw::Duplicate).into())
    }

    /// A member whom no row before was about, by whatever name.
    pub(in crate::ops) fn member(&mut self, id: &str) -> Outcome<()> {
        if self.is_new(&Named::Member(id)) {
            return Ok(());
        }
        Err(Problem::invalid("member", Flaw::Duplicate).into())
    }

    /// Whether no row before had this identity number.
    pub(in crate::ops) fn identity(&mut self, number: &str) -> bool {
        self.is_new(&Named::Identity(number))
    }
}
