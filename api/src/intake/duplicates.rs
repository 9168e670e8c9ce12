//! Rows that say twice what one row can say: the later one is refused, and named with the earlier one. Of each row a hash is
//! kept, nothing of what stands in it.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};

use domain::intake::RowAct;
use domain::intake::columns::identity;
use domain::intake::record::Record;
use domain::intake::values::{moment, value};
use domain::problem::{Flaw, Problem};
use domain::vocabulary::{ActivityKind, ImportKind, Post};

pub(super) struct Duplicates {
    kind: ImportKind,
    /// Nobody outside can make two rows meet.
    state: RandomState,
    rows: HashMap<u64, u64>,
}

impl Duplicates {
    pub(super) fn of(kind: ImportKind) -> Self {
        Self {
            kind,
            state: RandomState::new(),
            rows: HashMap::new(),
        }
    }

    /// Looks whether an earlier row was about the same.
    pub(super) fn look(&mut self, record: &Record) -> Result<(), Problem> {
        let keys = identity(self.kind);
        let by = keys
            .iter()
            .find(|keys| keys.last().is_some_and(|last| record.cells.contains_key(last)));
        let Some(keys) = by else { return Ok(()) };
        let mut hasher = self.state.build_hasher();
        // A member stands in one row, whatever it asks for: rows about members are not carried out one after the other.
        if self.kind != ImportKind::Member {
            let act = record.cells.get("operation").and_then(|text| value::<RowAct>(text));
            act.unwrap_or(RowAct::Upsert).hash(&mut hasher);
        }
        for key in *keys {
            key.hash(&mut hasher);
            let text = record.cells.get(key).map(String::as_str);
            match (*key, text) {
                ("post", Some(text)) => value::<Post>(text).hash(&mut hasher),
                ("kind", Some(text)) => value::<ActivityKind>(text).hash(&mut hasher),
                ("startsAt", Some(text)) => moment(text).hash(&mut hasher),
                (_, text) => text.hash(&mut hasher),
            }
        }
        match self.rows.insert(hasher.finish(), record.row) {
            None => Ok(()),
            Some(earlier) => {
                self.rows.insert(hasher.finish(), earlier);
                let key = keys.last().copied().unwrap_or("id");
                Err(Problem::invalid(key, Flaw::Duplicate).with("earlier", earlier))
            }
        }
    }
}
