//! The entries that callers ask for by what they do.

use chrono::{Datelike as _, NaiveDate};

use crate::rulebook::form::Quantity;
use crate::rulebook::form::{Deadline, Ladder, Vote};
use crate::rulebook::terms::{ALERT, BRANCH_FORMATION, NOTICE};
use crate::rulebook::words::{Consequence, DeadlineEvent};
use crate::rulebook::{Entry, Form, Rulebook};
use crate::vocabulary::{ActivityKind, ResolutionKind};

impl Rulebook {
    /// Up to how many full members a branch may meet jointly with a named one because it is small (spec 2): one with this
    /// many or more meets alone. `None`: this book lets no branch do so.
    #[must_use]
    pub fn meets_jointly_below(&self, date: NaiveDate) -> Option<u32> {
        let allowed = self.quantity(BRANCH_FORMATION, "joint_below", date) != Some(&Quantity::Flag(false));
        self.number(BRANCH_FORMATION, "full_members", date).filter(|_| allowed)
    }

    /// Whether an activity of a kind on a day may be for this year: its own, or the one before while the book, which asks
    /// for the kind yearly, still takes it for that year.
    #[must_use]
    pub fn takes_for_year(&self, kind: ActivityKind, on: NaiveDate, year: i32) -> bool {
        let yearly = |entry: &Entry| {
            let Form::Cadence(cadence) = &entry.form else {
                return false;
            };
            let combined = cadence.combined.iter().any(|one| one.activity == kind);
            let terms = self.terms(entry, on).ok().flatten();
            let until = terms.and_then(|terms| terms.on_time_until);
            (combined || cadence.activities.contains(&kind)) && until.is_some_and(|until| on <= until.within(on.year()))
        };
        year == on.year() || (year.saturating_add(1) == on.year() && self.in_force(on).any(yearly))
    }

    /// The vote that a resolution of a kind needs on a day (G1.1a).
    #[must_use]
    pub fn vote_on(&self, resolution: ResolutionKind, date: NaiveDate) -> Option<(&Entry, &Vote)> {
        self.in_force(date).find_map(|entry| {
            let Form::Vote(vote) = &entry.form else {
                return None;
            };
            vote.resolutions.contains(&resolution).then_some((entry, vote))
        })
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

    /// How many hours of notice make an absence count (G2.5a); none asked for where the book gives none.
    #[must_use]
    pub fn notice_hours(&self, date: NaiveDate) -> u32 {
        self.number(NOTICE, "hours", date).unwrap_or(0)
    }
}
