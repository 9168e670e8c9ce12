//! The life of an admission 发展党员: the applicant's stages, then proposed by the branch and decided by the approver;
//! full membership 转正 likewise, after probation.

use chrono::{Months, NaiveDate};

use crate::problem::ProblemCode;
use crate::vocabulary::{AdmissionKind, AdmissionState, ApplicantStage, ResolutionKind};

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

/// The state after a command; `None` is what is not there yet.
///
/// # Errors
/// `ALREADY_DECIDED` of what was decided, `WRONG_STATE` of anything else that does not fit.
pub fn after(
    kind: AdmissionKind,
    state: Option<AdmissionState>,
    command: Command,
) -> Result<AdmissionState, ProblemCode> {
    use AdmissionState as S;
    use Command as C;
    match (state, command) {
        (None | Some(S::Draft), C::Draft) => Ok(S::Draft),
        (None | Some(S::Draft), C::Propose) => Ok(S::Proposed),
        (Some(S::Proposed), C::Opine) => Ok(S::Proposed),
        (Some(S::Proposed), C::Approve) => Ok(S::Approved),
        (Some(S::Proposed), C::Reject) => Ok(S::Rejected),
        (Some(S::Proposed), C::Extend) if kind == AdmissionKind::FullMembership => Ok(S::Extended),
        (Some(S::Draft | S::Proposed), C::Withdraw) => Ok(S::Withdrawn),
        (Some(S::Approved | S::Rejected | S::Extended), _) => Err(ProblemCode::AlreadyDecided),
        _ => Err(ProblemCode::WrongState),
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

/// Where an applicant stands, with the day of each stage reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub stage: ApplicantStage,
    pub reached_on: NaiveDate,
}

/// An applicant goes forward one stage at a time, never back, and no stage is reached before the one before it.
///
/// # Errors
/// `WRONG_STATE`, or `DATE_TOO_EARLY`.
pub fn advance(from: Progress, to: ApplicantStage, on: NaiveDate) -> Result<(), ProblemCode> {
    let next = match from.stage {
        ApplicantStage::Applicant => Some(ApplicantStage::Activist),
        ApplicantStage::Activist => Some(ApplicantStage::Prospect),
        ApplicantStage::Prospect => None,
    };
    if next != Some(to) {
        return Err(ProblemCode::WrongState);
    }
    if on < from.reached_on {
        return Err(ProblemCode::DateTooEarly);
    }
    Ok(())
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
