//! Which cadences an org owes, and for which periods.

use chrono::{Months, NaiveDate};

use crate::obligation::applies::applies;
use crate::obligation::facts::{Facts, OrganizationFacts, Subordinate};
use crate::obligation::finding::NotOwedReason;
use crate::period::{Period, months};
use crate::rulebook::form::Cadence;
use crate::rulebook::terms::Terms;
use crate::rulebook::words::{ActKind, CadenceSubject, OrganizationFact};
use crate::rulebook::{Books, Entry, Form, Rulebook};
use crate::vocabulary::{Modality, OrganizationKind, PeriodKind};

/// A cadence that can be judged: from activities or from acts that are recorded. Cadences of other acts are read and
/// checked, and judged once such acts are recorded.
pub(super) fn judged<'a>(entry: &'a Entry, acts: &[ActKind]) -> Option<&'a Cadence> {
    let Form::Cadence(cadence) = &entry.form else {
        return None;
    };
    let recorded = cadence.act.is_none_or(|act| acts.contains(&act));
    recorded.then_some(cadence)
}

/// Whether judging a book takes what stands below an org: something is owed for each subordinate, or met by every group.
#[must_use]
pub fn looks_below(book: &Rulebook, acts: &[ActKind]) -> bool {
    let mut cadences = book.entries.iter().filter_map(|entry| judged(entry, acts));
    cadences.any(|cadence| cadence.subject != CadenceSubject::Itself || cadence.by_every_group)
}

/// The orgs below for which a cadence is owed, each by itself; `None`: it is owed for the org itself.
pub(super) fn subjects<'a>(facts: &Facts<'a>, cadence: &Cadence) -> Option<Vec<&'a Subordinate>> {
    let below = |one: &&Subordinate| match cadence.subject {
        CadenceSubject::Itself => false,
        CadenceSubject::EachChild => one.is_child,
        CadenceSubject::EachSubordinate => true,
    };
    let kinds = &cadence.subject_kinds;
    let of_kind = |one: &&Subordinate| kinds.is_empty() || kinds.contains(&one.kind);
    (cadence.subject != CadenceSubject::Itself).then(|| facts.below.iter().filter(below).filter(of_kind).collect())
}

/// The judged cadences of a book that an org owes on a day, in the document's order. Mere advice (`MAY`) is not owed.
pub fn rules<'a>(facts: &'a Facts<'a>, book: &'a Rulebook, date: NaiveDate) -> impl Iterator<Item = &'a Entry> {
    book.in_force(date)
        .filter(|entry| entry.modality != Modality::May && judged(entry, facts.acts).is_some())
        .filter(|entry| applies(&entry.applies_to, facts.organization))
}

/// The periods of a kind that touch both `from..until` and the time in which the org stood, oldest first.
#[must_use]
pub fn periods(organization: &OrganizationFacts, kind: PeriodKind, from: NaiveDate, until: NaiveDate) -> Vec<Period> {
    let from = from.max(organization.stood_from);
    let until = organization
        .stood_until
        .map_or(until, |stood_until| stood_until.min(until));
    let mut periods = Vec::new();
    if from >= until {
        return periods;
    }
    let mut period = Period::containing(kind, from);
    // The second condition ends the walk at the end of the calendar.
    while period.start < until && period.start < period.end {
        periods.push(period);
        period = period.next();
    }
    periods
}

/// The days over which a rule is judged, and the first of them that must have been stood for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub start: NaiveDate,
    /// Exclusive.
    pub end: NaiveDate,
    /// A month, two months or a quarter must have been stood for as a whole, of a half-year or year at least half.
    first: NaiveDate,
    is_long: bool,
}

impl Window {
    /// The window of a period: the period itself, or where the rule rolls the months that end with it.
    #[must_use]
    pub fn of(period: &Period, terms: &Terms) -> Self {
        let earlier = Months::new(terms.window.saturating_sub(1) * months(period.kind));
        let start = period.start.checked_sub_months(earlier).unwrap_or(period.start);
        let is_long = matches!(period.kind, PeriodKind::HalfYear | PeriodKind::Year);
        Self {
            start,
            end: period.end,
            first: if is_long { period.middle() } else { start },
            is_long,
        }
    }

    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.start <= day && day < self.end
    }
}

/// Why the org does not owe an entry of the judged cadences for a period, `None` where it does.
#[must_use]
pub fn not_owed(
    organization: &OrganizationFacts,
    subject: Option<&Subordinate>,
    books: &Books<'_>,
    entry: &Entry,
    period: &Period,
    window: &Window,
) -> Option<NotOwedReason> {
    if subject.is_some_and(|subject| !subject_stood(window, subject)) {
        return Some(NotOwedReason::DidNotStand);
    }
    if !stood(
        window,
        organization.stood_from,
        organization.lineage_from,
        organization.stood_until,
    ) {
        return Some(NotOwedReason::DidNotStand);
    }
    if !rule_stood(books, entry, period, window) {
        return Some(NotOwedReason::RuleNotInForce);
    }
    let of_committee = entry.applies_to.facts.contains(&OrganizationFact::HasCommittee);
    let since = organization.committee_since.unwrap_or(organization.stood_from);
    if of_committee && !stood(window, since, since.min(organization.lineage_from), None) {
        return Some(NotOwedReason::NoCommittee);
    }
    // Committees have no members of their own: their teams are expected.
    let of_members = subject.is_none()
        && matches!(
            organization.kind,
            OrganizationKind::Branch | OrganizationKind::PartyGroup
        );
    (of_members && organization.unexempt_members == 0).then_some(NotOwedReason::NobodyExpected)
}

/// Whether an org below stood for long enough to be owed for, or to be one of the groups that must have held it.
pub(super) fn subject_stood(window: &Window, subject: &Subordinate) -> bool {
    stood(window, subject.stood_from, subject.stood_from, subject.stood_until)
}

/// A month, two months or a quarter must have been stood for as a whole; of a half-year or year the end, and at
/// least half of it counting predecessors (spec 2).
fn stood(window: &Window, from: NaiveDate, lineage_from: NaiveDate, until: Option<NaiveDate>) -> bool {
    let stands_at_end = from < window.end && until.is_none_or(|until| until >= window.end);
    let long_enough = if window.is_long {
        lineage_from.min(from) <= window.first
    } else {
        from <= window.first
    };
    stands_at_end && long_enough
}

/// The same key in the next version does not cut a period; a key that begins within it is like an org that does.
/// After a move the key may have begun in another book.
fn rule_stood(books: &Books<'_>, entry: &Entry, period: &Period, window: &Window) -> bool {
    let first = window.first;
    let earlier = books.on(first).entry_on(&entry.key, first);
    // A book that holds since a move may be older than the move.
    let here = books.of(period).entry_on(&entry.key, first);
    earlier.or(here).is_some()
}
