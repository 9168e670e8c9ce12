//! Judging a cadence: at least n acts per period (G1.1a–d and every later rule of this form).
//!
//! From good to bad: `MET`, `HELD_NOT_FILED`, `EXCUSED`, `HELD_LATE`, `OPEN`, `DUE_SOON`, `OVERDUE`, `MISSED`.
//! `EXCUSED` holds from the superior's acceptance, also before the end of the period; a new date that passes ends it.
//! An added held activity never moves a cadence down this order.
//!
//! A period is `OVERDUE` from the day after its last day in time, and closes (`MISSED`) when both the make-up days and
//! the filing days have run out. Monthly rules have no make-up days: they close after the filing days alone, in which
//! only the minutes of a meeting held in time can still come.

mod case;

use chrono::NaiveDate;

use super::qualify::Filing;
use crate::obligation::applies::applies;
use crate::obligation::facts::{Facts, HeldActivity};
use crate::obligation::finding::Finding;
use crate::obligation::owed::{self, Window};
use crate::period::Period;
use crate::rulebook::words::CadenceSubject;
use crate::rulebook::{Books, Entry, Rulebook};
use crate::vocabulary::{Modality, PeriodKind};
use case::{Case, Subject, ids};

/// Judges one rule for one period, with `today` as the present day: later acts and filings are not seen.
///
/// `None` where the book of the period has no such judged cadence over such periods, or it is not for this org.
#[must_use]
pub fn judge(facts: &Facts<'_>, books: &Books<'_>, rule: &str, period: &Period, today: NaiveDate) -> Option<Finding> {
    judge_for(facts, books, (rule, &facts.organization.id), period, today)
}

/// As [`judge`], for one of those for whom the rule is owed: the org itself, or one below it (G1.3g, G3.3a–b).
///
/// `None` also where it is not owed for that one.
#[must_use]
pub fn judge_for(
    facts: &Facts<'_>,
    books: &Books<'_>,
    (rule, subject): (&str, &str),
    period: &Period,
    today: NaiveDate,
) -> Option<Finding> {
    let book = books.of(period);
    let entry = book.entry_on(rule, period.last_day())?;
    if entry.modality == Modality::May || !applies(&entry.applies_to, facts.organization) {
        return None;
    }
    let mut cases = cases(facts, books, book, entry, period, today);
    cases
        .find(|case| case.subject_id() == subject)
        .map(|case| case.finding())
}

/// One case for each org for which an entry is owed.
fn cases<'a>(
    facts: &'a Facts<'a>,
    books: &'a Books<'a>,
    book: &'a Rulebook,
    entry: &'a Entry,
    period: &Period,
    today: NaiveDate,
) -> impl Iterator<Item = Case<'a>> {
    let case = |subject| Case::of(facts, books, book, entry, (period, subject), today);
    let subjects = owed::judged(entry, facts.acts).and_then(|cadence| owed::subjects(facts, cadence));
    let cases: Vec<Case<'a>> = match subjects {
        None => case(None).into_iter().collect(),
        Some(subjects) => subjects
            .into_iter()
            .filter_map(|one| case(Some(Subject::of(one))))
            .collect(),
    };
    cases.into_iter()
}

/// Judges every rule of an org for every period that touches `from..until` and has begun, by period, then in the
/// document's order.
#[must_use]
pub fn judge_all(
    facts: &Facts<'_>,
    books: &Books<'_>,
    from: NaiveDate,
    until: NaiveDate,
    today: NaiveDate,
) -> Vec<Finding> {
    let begun = until.min(today.succ_opt().unwrap_or(today));
    let mut findings = Vec::new();
    for kind in PeriodKind::ALL {
        for period in owed::periods(facts.organization, *kind, from, begun) {
            let book = books.of(&period);
            let rules = owed::rules(facts, book, period.last_day());
            let cases = rules.flat_map(|entry| cases(facts, books, book, entry, &period, today));
            findings.extend(cases.map(|case| case.finding()));
        }
    }
    // Stable: rules of one period stay in the document's order.
    findings.sort_by_key(|finding| finding.period);
    findings
}

/// Judges a closed period again, for what was entered late: by the book it closed under, and without asking anew whether it
/// was owed. What counted at the close (`counted`) still counts, although the org would not be allowed today to hold it
/// jointly. `subject`: for whom it was owed.
///
/// `None` where the book has no such judged cadence over such periods.
#[must_use]
pub fn judge_late(
    facts: &Facts<'_>,
    book: &Rulebook,
    (rule, subject): (&str, &str),
    period: &Period,
    counted: &[String],
    today: NaiveDate,
) -> Option<Finding> {
    let books = Books::from(book);
    let entry = book.entry_on(rule, period.last_day())?;
    // One that is no longer below is still the one for whom it was owed.
    let other = (subject != facts.organization.id).then_some(Subject { id: subject, org: None });
    let mut case = Case::of(facts, &books, book, entry, (period, other), today)?;
    let was_joint = |activity: &HeldActivity| activity.joint && counted.contains(&activity.id);
    case.limits.may_always_join |= facts.held.iter().any(was_joint);
    let window = Window::of(&case.period, &case.terms);
    Some(case.of_what_is_owed(&window))
}

/// What counts for a cadence in the period that runs today, whatever its modality: the period, and ids by date and id.
/// `None` where it is not judged here.
#[must_use]
pub(crate) fn counted(
    facts: &Facts<'_>,
    books: &Books<'_>,
    entry: &Entry,
    today: NaiveDate,
) -> Option<(Period, Vec<String>)> {
    let cadence = owed::judged(entry, facts.acts).filter(|cadence| cadence.subject == CadenceSubject::Itself)?;
    let period = Period::containing(cadence.recurrence.period(), today);
    let case = Case::of(facts, books, books.on(today), entry, (&period, None), today)?;
    let sorted = case.sorted(&Window::of(&case.period, &case.terms));
    let live = sorted.qualified.iter().filter(|one| one.filing != Filing::Lapsed);
    Some((period, ids(live)))
}
