//! The life of an admission 发展党员: proposed by the branch and decided by the approver; full membership 转正 likewise, after
//! probation.

use chrono::{Months, NaiveDate};

use super::{Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::{AdmissionKind, AdmissionState, ResolutionKind};

/// Length of probation 预备期; the Party constitution gives it, the guideline does not.
pub const PROBATION: Months = Months::new(12);
/// The shortest extension of probation; the longest is as long as probation.
pub const SHORTEST_EXTENSION: Months = Months::new(6);

/// What is done to an admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// A clerk writes it down, again if need be.
    Draft,
    /// The branch puts it to the approver.
    Propose,
    /// A level between gives its opinion.
    Opine,
    Approve,
    Reject,
    /// Probation goes on.
    Extend,
    /// The branch takes it back.
    Withdraw,
}

/// Entry on the vote that an admission rests on.
const VOTE: &str = "vote-admission";

/// The step of an admission; `None` is what is not there yet.
///
/// # Errors
/// `ALREADY_DECIDED` of what was decided, `WRONG_STATE` of anything else that does not fit.
pub fn step(kind: AdmissionKind, state: Option<AdmissionState>, command: Command) -> Taken<AdmissionState> {
    use AdmissionState as S;
    use Command as C;
    let refused = |code| Err(Refused::new(code, state.map_or("NONE", S::as_str)).by(VOTE));
    let to = |state, fields| Ok(Step::to(state, fields).by(VOTE));
    match (state, command) {
        (None | Some(S::Draft), C::Draft) => to(S::Draft, &["state", "resolution"]),
        (None | Some(S::Draft), C::Propose) => to(S::Proposed, &["state", "resolution"]),
        (Some(S::Proposed), C::Opine) => to(S::Proposed, &["opinions"]),
        (Some(S::Proposed), C::Approve) => to(S::Approved, &["state", "decision"]),
        (Some(S::Proposed), C::Reject) => to(S::Rejected, &["state", "decision"]),
        (Some(S::Proposed), C::Extend) if kind == AdmissionKind::FullMembership => {
            to(S::Extended, &["state", "decision"])
        }
        (Some(S::Draft | S::Proposed), C::Withdraw) => to(S::Withdrawn, &["state"]),
        (Some(S::Approved | S::Rejected | S::Extended), _) => refused(ProblemCode::AlreadyDecided),
        _ => refused(ProblemCode::WrongState),
    }
}

/// Whether an admission in this state stands in the way of another one of the same person.
#[must_use]
pub fn is_open(state: AdmissionState) -> bool {
    matches!(state, AdmissionState::Draft | AdmissionState::Proposed)
}

/// The kind of resolution that an admission rests on.
#[must_use]
pub fn rests_on(kind: AdmissionKind) -> ResolutionKind {
    match kind {
        AdmissionKind::Admission => ResolutionKind::Admission,
        AdmissionKind::FullMembership => ResolutionKind::FullMembership,
    }
}

/// The day on which probation ends: a year after joining, or when its extension ends.
#[must_use]
pub fn probation_ends(joined_on: NaiveDate, extended_until: Option<NaiveDate>) -> NaiveDate {
    extended_until.unwrap_or_else(|| joined_on.checked_add_months(PROBATION).unwrap_or(joined_on))
}

/// Probation is extended once, by half a year to a year.
///
/// # Errors
/// `WRONG_STATE` the second time, `INVALID` of another length.
pub fn may_extend(joined_on: NaiveDate, earlier: Option<NaiveDate>, until: NaiveDate) -> Result<(), ProblemCode> {
    if earlier.is_some() {
        return Err(ProblemCode::WrongState);
    }
    let (first, last) = extension(joined_on);
    if (first..=last).contains(&until) {
        Ok(())
    } else {
        Err(ProblemCode::Invalid)
    }
}

/// The first and the last day until which probation may be extended.
#[must_use]
pub fn extension(joined_on: NaiveDate) -> (NaiveDate, NaiveDate) {
    let end = probation_ends(joined_on, None);
    let later = |months| end.checked_add_months(months).unwrap_or(end);
    (later(SHORTEST_EXTENSION), later(PROBATION))
}
