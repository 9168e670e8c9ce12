//! The entries that callers ask for by what they do.

use chrono::{Datelike as _, NaiveDate};

use crate::rulebook::form::{Deadline, Deed, Ladder, Quantity, Vote};
use crate::rulebook::terms::{ALERT, BRANCH_FORMATION, NOTICE, TERMS};
use crate::rulebook::words::{Consequence, DeadlineEvent, Transition};
use crate::rulebook::{Entry, Form, Rulebook};
use crate::vocabulary::{ActivityKind, OrganizationKind, ResolutionKind};

impl Rulebook {
    /// Up to how many full members a branch may meet jointly with a named one because it is small (spec 2): one with this
    /// many or more meets alone. `None`: this book lets no branch do so.
    #[must_use]
    pub fn meets_jointly_below(&self, date: NaiveDate) -> Option<u32> {
        let joins = self.quantity(BRANCH_FORMATION, "joint_below", date) == Some(&Quantity::Flag(true));
        self.number(BRANCH_FORMATION, "full_members", date).filter(|_| joins)
    }

    /// The same for whatever day: every number of full members below which the book may let a branch meet jointly.
    pub fn small_branches(&self) -> impl Iterator<Item = u32> {
        let formations = self.entries.iter().filter(|entry| entry.key == BRANCH_FORMATION);
        formations.filter_map(|entry| match &entry.form {
            Form::Threshold(threshold) => match threshold.values.get("full_members") {
                Some(Quantity::Number(number)) => Some(*number),
                _ => None,
            },
            _ => None,
        })
    }

    /// Whether an activity of a kind on a day may be for this year: its own, or the one before while the book, which asks
    /// for the kind yearly, still takes it for that year.
    #[must_use]
    pub fn takes_for_year(&self, kind: ActivityKind, on: NaiveDate, year: i32) -> bool {
        let yearly = |entry: &Entry| {
            let Form::Cadence(cadence) = &entry.form else {
                return false;
            };
            let combined = cadence.combined.iter().any(|one| one.deed == Deed::from(kind));
            let terms = self.terms(entry, on).ok().flatten();
            let until = terms.and_then(|terms| terms.on_time_until);
            (combined || cadence.activities.contains(&kind)) && until.is_some_and(|until| on <= until.within(on.year()))
        };
        year == on.year() || (year.saturating_add(1) == on.year() && self.in_force(on).any(yearly))
    }

    /// The vote that a resolution of a kind needs at a meeting on a day (G1.1a): the entry that names the meeting, else the
    /// one that names none.
    #[must_use]
    pub fn vote_on(
        &self,
        meeting: ActivityKind,
        resolution: ResolutionKind,
        date: NaiveDate,
    ) -> Option<(&Entry, &Vote)> {
        let votes = self.in_force(date).filter_map(|entry| match &entry.form {
            Form::Vote(vote) if vote.resolutions.contains(&resolution) => Some((entry, vote)),
            _ => None,
        });
        let here = votes.filter(|(_, vote)| vote.meetings.is_empty() || vote.meetings.contains(&meeting));
        here.max_by_key(|(_, vote)| vote.meetings.contains(&meeting))
    }

    /// The ladder of unexcused absences in force on a day (G2.5a).
    #[must_use]
    pub fn ladder(&self, date: NaiveDate) -> Option<(&Entry, &Ladder)> {
        self.in_force(date).find_map(|entry| {
            let Form::Ladder(ladder) = &entry.form else {
                return None;
            };
            Some((entry, ladder))
        })
    }

    /// The deadline that runs from an event on a day.
    #[must_use]
    pub fn deadline(&self, event: DeadlineEvent, date: NaiveDate) -> Option<(&Entry, &Deadline)> {
        self.in_force(date).find_map(|entry| {
            let Form::Deadline(deadline) = &entry.form else {
                return None;
            };
            (deadline.from == event).then_some((entry, deadline))
        })
    }

    /// The version of an entry that governs what began on a day and still runs: today's, or where that one lets what runs keep
    /// its rule (`RUNNING_KEEPS_OLD`) the version of the day it began.
    #[must_use]
    pub fn entry_running(&self, key: &str, began: NaiveDate, today: NaiveDate) -> Option<&Entry> {
        let present = self.entry_on(key, today)?;
        let keeps = present.transition == Transition::RunningKeepsOld && began < present.effective_from;
        let old = self.entry_on(key, began).filter(|_| keeps);
        Some(old.unwrap_or(present))
    }

    /// The last day of a term of office that began on a day, by the kind of org; `None` where the book gives no term.
    #[must_use]
    pub fn term_ends_on(&self, kind: OrganizationKind, began: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
        let Form::Threshold(terms) = &self.entry_running(TERMS, began, today)?.form else {
            return None;
        };
        match terms.values.get(kind.as_str()) {
            Some(Quantity::Span(span)) => span.after(began).pred_opt(),
            _ => None,
        }
    }

    /// After how many days what is overdue goes one level higher (G3.1a); `None`: never.
    #[must_use]
    pub fn escalate_after_days(&self, date: NaiveDate) -> Option<u32> {
        let (_, deadline) = self.deadline(DeadlineEvent::Overdue, date)?;
        let days = (deadline.default.after(date) - date).num_days();
        u32::try_from(days)
            .ok()
            .filter(|_| deadline.then == Consequence::Escalate)
    }

    /// For how many days after its due day a missed obligation still raises an alert (G3.1a); `None`: for good.
    #[must_use]
    pub fn alert_within_days(&self, date: NaiveDate) -> Option<u32> {
        self.number(ALERT, "days", date)
    }

    /// Whether a branch with so many full members is smaller than it should be and may always meet jointly (G2.3b).
    #[must_use]
    pub fn is_below_formation(&self, full_members: u32, date: NaiveDate) -> bool {
        self.meets_jointly_below(date).is_some_and(|least| full_members < least)
    }

    /// How many hours of notice make an absence count (G2.5a); none asked for where the book gives none.
    #[must_use]
    pub fn notice_hours(&self, date: NaiveDate) -> u32 {
        self.number(NOTICE, "hours", date).unwrap_or(0)
    }
}
