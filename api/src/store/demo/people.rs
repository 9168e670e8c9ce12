//! Fills the branches with members: how many, since when, in which group.

use chrono::{Days, Months, NaiveDate};
use domain::vocabulary::{EntityKind, MemberStatus};

use super::city::{Branch, City, Person};
use super::names;

/// Members of the whole city.
const MEMBERS: i64 = 1500;
/// From this size on a branch has a committee by its decision.
const COMMITTEE_FROM: usize = 9;

impl City<'_> {
    pub(super) fn settle_members(&mut self, sizes: Vec<i64>) {
        let mut branches = std::mem::take(&mut self.branches);
        for (branch, size) in branches.iter_mut().zip(sizes) {
            for place in 0..size {
                let person = self.enrol(branch, place);
                branch.people.push(person);
            }
            branch.node.has_committee = branch.people.len() >= COMMITTEE_FROM;
            self.set_has_committee(branch);
        }
        self.branches = branches;
    }

    /// Sizes of all branches; together the members of the city.
    pub(super) fn sizes(&mut self) -> Vec<i64> {
        let mut sizes = Vec::with_capacity(self.branches.len());
        for place in 0..self.branches.len() {
            let (groups, tiny, organ) = self.branches.get(place).map_or((0, false, false), |branch| {
                let name = branch.node.name.as_str();
                (
                    branch.groups.len(),
                    branch.is_tiny(),
                    name.contains("机关") || name.contains("委"),
                )
            });
            sizes.push(match (groups, tiny) {
                (0, true) => 3,
                (0, false) if organ => self.dice.between(13, 17),
                (0, false) => self.dice.between(7, 19),
                (2, _) => 22,
                (_, _) => 30,
            });
        }
        level(&mut sizes);
        sizes
    }

    fn enrol(&mut self, branch: &Branch, place: i64) -> Person {
        let tiny_last = branch.is_tiny() && place == 2;
        // The first of a branch hold its posts: they have been members for long.
        let probationary = tiny_last || (place > 8 && self.dice.permille(45));
        let days = if probationary {
            self.dice.between(20, 330)
        } else {
            self.dice.between(900, 14_000)
        };
        let joined = self.days_ago(u64::try_from(days).unwrap_or(900));
        let groups = branch.groups.len();
        let group = usize::try_from(place)
            .ok()
            .and_then(|place| branch.groups.get(place.checked_rem(groups)?));
        Person {
            id: self.app.ids.next(EntityKind::Member),
            name: names::person(&mut self.dice),
            probationary,
            status: MemberStatus::Active,
            joined,
            group: group.map(|group| group.id.clone()),
            host: None,
            from: joined.max(branch.node.founded),
            until: None,
            left_reason: None,
            exempt: None,
            has_post: false,
            guest: false,
        }
    }

    fn set_has_committee(&mut self, branch: &Branch) {
        let row = self.rows.organization.iter_mut().find(|row| row.id == branch.node.id);
        if let Some(row) = row {
            row.has_committee = branch.node.has_committee;
        }
    }

    /// What befalls members without a post: away, exempt, out of contact, gone, transferred.
    pub(super) fn let_life_happen(&mut self) {
        let hosts: Vec<String> = self.branches.iter().map(|branch| branch.node.id.clone()).collect();
        let mut branches = std::mem::take(&mut self.branches);
        let mut number = self.before.met;
        for (place, branch) in branches.iter_mut().enumerate() {
            if branch.is_tiny() {
                continue;
            }
            let host = hosts.iter().cycle().nth(place + 41).cloned();
            let host = host.filter(|host| *host != branch.node.id);
            for person in branch
                .people
                .iter_mut()
                .filter(|person| !person.has_post && !person.probationary)
            {
                number += 1;
                self.befall(person, number, host.as_deref());
            }
        }
        self.before.met = number;
        self.branches = branches;
    }

    /// Three members of the demo city came from another branch within the time that is told.
    pub(super) fn transfer_some(&mut self) {
        self.transfer(&[(6, 33, 100), (48, 8, 160), (70, 14, 40)]);
    }

    /// In a city at scale one member of every second branch, some two in a hundred, from all over the part.
    pub(super) fn transfer_at_scale(&mut self) {
        let branches = self.branches.len();
        let pairs: Vec<_> = (1..branches)
            .step_by(2)
            .map(|to| ((to * 7 + branches / 2) % branches, to, 20 + (to as u64 * 37) % 180))
            .filter(|(from, to, _)| from != to)
            .collect();
        self.transfer(&pairs);
    }

    fn befall(&mut self, person: &mut Person, number: usize, host: Option<&str>) {
        if number % 16 == 5 {
            person.status = MemberStatus::Floating;
            person.host = host.filter(|_| number % 32 == 5).map(ToOwned::to_owned);
        } else if number % 24 == 11 {
            let from = self.from - Days::new(self.dice.below(200));
            person.exempt = Some((from.max(person.from), self.today + Months::new(9)));
        } else if number % 48 == 21 {
            let days = 60 + self.dice.below(200);
            let from = self.days_ago(days).max(person.from);
            person.exempt = Some((from, from + Months::new(3)));
        } else if number % 300 == 77 {
            person.status = MemberStatus::OutOfContact;
        } else if number % 450 == 90 {
            person.status = MemberStatus::Suspended;
        } else if number % 170 == 150 {
            person.status = MemberStatus::Left;
            let days = 30 + self.dice.below(300);
            person.until = Some(self.days_ago(days).max(person.from));
            person.left_reason = Some(if number % 340 == 150 {
                "DECEASED"
            } else {
                "TRANSFERRED_OUT"
            });
        } else if number % 150 == 40 {
            // Kept out of its group by oversight: a finding.
            person.group = None;
        }
    }

    /// Members who came from one branch to another so many days ago.
    fn transfer(&mut self, moves: &[(usize, usize, u64)]) {
        let mut branches = std::mem::take(&mut self.branches);
        for (from, to, days) in moves.iter().copied() {
            let on = self.days_ago(days);
            let Some(to_id) = branches.get(to).map(|branch| branch.node.id.clone()) else {
                continue;
            };
            let Some(guest) = branches.get_mut(to).and_then(|branch| came(branch, on)) else {
                continue;
            };
            if let Some(branch) = branches.get_mut(from) {
                let guest = Person {
                    from: guest.from.max(branch.node.founded),
                    ..guest
                };
                self.keep_accepted_transfer(&guest.id, branch, on, &to_id);
                branch.people.push(guest);
            }
        }
        self.branches = branches;
    }
}

/// Marks the last plain member of the branch as one who came on that day; returns who stood in the old branch.
fn came(branch: &mut Branch, on: NaiveDate) -> Option<Person> {
    let is_plain =
        |person: &&mut Person| person.status == MemberStatus::Active && !person.has_post && person.exempt.is_none();
    let person = branch
        .people
        .iter_mut()
        .rev()
        .filter(|person| !person.probationary && !person.guest)
        .find(is_plain)?;
    let mut guest = person.clone();
    person.from = on;
    guest.guest = true;
    guest.group = None;
    guest.until = Some(on);
    Some(guest)
}

/// Brings the sum to the members of the city without touching branches with groups or the tiny one.
fn level(sizes: &mut [i64]) {
    let mut missing = MEMBERS - sizes.iter().sum::<i64>();
    while missing != 0 {
        let before = missing;
        for size in sizes.iter_mut().filter(|size| (5..=21).contains(*size)) {
            let wanted = *size + missing.signum();
            if missing != 0 && (6..=21).contains(&wanted) {
                *size = wanted;
                missing -= missing.signum();
            }
        }
        if before == missing {
            break;
        }
    }
}
