//! What is known while the demo city grows: its orgs, branches and people, before they become rows.

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, Days, Duration, Months, NaiveDate, NaiveTime, Utc};
use domain::vocabulary::{MemberStatus, OrganizationKind, Post, Sector};

use super::dice::Dice;
use super::meeting::Meeting;
use super::rows::Rows;
use crate::app::App;

/// Place of the branch that is too small.
pub(super) const TINY: usize = 5;
/// Place of the branch that was founded eight months ago.
pub(super) const YOUNG: usize = 6;

/// The city under construction.
pub(super) struct City<'a> {
    pub(super) app: &'a App,
    pub(super) dice: Dice,
    pub(super) today: NaiveDate,
    /// First day of the months that are told.
    pub(super) from: NaiveDate,
    pub(super) rows: Rows,
    /// Committees, general branches and leading groups.
    pub(super) committees: Vec<Node>,
    pub(super) branches: Vec<Branch>,
    /// Holders of posts by org, now and before.
    pub(super) holders: HashMap<String, Vec<Holder>>,
    pub(super) meetings: Vec<Meeting>,
    /// After so many branches what is one of a kind in the demo city (a vacancy, a tiny branch) comes again.
    pub(super) oddities_every: usize,
    /// What was written away already.
    pub(super) before: Before,
}

/// How much of a city that is grown in parts has been written away.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    pub(super) branches: usize,
    pub(super) members: usize,
    /// Members whom something may have befallen.
    pub(super) met: usize,
    pub(super) external_ids: usize,
}

/// An org as its children and meetings see it.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: OrganizationKind,
    pub(super) sector: Sector,
    pub(super) path: String,
    pub(super) next_from: i64,
    pub(super) approver: Option<String>,
    pub(super) approves: bool,
    pub(super) has_committee: bool,
    pub(super) founded: NaiveDate,
}

pub(super) struct Branch {
    pub(super) node: Node,
    pub(super) groups: Vec<Node>,
    /// Members now and those who left within the time that is told.
    pub(super) people: Vec<Person>,
    /// Misses in a thousand: how strictly this branch lives.
    pub(super) lapses: u64,
    /// Its place among what is one of a kind, see [`City::oddities_every`]; none for an office.
    pub(super) oddity: Option<usize>,
}

impl Branch {
    /// Too small: two full members and a probationary one.
    pub(super) fn is_tiny(&self) -> bool {
        self.oddity == Some(TINY)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) probationary: bool,
    pub(super) status: MemberStatus,
    pub(super) joined: NaiveDate,
    pub(super) group: Option<String>,
    pub(super) host: Option<String>,
    /// In this branch from this day …
    pub(super) from: NaiveDate,
    /// … to the day before this one.
    pub(super) until: Option<NaiveDate>,
    pub(super) left_reason: Option<&'static str>,
    pub(super) exempt: Option<(NaiveDate, NaiveDate)>,
    pub(super) has_post: bool,
    /// Stands here only for the time before a transfer; the row of the member is written elsewhere.
    pub(super) guest: bool,
}

impl Person {
    pub(super) fn belongs_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    pub(super) fn is_exempt_on(&self, day: NaiveDate) -> bool {
        self.exempt.is_some_and(|(from, until)| from <= day && day < until)
    }
}

/// A post and who held it when.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub(super) member: String,
    pub(super) post: Post,
    pub(super) since: NaiveDate,
    pub(super) until: Option<NaiveDate>,
}

impl Holder {
    pub(super) fn holds_on(&self, day: NaiveDate) -> bool {
        self.since <= day && self.until.is_none_or(|until| day < until)
    }
}

impl<'a> City<'a> {
    /// A city whose last so many whole months, and the month that runs, are told.
    pub(super) fn new(app: &'a App, seed: u64, today: NaiveDate, months: u32) -> Self {
        let this_month = today.with_day(1).unwrap_or(today);
        Self {
            app,
            dice: Dice::new(seed),
            today,
            from: this_month - Months::new(months),
            rows: Rows::default(),
            committees: Vec::new(),
            branches: Vec::new(),
            holders: HashMap::new(),
            meetings: Vec::new(),
            oddities_every: usize::MAX,
            before: Before::default(),
        }
    }

    /// Hands over the rows so far and forgets the branches they are about; committees and organs stay known by the caller.
    pub(super) fn take_part(&mut self) -> Rows {
        let rows = std::mem::take(&mut self.rows);
        self.before.branches += self.branches.len();
        self.before.members += rows.member.len();
        self.before.external_ids += rows.external_id.len();
        self.branches.clear();
        self.committees.clear();
        self.holders.clear();
        rows
    }

    /// An instant on a civil day of the deployment's zone.
    pub(super) fn at(&self, day: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
        let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        let local = day.and_time(time);
        local
            .and_local_timezone(self.app.zone)
            .earliest()
            .map_or_else(|| local.and_utc(), |instant| instant.with_timezone(&Utc))
    }

    pub(super) fn days_ago(&self, days: u64) -> NaiveDate {
        self.today - Days::new(days)
    }

    /// The instant until which things are already recorded: this morning.
    pub(super) fn morning(&self) -> DateTime<Utc> {
        self.at(self.today, 8, 0)
    }

    /// A later instant, but nothing later than this morning.
    pub(super) fn later(&self, instant: DateTime<Utc>, hours: i64) -> DateTime<Utc> {
        (instant + Duration::hours(hours)).min(self.morning())
    }

    pub(super) fn committee(&self, name: &str) -> Option<&Node> {
        self.committees.iter().find(|node| node.name == name)
    }

    /// Who held the post in the org on that day.
    pub(super) fn holder(&self, org: &str, post: Post, day: NaiveDate) -> Option<&str> {
        let holders = self.holders.get(org)?;
        holders
            .iter()
            .find(|holder| holder.post == post && holder.holds_on(day))
            .map(|holder| holder.member.as_str())
    }
}
