//! How long a list is, as exactly as it is asked for.

use async_graphql::{Enum, SimpleObject};

use crate::ops::organization::Counted;

/// What a count means.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CountMode {
    /// All of them.
    Exact,
    /// At least; exact where that is as cheap.
    Estimated,
    /// Counted up to 1 000.
    Capped,
}

/// What a count says about the list.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CountRelation {
    /// So many there are.
    Equal,
    /// There are at least so many.
    GreaterOrEqual,
}

/// How many there are, as far as this reader may see.
#[derive(SimpleObject)]
pub struct Count {
    /// How many there are, as far as they were counted.
    pub value: i64,
    /// Whether it is exact.
    pub relation: CountRelation,
}

/// Up to where `CAPPED` counts.
pub const CAP: u64 = 1000;

impl Count {
    /// How far the database must count for a mode.
    #[must_use]
    pub fn cap(mode: CountMode) -> Option<u64> {
        match mode {
            CountMode::Exact => None,
            CountMode::Estimated | CountMode::Capped => Some(CAP),
        }
    }
}

impl From<Counted> for Count {
    fn from(counted: Counted) -> Self {
        Self {
            value: i64::try_from(counted.number).unwrap_or(i64::MAX),
            relation: if counted.whole {
                CountRelation::Equal
            } else {
                CountRelation::GreaterOrEqual
            },
        }
    }
}
