//! The budget of each account (of each address for anonymous callers): a bucket of points that fills with time.
//!
//! An operation reserves what it may cost at most and gets back what it did not use. One point is about one field
//! answered.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::code::{Code, Refusal};

/// Size and speed of the buckets.
#[derive(Debug, Clone, Copy)]
pub struct BudgetSettings {
    /// Points in a full bucket of an account. The dearest operation of the contract asks for 4 401.
    pub account_points: u32,
    /// Points that flow in each second for an account.
    pub account_per_second: u32,
    /// Points in a full bucket of an address without account: some rulebook readings, or about fifty sign-ins.
    pub address_points: u32,
    pub address_per_second: u32,
}

impl Default for BudgetSettings {
    fn default() -> Self {
        Self {
            account_points: 60_000,
            account_per_second: 2_000,
            address_points: 10_000,
            address_per_second: 100,
        }
    }
}

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Payer {
    /// Id of the account.
    Account(String),
    /// An anonymous caller; `None` where the address is not known.
    Address(Option<IpAddr>),
}

/// The budget as the caller sees it: `rateLimit { limit cost remaining resetAt }`, found in the request's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// Points in a full bucket.
    pub limit: u64,
    /// Points that this operation reserved.
    pub cost: u64,
    /// Points left after the reservation.
    pub remaining: u64,
    /// When the bucket is full again if nothing else is asked.
    pub reset_at: DateTime<Utc>,
    /// Points that flow in each second.
    pub per_second: u64,
}

/// All buckets of the node.
pub struct Budget {
    settings: BudgetSettings,
    buckets: Mutex<HashMap<Payer, Bucket>>,
}

/// Thousandths of points missing from full, at an instant. A full bucket need not be kept.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    missing: u64,
    at: DateTime<Utc>,
}

/// Buckets above which the full ones are thrown away.
const SWEEP_ABOVE: usize = 10_000;

impl Budget {
    pub fn new(settings: BudgetSettings) -> Self {
        Self {
            settings,
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Takes `cost` points, or says how long to wait for them.
    pub fn reserve(&self, payer: &Payer, cost: u64, now: DateTime<Utc>) -> Result<RateLimit, Refusal> {
        let (limit, per_second) = self.size(payer);
        if cost > limit {
            let message = format!("the operation may cost {cost} points, a full budget holds {limit}");
            return Err(Refusal::new(Code::QueryTooExpensive, message));
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > SWEEP_ABOVE {
            buckets.retain(|payer, bucket| bucket.missing_at(now, self.size(payer).1) > 0);
        }
        let bucket = buckets.entry(payer.clone()).or_insert(Bucket { missing: 0, at: now });
        let missing = bucket.missing_at(now, per_second) + cost * 1000;
        if missing > limit * 1000 {
            let wait = (missing - limit * 1000).div_ceil(per_second);
            return Err(Refusal::new(Code::RateLimited, "the budget is used up").retry_after_ms(wait.max(1)));
        }
        *bucket = Bucket { missing, at: now };
        Ok(view(limit, per_second, missing, cost, now))
    }

    /// Gives back what was reserved and not used; an operation that used more pays the rest.
    pub fn settle(&self, payer: &Payer, reserved: u64, actual: u64, now: DateTime<Utc>) -> RateLimit {
        let (limit, per_second) = self.size(payer);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(payer.clone()).or_insert(Bucket { missing: 0, at: now });
        let missing = bucket.missing_at(now, per_second) + actual.saturating_mul(1000);
        let missing = missing.saturating_sub(reserved * 1000).min(limit * 1000);
        *bucket = Bucket { missing, at: now };
        view(limit, per_second, missing, reserved, now)
    }

    /// The size of a payer's bucket and the points that flow in each second (at least one).
    pub fn size(&self, payer: &Payer) -> (u64, u64) {
        let (points, per_second) = match payer {
            Payer::Account(_) => (self.settings.account_points, self.settings.account_per_second),
            Payer::Address(_) => (self.settings.address_points, self.settings.address_per_second),
        };
        (u64::from(points), u64::from(per_second.max(1)))
    }
}

impl Bucket {
    fn missing_at(&self, now: DateTime<Utc>, per_second: u64) -> u64 {
        let elapsed = u64::try_from((now - self.at).num_milliseconds()).unwrap_or(0);
        self.missing.saturating_sub(elapsed.saturating_mul(per_second))
    }
}

fn view(limit: u64, per_second: u64, missing: u64, cost: u64, now: DateTime<Utc>) -> RateLimit {
    let full_in = Duration::from_millis(missing.div_ceil(per_second));
    let reset_at = now + TimeDelta::from_std(full_in).unwrap_or(TimeDelta::zero());
    RateLimit {
        limit,
        cost,
        remaining: limit - missing.div_ceil(1000).min(limit),
        reset_at,
        per_second,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> (Budget, Payer, DateTime<Utc>) {
        let settings = BudgetSettings {
            account_points: 100,
            account_per_second: 10,
            address_points: 10,
            address_per_second: 1,
        };
        (
            Budget::new(settings),
            Payer::Account("acc".to_owned()),
            DateTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn an_empty_bucket_says_how_long_to_wait_and_that_is_enough() {
        let (budget, payer, now) = budget();
        assert_eq!(budget.reserve(&payer, 100, now).unwrap().remaining, 0);
        let refusal = budget.reserve(&payer, 5, now).unwrap_err();
        assert_eq!((refusal.code, refusal.retry_after_ms), (Code::RateLimited, Some(500)));
        assert!(budget.reserve(&payer, 5, now + TimeDelta::milliseconds(499)).is_err());
        assert_eq!(
            budget
                .reserve(&payer, 5, now + TimeDelta::milliseconds(500))
                .unwrap()
                .remaining,
            0
        );
    }

    #[test]
    fn what_was_not_used_comes_back() {
        let (budget, payer, now) = budget();
        let reserved = budget.reserve(&payer, 60, now).unwrap();
        assert_eq!((reserved.limit, reserved.remaining), (100, 40));
        assert_eq!(reserved.reset_at, now + TimeDelta::seconds(6));
        assert_eq!(budget.settle(&payer, 60, 10, now).remaining, 90);
        assert_eq!(budget.settle(&payer, 0, 1_000, now).remaining, 0, "never below empty");
    }

    #[test]
    fn payers_do_not_share_and_the_too_dear_never_runs() {
        let (budget, payer, now) = budget();
        assert!(budget.reserve(&payer, 100, now).is_ok());
        assert!(budget.reserve(&Payer::Account("other".to_owned()), 100, now).is_ok());
        assert_eq!(
            budget.reserve(&payer, 101, now).unwrap_err().code,
            Code::QueryTooExpensive
        );
        assert_eq!(
            budget.reserve(&Payer::Address(None), 11, now).unwrap_err().code,
            Code::QueryTooExpensive
        );
    }
}
