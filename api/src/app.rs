//! What a node is made of: database, clock, ids, keys, settings. Built once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, NaiveDate, SubsecRound as _, TimeDelta, Utc};
use domain::vocabulary::EntityKind;

use crate::events::Live;
use crate::secrets::keyring::Keyring;
use crate::secrets::password::Passwords;
use crate::secrets::signing::Signing;
use crate::store::connect::Database;
use crate::webhooks::Webhooks;

/// The only clock; tests may stop it, and a server may be started as of another day (`--clock`).
#[derive(Clone, Default)]
pub struct Clock {
    fixed: Option<DateTime<Utc>>,
    ahead: TimeDelta,
}

impl Clock {
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self {
            fixed: Some(at),
            ahead: TimeDelta::zero(),
        }
    }

    /// Reads `at` now, and runs on from there.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn starting(at: DateTime<Utc>) -> Self {
        Self {
            fixed: None,
            ahead: at - Utc::now(),
        }
    }

    /// Now, in whole microseconds: what both databases can keep.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        self.fixed.unwrap_or_else(|| Utc::now() + self.ahead).trunc_subsecs(6)
    }
}

/// The only source of ids: random for a deployment, counted from a seed for the demo city.
#[derive(Clone)]
pub enum Ids {
    Random,
    Counted(Arc<AtomicU64>),
}

impl Ids {
    #[must_use]
    pub fn counted(seed: u64) -> Self {
        Self::Counted(Arc::new(AtomicU64::new(seed << 32)))
    }

    /// A new id of a kind.
    #[must_use]
    pub fn next(&self, kind: EntityKind) -> String {
        domain::ids::id(kind, self.bits())
    }

    /// A new id for rows that the API never shows by kind.
    #[must_use]
    pub fn plain(&self) -> String {
        domain::ids::encode(self.bits())
    }

    fn bits(&self) -> u128 {
        match self {
            // A system without randomness cannot sign in anybody either; zero collides loudly on the key.
            Self::Random => crate::secrets::random::<16>().map_or(0, u128::from_be_bytes),
            Self::Counted(counter) => {
                let n = u128::from(counter.fetch_add(1, Ordering::Relaxed));
                // Spread, so that neighbours do not look alike; odd multiplier, hence a bijection.
                n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
            }
        }
    }
}

/// Exports in bulk: what the operator says of them, and what a node has done.
#[derive(Debug)]
pub struct Exports {
    /// Hours that the files of an export are kept.
    pub hours: i64,
    /// A file ends after so many rows.
    pub part_rows: i64,
    /// Told when a job was begun on this node.
    pub begun: tokio::sync::Notify,
    pub completed: AtomicU64,
    pub failed: AtomicU64,
}

impl Exports {
    #[must_use]
    pub fn new(hours: i64, part_rows: i64) -> Self {
        Self {
            hours,
            part_rows,
            begun: tokio::sync::Notify::new(),
            completed: AtomicU64::default(),
            failed: AtomicU64::default(),
        }
    }
}

/// Imports in bulk: what the operator says of them, who follows them, and what a node has done.
pub struct Imports {
    /// Hours that the report of an import is kept.
    pub hours: i64,
    /// Bytes of a file.
    pub file_bytes: u64,
    /// Told when a job was begun on this node.
    pub begun: tokio::sync::Notify,
    pub followers: crate::ops::import::follow::Followers,
    pub completed: AtomicU64,
    pub failed: AtomicU64,
}

impl Imports {
    #[must_use]
    pub fn new(hours: i64, megabytes: u64) -> Self {
        Self {
            hours,
            file_bytes: megabytes * 1024 * 1024,
            begun: tokio::sync::Notify::new(),
            followers: crate::ops::import::follow::Followers::default(),
            completed: AtomicU64::default(),
            failed: AtomicU64::default(),
        }
    }
}

/// Shared by every request.
pub struct App {
    pub database: Database,
    pub clock: Clock,
    pub ids: Ids,
    pub keys: Keyring,
    pub passwords: Passwords,
    /// Keys that sign and verify access tokens.
    pub signing: Signing,
    /// Ticks of the day that were done since the start, here or by another node.
    pub ticks: AtomicU64,
    pub zone: chrono_tz::Tz,
    /// Tells readers of changes while the node serves.
    pub live: Arc<Live>,
    /// How long an access token holds: a stolen one is soon worthless, a phone renews quietly.
    pub access_token_minutes: i64,
    /// Tells webhooks while the node serves; use cases ask it which addresses may be reached.
    pub webhooks: Webhooks,
    /// Days that events of the log are kept; the audit trail is kept for good.
    pub log_days: i64,
    pub exports: Exports,
    pub imports: Imports,
}

impl App {
    /// Today's civil date in the deployment's zone.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.clock.now().with_timezone(&self.zone).date_naive()
    }
}
