//! Which held activities count for a cadence in a period, and what the others lack.

use chrono::{Days, NaiveDate};

use crate::obligation::facts::{HeldActivity, Subordinate};
use crate::obligation::finding::Missing;
use crate::obligation::owed::Window;
use crate::period::Period;
use crate::rulebook::form::Cadence;
use crate::rulebook::terms::Terms;

/// The limits of one obligation, as civil dates; each is the last day of its span.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits<'a> {
    pub(super) in_time: NaiveDate,
    /// As the superior agreed; equals `in_time` without a later date.
    pub(super) agreed: NaiveDate,
    pub(super) make_up: NaiveDate,
    pub(super) today: NaiveDate,
    /// Too few full members to meet alone: any kind may be joint.
    pub(super) may_always_join: bool,
    /// The org below for which it is owed: what was held for it is held with it.
    pub(super) subject: Option<&'a str>,
}

/// When an activity was held, as this period sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// What counts once: a held activity that is enough in every way but perhaps its minutes, or one of each group of a branch.
#[derive(Debug, Clone)]
pub(super) struct Qualified<'a> {
    /// By date and id.
    pub(super) activities: Vec<&'a HeldActivity>,
    pub(super) timing: Timing,
    pub(super) filing: Filing,
    /// Of those without minutes the first day by which they must be filed.
    pub(super) file_until: NaiveDate,
}

impl Qualified<'_> {
    /// Better first; of equals the earlier one.
    fn order(&self) -> (bool, Timing, Option<(NaiveDate, &str)>) {
        let first = self
            .activities
            .first()
            .map(|activity| (activity.date, activity.id.as_str()));
        (self.filing == Filing::Lapsed, self.timing, first)
    }

    fn place(&self) -> Option<(NaiveDate, &str)> {
        self.activities
            .last()
            .map(|activity| (activity.date, activity.id.as_str()))
    }
}

/// What speaks for and what against a cadence being met.
#[derive(Debug, Default)]
pub(super) struct Sorted<'a> {
    /// By date and id.
    pub(super) qualified: Vec<Qualified<'a>>,
    pub(super) lacking: Vec<Missing>,
}

impl Sorted<'_> {
    /// Both together, by date and id.
    pub(super) fn and(mut self, more: Self) -> Self {
        self.qualified.extend(more.qualified);
        self.lacking.extend(more.lacking);
        self.qualified.sort_by(|one, other| one.place().cmp(&other.place()));
        self
    }
}

/// The period that is judged, the days that count for it, and its limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span<'a> {
    pub(super) period: &'a Period,
    pub(super) window: &'a Window,
    pub(super) limits: &'a Limits<'a>,
}

pub(super) fn sort<'a>(held: &'a [HeldActivity], cadence: &Cadence, terms: &Terms, span: &Span<'_>) -> Sorted<'a> {
    let limits = span.limits;
    let mut relevant: Vec<_> = held
        .iter()
        .filter(|activity| activity.date <= limits.today && counts_as(activity, cadence) && is_for(activity, limits))
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

/// What the groups of a branch have held: it counts once every group has held it (G1.3e), as often as the group that held
/// it least. Each group is judged by its own people and its own minutes.
pub(super) fn by_every_group<'a>(
    groups: &[&'a Subordinate],
    cadence: &Cadence,
    terms: &Terms,
    span: &Span<'_>,
) -> Sorted<'a> {
    let mut of_groups: Vec<_> = groups
        .iter()
        .map(|group| {
            let mut own = sort(&group.held, cadence, terms, span);
            own.qualified.sort_by(|one, other| one.order().cmp(&other.order()));
            (*group, own)
        })
        .collect();
    let rounds = of_groups.iter().map(|(_, own)| own.qualified.len()).min().unwrap_or(0);
    let most = of_groups.iter().map(|(_, own)| own.qualified.len()).max().unwrap_or(0);
    let mut sorted = Sorted::default();
    for round in 0..rounds {
        let of_round = of_groups.iter().filter_map(|(_, own)| own.qualified.get(round));
        sorted.qualified.extend(together(of_round));
    }
    sorted.qualified.sort_by(|one, other| one.place().cmp(&other.place()));
    for (group, own) in &mut of_groups {
        if most > rounds && own.qualified.len() == rounds {
            sorted.lacking.push(Missing::Group {
                organization: group.id.clone(),
            });
        }
        sorted.lacking.append(&mut own.lacking);
    }
    sorted
}

/// One of each group as one: as late as the latest of them, and filed when all are.
fn together<'q, 'a: 'q>(of_round: impl Iterator<Item = &'q Qualified<'a>>) -> Option<Qualified<'a>> {
    let mut whole: Option<Qualified<'a>> = None;
    for one in of_round {
        let Some(sum) = &mut whole else {
            whole = Some(one.clone());
            continue;
        };
        sum.activities.extend(&one.activities);
        sum.timing = sum.timing.max(one.timing);
        let waits = |one: &Qualified<'_>| !matches!(one.filing, Filing::Filed(_));
        sum.file_until = match (waits(sum), waits(one)) {
            (true, true) => sum.file_until.min(one.file_until),
            (false, true) => one.file_until,
            (_, false) => sum.file_until,
        };
        sum.filing = match (sum.filing, one.filing) {
            (Filing::Lapsed, _) | (_, Filing::Lapsed) => Filing::Lapsed,
            (Filing::Waiting, _) | (_, Filing::Waiting) => Filing::Waiting,
            (Filing::Filed(one), Filing::Filed(other)) => Filing::Filed(one.max(other)),
        };
    }
    if let Some(sum) = &mut whole {
        sum.activities
            .sort_by(|one, other| (one.date, &one.id).cmp(&(other.date, &other.id)));
    }
    whole
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

/// Whether it was held for the org below that is judged; what is owed for the org itself asks for nobody else.
fn is_for(activity: &HeldActivity, limits: &Limits<'_>) -> bool {
    let subject = limits.subject;
    subject.is_none_or(|subject| activity.about.iter().any(|org| org == subject))
}

fn lacks(activity: &HeldActivity, terms: &Terms, limits: &Limits<'_>) -> Option<Missing> {
    let may_be_joint = limits.may_always_join || limits.subject.is_some() || activity.kind.may_be_joint();
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

/// The last day on which minutes are in time.
pub(super) fn file_until(activity: &HeldActivity, terms: &Terms) -> NaiveDate {
    let days = Days::new(u64::from(terms.filing_days));
    activity.date.checked_add_days(days).unwrap_or(NaiveDate::MAX)
}

/// Whether its minutes are there on a day, or it needs none.
pub(super) fn is_filed(activity: &HeldActivity, today: NaiveDate) -> bool {
    !activity.kind.needs_minutes() || activity.filed_on.is_some_and(|day| day <= today)
}

fn qualified<'a>(activity: &'a HeldActivity, timing: Timing, terms: &Terms, today: NaiveDate) -> Qualified<'a> {
    let file_until = file_until(activity, terms);
    let filing = match activity.filed_on.filter(|day| *day <= today) {
        Some(day) => Filing::Filed(day),
        None if !activity.kind.needs_minutes() => Filing::Filed(activity.date),
        None if today <= file_until => Filing::Waiting,
        None => Filing::Lapsed,
    };
    Qualified {
        activities: vec![activity],
        timing,
        filing,
        file_until,
    }
}
