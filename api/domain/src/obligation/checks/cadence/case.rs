//! One case of a cadence: one rule, one org for which it is owed, one period, one day; and what is found.

use chrono::{Days, NaiveDate};

use super::super::qualify::{
    Filing, Limits, Qualified, Sorted, Span, Timing, by_every_group, file_until, is_filed, sort,
};
use crate::obligation::facts::{Deviation, Facts, Subordinate};
use crate::obligation::finding::{Finding, Missing, NotOwedReason, SuggestedAction};
use crate::obligation::owed::{self, Window};
use crate::period::Period;
use crate::rulebook::form::Cadence;
use crate::rulebook::terms::Terms;
use crate::rulebook::{Books, Entry, Rulebook};
use crate::vocabulary::{DecisionState, Modality, ObligationStatus, OrganizationKind};

/// An org below the obligor for which something is owed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) id: &'a str,
    /// `None` where it is no longer below.
    pub(super) org: Option<&'a Subordinate>,
}

impl<'a> Subject<'a> {
    pub(super) fn of(org: &'a Subordinate) -> Self {
        Self {
            id: &org.id,
            org: Some(org),
        }
    }
}

/// The ids of the activities behind what counts, by date and id.
pub(super) fn ids<'q, 'a: 'q>(qualified: impl Iterator<Item = &'q Qualified<'a>>) -> Vec<String> {
    let mut activities: Vec<_> = qualified.flat_map(|one| &one.activities).collect();
    activities.sort_by(|one, other| (one.date, &one.id).cmp(&(other.date, &other.id)));
    activities.into_iter().map(|activity| activity.id.clone()).collect()
}

/// One rule, one org for which it is owed, one period, one day.
pub(super) struct Case<'a> {
    facts: &'a Facts<'a>,
    books: &'a Books<'a>,
    book: &'a Rulebook,
    entry: &'a Entry,
    cadence: &'a Cadence,
    pub(super) terms: Terms,
    pub(super) period: Period,
    subject: Option<Subject<'a>>,
    deviation: Option<&'a Deviation>,
    pub(super) limits: Limits<'a>,
}

impl<'a> Case<'a> {
    pub(super) fn of(
        facts: &'a Facts<'a>,
        books: &'a Books<'a>,
        book: &'a Rulebook,
        entry: &'a Entry,
        (period, subject): (&Period, Option<Subject<'a>>),
        today: NaiveDate,
    ) -> Option<Self> {
        let cadence = owed::judged(entry, facts.acts)?;
        let terms = book
            .terms(entry, period.last_day())
            .ok()
            .flatten()
            .filter(|terms| terms.period == period.kind)?;
        let id = subject.map_or(facts.organization.id.as_str(), |subject| subject.id);
        let deviation = accepted(facts.deviations, (entry, id), period);
        let grace = terms.on_time_until.map(|day| day.within(period.year() + 1));
        let in_time = grace.unwrap_or(period.last_day());
        let agreed = deviation
            .and_then(|deviation| deviation.new_date)
            .map_or(in_time, |day| day.max(in_time));
        let may_always_join = book.is_below_formation(facts.organization.full_members, period.last_day());
        let limits = Limits {
            in_time,
            agreed,
            make_up: later(agreed, terms.make_up_days),
            today,
            may_always_join,
            subject: subject.map(|subject| subject.id),
        };
        Some(Self {
            facts,
            books,
            book,
            entry,
            cadence,
            terms,
            period: *period,
            subject,
            deviation,
            limits,
        })
    }

    /// For whom it is owed.
    pub(super) fn subject_id(&self) -> &str {
        self.subject
            .map_or(self.facts.organization.id.as_str(), |subject| subject.id)
    }

    pub(super) fn finding(&self) -> Finding {
        let window = Window::of(&self.period, &self.terms);
        let reason = owed::not_owed(
            self.facts.organization,
            self.subject.and_then(|subject| subject.org),
            self.books,
            self.entry,
            &self.period,
            &window,
        );
        if let Some(reason) = reason {
            return self.not_owed(reason);
        }
        self.of_what_is_owed(&window)
    }

    pub(super) fn of_what_is_owed(&self, window: &Window) -> Finding {
        let sorted = self.sorted(window);
        let status = self.status(&sorted);
        let missing = self.missing(status, &sorted);
        let counted: Vec<_> = sorted
            .qualified
            .iter()
            .filter(|one| one.filing != Filing::Lapsed)
            .collect();
        let waiting = counted.iter().any(|one| one.filing == Filing::Waiting);
        let settled = status == ObligationStatus::Met || !waiting;
        Finding {
            status,
            evidence: ids(counted.iter().copied()),
            count: length(counted.len()),
            recorded_late: status == ObligationStatus::Met && self.is_recorded_late(&sorted),
            closed: self.limits.today >= self.closes_on() && settled,
            judge_again_on: self.judge_again_on(status, &sorted),
            suggested_action: self.suggested_action(status, &missing),
            missing,
            ..self.nothing_found()
        }
    }

    pub(super) fn sorted(&self, window: &Window) -> Sorted<'a> {
        let span = Span {
            period: &self.period,
            window,
            limits: &self.limits,
        };
        let own = sort(self.facts.held, self.cadence, &self.terms, &span);
        if !self.cadence.by_every_group {
            return own;
        }
        let groups = self.facts.below.iter();
        let groups: Vec<_> = groups
            .filter(|one| one.kind == OrganizationKind::PartyGroup && owed::subject_stood(window, one))
            .collect();
        own.and(by_every_group(&groups, self.cadence, &self.terms, &span))
    }

    fn not_owed(&self, reason: NotOwedReason) -> Finding {
        Finding {
            status: ObligationStatus::NotOwed,
            not_owed: Some(reason),
            ..self.nothing_found()
        }
    }

    /// A finding with nothing in it but what the entry and the calendar say.
    fn nothing_found(&self) -> Finding {
        Finding {
            rule: self.entry.key.clone(),
            subject: self.subject_id().to_owned(),
            period: self.period,
            status: self.by_date(),
            not_owed: None,
            due_on: self.limits.agreed,
            closes_on: self.closes_on(),
            evidence: Vec::new(),
            count: 0,
            at_least: self.cadence.at_least,
            missing: Vec::new(),
            recorded_late: false,
            judge_again_on: Some(self.closes_on()).filter(|day| *day > self.limits.today),
            closed: self.limits.today >= self.closes_on(),
            basis: self.book.basis(self.entry),
            suggested_action: None,
            advice: self.entry.advice.clone(),
        }
    }

    fn closes_on(&self) -> NaiveDate {
        later(
            self.limits.agreed,
            self.terms.make_up_days.max(self.terms.filing_days).saturating_add(1),
        )
    }

    fn status(&self, sorted: &Sorted<'_>) -> ObligationStatus {
        let enough = |counts: &dyn Fn(&Qualified<'_>) -> bool| {
            length(sorted.qualified.iter().filter(|one| counts(one)).count()) >= self.cadence.at_least
        };
        let in_time = |one: &Qualified<'_>| one.timing == Timing::InTime;
        let live = |one: &Qualified<'_>| one.filing != Filing::Lapsed;
        if enough(&|one| in_time(one) && matches!(one.filing, Filing::Filed(_))) {
            return ObligationStatus::Met;
        }
        if enough(&|one| in_time(one) && live(one)) {
            return ObligationStatus::HeldNotFiled;
        }
        if self.is_excused() || (self.deviation.is_some() && enough(&|one| one.timing != Timing::MakeUp && live(one))) {
            return ObligationStatus::Excused;
        }
        if enough(&live) {
            return ObligationStatus::HeldLate;
        }
        self.by_date()
    }

    /// The superior accepted the reason, and the new date, if there is one, has not passed.
    fn is_excused(&self) -> bool {
        self.deviation.is_some_and(|deviation| {
            deviation
                .new_date
                .is_none_or(|_| self.limits.today <= self.limits.agreed)
        })
    }

    fn by_date(&self) -> ObligationStatus {
        let today = self.limits.today;
        if today >= self.closes_on() {
            ObligationStatus::Missed
        } else if today > self.limits.agreed {
            ObligationStatus::Overdue
        } else if later(today, self.terms.due_soon_days) > self.limits.agreed {
            ObligationStatus::DueSoon
        } else {
            ObligationStatus::Open
        }
    }

    /// The tick of a day looks only at what may turn on it.
    fn judge_again_on(&self, status: ObligationStatus, sorted: &Sorted<'_>) -> Option<NaiveDate> {
        let closes_on = std::iter::once(self.closes_on());
        if status == ObligationStatus::Met {
            return closes_on.filter(|day| *day > self.limits.today).min();
        }
        let overdue_on = later(self.limits.agreed, 1);
        let due_soon_on = overdue_on.checked_sub_days(Days::new(u64::from(self.terms.due_soon_days)));
        let waiting = sorted.qualified.iter().filter(|one| one.filing == Filing::Waiting);
        let lapses = waiting.map(|one| later(one.file_until, 1));
        let turns = closes_on.chain([overdue_on]).chain(due_soon_on).chain(lapses);
        turns.filter(|day| *day > self.limits.today).min()
    }

    fn missing(&self, status: ObligationStatus, sorted: &Sorted<'_>) -> Vec<Missing> {
        if matches!(status, ObligationStatus::Met | ObligationStatus::Excused) {
            return Vec::new();
        }
        let unfiled = sorted
            .qualified
            .iter()
            .filter(|one| !matches!(one.filing, Filing::Filed(_)));
        let mut missing: Vec<_> = unfiled
            .flat_map(|one| {
                let without = one
                    .activities
                    .iter()
                    .filter(|activity| !is_filed(activity, self.limits.today));
                without.map(|activity| Missing::Minutes {
                    activity: activity.id.clone(),
                    until: file_until(activity, &self.terms),
                })
            })
            .collect();
        if matches!(status, ObligationStatus::HeldNotFiled | ObligationStatus::HeldLate) {
            return missing;
        }
        let more = self.cadence.at_least.saturating_sub(length(sorted.qualified.len()));
        if more > 0 {
            missing.push(Missing::Activities { count: more });
        }
        missing.extend(sorted.lacking.iter().cloned());
        missing
    }

    /// The minutes that made it met came on or after the day of the close.
    fn is_recorded_late(&self, sorted: &Sorted<'_>) -> bool {
        let in_time = sorted.qualified.iter().filter(|one| one.timing == Timing::InTime);
        let early = in_time.filter(|one| matches!(one.filing, Filing::Filed(day) if day < self.closes_on()));
        length(early.count()) < self.cadence.at_least
    }

    fn suggested_action(&self, status: ObligationStatus, missing: &[Missing]) -> Option<SuggestedAction> {
        if missing.iter().any(|missing| matches!(missing, Missing::Minutes { .. })) {
            return Some(SuggestedAction::FileMinutes);
        }
        match status {
            ObligationStatus::Open | ObligationStatus::DueSoon => Some(SuggestedAction::Hold),
            ObligationStatus::Overdue if self.entry.modality == Modality::Normally => {
                Some(SuggestedAction::AskDeviation)
            }
            ObligationStatus::Overdue if self.terms.make_up_days > 0 => Some(SuggestedAction::HoldMakeUp),
            ObligationStatus::Overdue | ObligationStatus::Missed => Some(SuggestedAction::AddNote),
            ObligationStatus::HeldNotFiled => Some(SuggestedAction::FileMinutes),
            ObligationStatus::NotOwed
            | ObligationStatus::Met
            | ObligationStatus::Excused
            | ObligationStatus::HeldLate => None,
        }
    }
}

/// The accepted deviation that reaches furthest: one without a new date excuses for good.
fn accepted<'a>(
    deviations: &'a [Deviation],
    (entry, subject): (&Entry, &str),
    period: &Period,
) -> Option<&'a Deviation> {
    let for_this = deviations.iter().filter(|deviation| {
        deviation.state == DecisionState::Accepted
            && deviation.rule == entry.key
            && deviation.subject == subject
            && deviation.period == *period
    });
    for_this
        .filter(|_| entry.modality == Modality::Normally)
        .max_by_key(|deviation| (deviation.new_date.is_none(), deviation.new_date))
}

fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
