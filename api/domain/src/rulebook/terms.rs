//! What a cadence leaves to the document's defaults: days and shares that the guideline does not give.

use chrono::NaiveDate;

use crate::activity_kind::{Expected, capabilities};
use crate::rulebook::form::{Cadence, Quantity, Recurrence};
use crate::rulebook::quantity::{MonthDay, Share};
use crate::rulebook::words::ActKind;
use crate::rulebook::{Entry, Form, Rulebook};
use crate::vocabulary::{ActivityKind, PeriodKind};

/// Threshold entry of the days before the end from which a cadence is due soon, by period.
pub const DUE_SOON: &str = "due-soon-days";
/// Threshold entry of the days that minutes may take.
pub const FILING: &str = "filing-days";
/// Threshold entry of the days after the end in which a make-up may be held, by period.
pub const MAKE_UP: &str = "make-up-days";
/// Threshold entry of the day until which a yearly act is on time.
pub const YEARLY_GRACE: &str = "yearly-grace";
/// Threshold entry of the share that must be present: `members` and `committee`.
pub const HELD: &str = "held-share";
/// Threshold entry of the hours of notice that make an absence count.
pub const NOTICE: &str = "notice-hours";
/// Threshold entry with the length of terms of office by kind of org.
pub const TERMS: &str = "terms";
/// Threshold entry: days for which a missed obligation still raises an alert.
pub const ALERT: &str = "alert-days";

/// Threshold entry of what a branch offers its floating members: `offer_days`, for which an offer of a remote mode holds.
pub const REMOTE_PARTICIPATION: &str = "remote-participation";

/// Threshold entry of the least number of full members of a branch; `joint_below`: a smaller one may
/// always meet jointly.
pub const BRANCH_FORMATION: &str = "branch-formation";

/// A judged cadence with every number settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    pub period: PeriodKind,
    /// Over how many periods up to the end of this one it counts; more than one where the rule rolls.
    pub window: u32,
    pub due_soon_days: u32,
    pub filing_days: u32,
    /// Zero: the rule knows no make-up.
    pub make_up_days: u32,
    pub on_time_until: Option<MonthDay>,
    pub held: Share,
}

/// The name that a threshold uses for a kind of period.
#[must_use]
pub fn period_name(kind: PeriodKind) -> &'static str {
    match kind {
        PeriodKind::Month => "month",
        PeriodKind::TwoMonths => "two_months",
        PeriodKind::Quarter => "quarter",
        PeriodKind::HalfYear => "half_year",
        PeriodKind::Year => "year",
    }
}

impl Rulebook {
    /// The settled numbers of a cadence on a day; `Err` names the threshold that is missing, `Ok(None)` means
    /// that the entry is no cadence.
    ///
    /// # Errors
    /// The threshold entry and the name in it that would settle the number.
    pub fn terms(&self, entry: &Entry, date: NaiveDate) -> Result<Option<Terms>, MissingDefault> {
        let Form::Cadence(cadence) = &entry.form else {
            return Ok(None);
        };
        let period = cadence.recurrence.period();
        let window = match cadence.recurrence {
            Recurrence::Period(_) => 1,
            Recurrence::EveryMonths(months) => months,
        };
        let number = |own: Option<u32>, key: &'static str, name: &'static str| {
            own.or_else(|| self.number(key, name, date))
                .ok_or(MissingDefault { key, name })
        };
        Ok(Some(Terms {
            period,
            window,
            due_soon_days: number(cadence.due_soon_days, DUE_SOON, period_name(period))?,
            filing_days: number(cadence.filing_days, FILING, "days")?,
            make_up_days: number(cadence.make_up_days, MAKE_UP, period_name(period))?,
            on_time_until: self.on_time_until(cadence, period, date),
            held: self.held(cadence, date)?,
        }))
    }

    fn on_time_until(&self, cadence: &Cadence, period: PeriodKind, date: NaiveDate) -> Option<MonthDay> {
        if period != PeriodKind::Year {
            return None;
        }
        cadence
            .on_time_until
            .or_else(|| match self.quantity(YEARLY_GRACE, "until", date) {
                Some(Quantity::Day(day)) => Some(*day),
                Some(_) | None => None,
            })
    }

    fn held(&self, cadence: &Cadence, date: NaiveDate) -> Result<Share, MissingDefault> {
        let of_a_committee = |kind: &ActivityKind| capabilities(*kind).expected == Expected::Committee;
        let committee = cadence.activities.iter().any(of_a_committee);
        let team = cadence.act.is_some_and(ActKind::is_of_a_team);
        let name = if committee || team { "committee" } else { "members" };
        let default = match self.quantity(HELD, name, date) {
            Some(Quantity::Share(share)) => Some(*share),
            Some(_) | None => None,
        };
        cadence.held.or(default).ok_or(MissingDefault { key: HELD, name })
    }
}

/// A default that neither the cadence nor the document gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the threshold entry `{key}` must give `{name}`, or the cadence its own value")]
pub struct MissingDefault {
    pub key: &'static str,
    pub name: &'static str,
}
