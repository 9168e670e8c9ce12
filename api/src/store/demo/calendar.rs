//! When meetings were held, missed, made up or are still to come.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike as _, Days, Months, NaiveDate};
use domain::vocabulary::ActivityKind;

use super::city::{Branch, City, Node, Person};

/// Days ahead for which meetings are already called.
const AHEAD: u64 = 20;
/// So many days ago committees held their meetings about Party building.
const COMMITTEES_MET: [u64; 3] = [290, 160, 24];
/// Branches that held one lecture together; the first was the host.
const JOINT: [usize; 3] = [9, 10, 12];

/// A meeting as planned: what, when, and whether it makes up for a period.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) kind: ActivityKind,
    pub(super) day: NaiveDate,
    pub(super) make_up_for: Option<String>,
}

impl City<'_> {
    /// Fourteen months of all branches and groups, branch by branch.
    pub(super) fn hold_meetings(&mut self) {
        let branches = std::mem::take(&mut self.branches);
        let joint_day = self.days_ago(75);
        for (place, branch) in branches.iter().enumerate() {
            for planned in self.plan_branch(branch) {
                let in_joint = JOINT.contains(&place)
                    && planned.kind == ActivityKind::PartyLecture
                    && start_of(planned.day, 2) == start_of(joint_day, 2);
                if !in_joint {
                    self.hold(&planned, &branch.node, &[branch], None);
                }
            }
            for group in &branch.groups {
                for planned in self.plan(ActivityKind::PartyGroupMeeting, 1, branch) {
                    self.hold(&planned, group, &[branch], Some(group));
                }
            }
        }
        let together: Vec<&Branch> = JOINT.iter().filter_map(|place| branches.get(*place)).collect();
        if let Some(host) = together.first() {
            let planned = Planned {
                kind: ActivityKind::PartyLecture,
                day: joint_day,
                make_up_for: None,
            };
            self.hold(&planned, &host.node, &together, None);
        }
        self.branches = branches;
    }

    /// Committees, general branches and leading groups have Party building on their agenda twice a year (G3.1a).
    pub(super) fn hold_committee_meetings(&mut self) {
        let branches = std::mem::take(&mut self.branches);
        let everybody = branches.iter().flat_map(|branch| &branch.people);
        let everybody: HashMap<&str, &Person> = everybody
            .filter(|person| !person.guest)
            .map(|person| (person.id.as_str(), person))
            .collect();
        for node in self.committees.clone() {
            let holders = self.holders.get(&node.id).into_iter().flatten();
            let members: BTreeSet<&str> = holders
                .filter(|holder| holder.post.is_officer())
                .map(|holder| holder.member.as_str())
                .collect();
            let people = members.iter().filter_map(|id| everybody.get(id));
            let team = Branch {
                people: people.map(|person| (*person).clone()).collect(),
                node,
                groups: Vec::new(),
                lapses: 0,
                oddity: None,
            };
            for days in COMMITTEES_MET {
                let day = self.days_ago(days);
                if day < team.node.founded {
                    continue;
                }
                let planned = Planned {
                    kind: ActivityKind::CommitteeMeeting,
                    day,
                    make_up_for: None,
                };
                self.hold(&planned, &team.node, &[&team], None);
            }
        }
        self.branches = branches;
    }

    fn plan_branch(&mut self, branch: &Branch) -> Vec<Planned> {
        let mut planned = self.plan(ActivityKind::BranchGeneralMeeting, 3, branch);
        planned.extend(self.plan(ActivityKind::PartyLecture, 2, branch));
        if branch.node.has_committee {
            planned.extend(self.plan(ActivityKind::BranchCommitteeMeeting, 1, branch));
        }
        planned
    }

    /// One meeting a period of so many months, less what this branch lets slip.
    fn plan(&mut self, kind: ActivityKind, months: u32, branch: &Branch) -> Vec<Planned> {
        let mut planned = Vec::new();
        let mut start = start_of(self.from, months);
        while start <= self.today {
            let end = start + Months::new(months);
            let low = start.max(self.from).max(branch.node.founded);
            if low + Days::new(6) < end
                && let Some(meeting) = self.plan_one(kind, months, branch, low, (start, end))
            {
                planned.push(meeting);
            }
            start = end;
        }
        planned.retain(|meeting| meeting.day <= self.today + Days::new(AHEAD));
        planned
    }

    fn plan_one(
        &mut self,
        kind: ActivityKind,
        months: u32,
        branch: &Branch,
        low: NaiveDate,
        (start, end): (NaiveDate, NaiveDate),
    ) -> Option<Planned> {
        let span = u64::try_from((end - low).num_days()).unwrap_or(7);
        let day = low + Days::new(1 + self.dice.below(span - 2));
        if !self.dice.permille(branch.lapses) {
            return Some(Planned {
                kind,
                day,
                make_up_for: None,
            });
        }
        // Missed: what is owed monthly cannot be made up, of the others half are.
        let day = end + Days::new(2 + self.dice.below(16));
        let made_up = months > 1 && self.dice.permille(500) && day < self.today;
        made_up.then(|| Planned {
            kind,
            day,
            make_up_for: Some(code(start, months)),
        })
    }

    /// Members of the group, the committee or the branch: whom a meeting of that kind expects.
    pub(super) fn is_expected(
        &self,
        kind: ActivityKind,
        branch: &Branch,
        group: Option<&Node>,
        person: &super::city::Person,
        day: NaiveDate,
    ) -> bool {
        person.belongs_on(day)
            && match kind {
                ActivityKind::BranchGeneralMeeting | ActivityKind::PartyLecture => true,
                ActivityKind::PartyGroupMeeting => group.is_some_and(|group| person.group.as_ref() == Some(&group.id)),
                ActivityKind::BranchCommitteeMeeting | ActivityKind::CommitteeMeeting => {
                    person.has_post
                        && self.holders.get(&branch.node.id).is_some_and(|holders| {
                            holders.iter().any(|holder| {
                                holder.post.is_officer() && holder.member == person.id && holder.holds_on(day)
                            })
                        })
                }
            }
    }
}

/// First day of the period of so many months that a day lies in.
fn start_of(day: NaiveDate, months: u32) -> NaiveDate {
    let back = day.month0() % months;
    day.with_day(1).unwrap_or(day) - Months::new(back)
}

/// Code of a period: 2026-Q3 for a quarter, 2026-B5 for two months.
fn code(start: NaiveDate, months: u32) -> String {
    let number = start.month0() / months + 1;
    let letter = if months == 3 { 'Q' } else { 'B' };
    format!("{:04}-{letter}{number}", start.year())
}
