//! Which cadences an org owes, and for which periods.

use chrono::NaiveDate;

use crate::obligation::applies::applies;
use crate::obligation::facts::OrganizationFacts;
use crate::obligation::finding::NotOwedReason;
use crate::period::Period;
use crate::rulebook::form::{Cadence, Recurrence};
use crate::rulebook::words::{CadenceSubject, OrganizationFact};
use crate::rulebook::{Books, Entry, Form, Rulebook};
use crate::vocabulary::{Modality, PeriodKind};

/// A cadence that is judged from activities: over calendar periods, about the org itself, and no mere advice.
/// Cadences of acts that are no activities are read and checked, and judged once such acts are recorded.
pub(super) fn judged(entry: &Entry) -> Option<&Cadence> {
    let Form::Cadence(cadence) = &entry.form else {
        return None;
    };
    let calendar = matches!(cadence.recurrence, Recurrence::Period(_));
    let own = cadence.subject == CadenceSubject::Itself;
    let is_judged = own && calendar && !cadence.activities.is_empty() && entry.modality != Modality::May;
    is_judged.then_some(cadence)
}

/// The judged cadences of a book that apply to an org on a day, in the document's order.
pub fn rules<'a>(
    organization: &'a OrganizationFacts,
    book: &'a Rulebook,
    date: NaiveDate,
) -> impl Iterator<Item = &'a Entry> {
    book.in_force(date)
        .filter(|entry| judged(entry).is_some() && applies(&entry.applies_to, organization))
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

/// Why the org does not owe an entry of the judged cadences for a period, `None` where it does.
#[must_use]
pub fn not_owed(
    organization: &OrganizationFacts,
    books: &Books<'_>,
    entry: &Entry,
    period: &Period,
) -> Option<NotOwedReason> {
    if !stood(
        period,
        organization.stood_from,
        organization.lineage_from,
        organization.stood_until,
    ) {
        return Some(NotOwedReason::DidNotStand);
    }
    if !rule_stood(books, entry, period) {
        return Some(NotOwedReason::RuleNotInForce);
    }
    let of_committee = entry.applies_to.facts.contains(&OrganizationFact::HasCommittee);
    let since = organization.committee_since.unwrap_or(organization.stood_from);
    if of_committee && !stood(period, since, since.min(organization.lineage_from), None) {
        return Some(NotOwedReason::NoCommittee);
    }
    (organization.unexempt_members == 0).then_some(NotOwedReason::NobodyExpected)
}

/// A month, two months or a quarter must have been stood for as a whole; of a half-year or year the end, and at
/// least half of it counting predecessors (spec 2).
fn stood(period: &Period, from: NaiveDate, lineage_from: NaiveDate, until: Option<NaiveDate>) -> bool {
    let stands_at_end = from <= period.last_day() && until.is_none_or(|until| until >= period.end);
    let long_enough = match period.kind {
        PeriodKind::Month | PeriodKind::TwoMonths | PeriodKind::Quarter => from <= period.start,
        PeriodKind::HalfYear | PeriodKind::Year => lineage_from.min(from) <= period.middle(),
    };
    stands_at_end && long_enough
}

/// The same key in the next version does not cut a period; a key that begins within it is like an org that does.
/// After a move the key may have begun in another book.
fn rule_stood(books: &Books<'_>, entry: &Entry, period: &Period) -> bool {
    let first = match period.kind {
        PeriodKind::Month | PeriodKind::TwoMonths | PeriodKind::Quarter => period.start,
        PeriodKind::HalfYear | PeriodKind::Year => period.middle(),
    };
    let earlier = books.on(first).entry_on(&entry.key, first);
    // A book that holds since a move may be older than the move.
    let here = books.of(period).entry_on(&entry.key, first);
    earlier.or(here).is_some()
}
