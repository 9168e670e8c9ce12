//! Which held activities count for a cadence in a period, and what the others lack.

use chrono::{Days, NaiveDate};

use crate::obligation::facts::HeldActivity;
use crate::obligation::finding::Missing;
use crate::obligation::owed::Window;
use crate::period::Period;
use crate::rulebook::form::Cadence;
use crate::rulebook::terms::Terms;

/// The limits of one obligation, as civil dates; each is the last day of its span.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) in_time: NaiveDate,
    /// As the superior agreed; equals `in_time` without a later date.
    pub(super) agreed: NaiveDate,
    pub(super) make_up: NaiveDate,
    pub(super) today: NaiveDate,
    /// Too few full members to meet alone: any kind may be joint.
    pub(super) may_always_join: bool,
}

/// When an activity was held, as this period sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timing {
    InTime,
    /// Declared for this period and held by the date to which the superior agreed.
    AsAgreed,
    MakeUp,
}

/// Where its minutes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filing {
    Filed(NaiveDate),
    /// The filing days still run.
    Waiting,
    /// They ran out: it does not count until minutes are filed.
    Lapsed,
}

/// A held activity that is enough in every way but perhaps its minutes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Qualified<'a> {
    pub(super) activity: &'a HeldActivity,
    pub(super) timing: Timing,
    pub(super) filing: Filing,
    pub(super) file_until: NaiveDate,
}

/// What speaks for and what against a cadence being met.
#[derive(Debug, Default)]
pub(super) struct Sorted<'a> {
    /// By date and id.
    pub(super) qualified: Vec<Qualified<'a>>,
    pub(super) lacking: Vec<Missing>,
}

/// The period that is judged, the days that count for it, and its limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span<'a> {
    pub(super) period: &'a Period,
    pub(super) window: &'a Window,
    pub(super) limits: &'a Limits,
}

pub(super) fn sort<'a>(held: &'a [HeldActivity], cadence: &Cadence, terms: &Terms, span: &Span<'_>) -> Sorted<'a> {
    let limits = span.limits;
    let mut relevant: Vec<_> = held
        .iter()
        .filter(|activity| activity.date <= limits.today && counts_as(activity, cadence))
        .filter_map(|activity| Some((activity, timing(activity, span)?)))
        .collect();
    relevant.sort_by(|(one, _), (other, _)| (one.date, &one.id).cmp(&(other.date, &other.id)));
    relevant.dedup_by(|(one, _), (other, _)| one.id == other.id);
    let mut sorted = Sorted::default();
    for (activity, timing) in relevant {
        match lacks(activity, terms, limits) {
            Some(missing) => sorted.lacking.push(missing),
            None => sorted.qualified.push(qualified(activity, timing, terms, limits.today)),
        }
    }
    sorted
}

/// By its kind, or by a declared agenda item where the rulebook lets kinds be combined.
fn counts_as(activity: &HeldActivity, cadence: &Cadence) -> bool {
    let combined = cadence.combined.iter().any(|combination| {
        combination.deed == activity.kind && combination.agenda.iter().any(|item| activity.agenda.contains(item))
    });
    combined || cadence.deeds().any(|deed| deed == activity.kind)
}

fn timing(activity: &HeldActivity, span: &Span<'_>) -> Option<Timing> {
    let (period, limits) = (span.period, span.limits);
    let declared = activity.make_up_for;
    if declared.is_some_and(|declared| declared != *period) {
        return None;
    }
    // A yearly act is for the year it declares: on time until the grace day, and never for two years.
    let another_year =
        limits.in_time > period.last_day() && activity.for_year.is_some_and(|year| year != period.year());
    let of_this_year = limits.in_time > period.last_day() && activity.for_year == Some(period.year());
    if another_year {
        return None;
    }
    if span.window.contains(activity.date)
        || (of_this_year && period.start <= activity.date && activity.date <= limits.in_time)
    {
        return Some(Timing::InTime);
    }
    if declared.is_none() || activity.date <= limits.in_time {
        return None;
    }
    if activity.date <= limits.agreed {
        return Some(Timing::AsAgreed);
    }
    (activity.date <= limits.make_up).then_some(Timing::MakeUp)
}

fn lacks(activity: &HeldActivity, terms: &Terms, limits: &Limits) -> Option<Missing> {
    let may_be_joint = limits.may_always_join || activity.kind.may_be_joint();
    if activity.joint && !may_be_joint {
        return Some(Missing::HeldAlone {
            activity: activity.id.clone(),
        });
    }
    if activity.joint && !activity.named_before_start {
        return Some(Missing::NamedBeforeStart {
            activity: activity.id.clone(),
        });
    }
    if activity.kind.is_attended() && !terms.held.is_reached(activity.present, activity.expected) {
        let needed = terms.held.needed(activity.expected);
        return Some(Missing::Attendance {
            activity: activity.id.clone(),
            present: activity.present,
            needed,
        });
    }
    None
}

fn qualified<'a>(activity: &'a HeldActivity, timing: Timing, terms: &Terms, today: NaiveDate) -> Qualified<'a> {
    let file_until = activity
        .date
        .checked_add_days(Days::new(u64::from(terms.filing_days)))
        .unwrap_or(NaiveDate::MAX);
    let filing = match activity.filed_on.filter(|day| *day <= today) {
        Some(day) => Filing::Filed(day),
        None if !activity.kind.needs_minutes() => Filing::Filed(activity.date),
        None if today <= file_until => Filing::Waiting,
        None => Filing::Lapsed,
    };
    Qualified {
        activity,
        timing,
        filing,
        file_until,
    }
}
