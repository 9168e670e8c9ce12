//! The life of an applicant 入党申请人: forward one stage at a time, until admitted or withdrawn.

use chrono::NaiveDate;

use super::{Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::ApplicantStage;

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
pub fn step(from: Progress, to: ApplicantStage, on: NaiveDate) -> Taken<Progress> {
    let next = match from.stage {
        ApplicantStage::Applicant => Some(ApplicantStage::Activist),
        ApplicantStage::Activist => Some(ApplicantStage::Prospect),
        ApplicantStage::Prospect => None,
    };
    let refused = |code| Err(Refused::new(code, from.stage.as_str()).by("vote-admission"));
    if next != Some(to) {
        return refused(ProblemCode::WrongState);
    }
    if on < from.reached_on {
        return refused(ProblemCode::DateTooEarly);
    }
    let reached = Progress {
        stage: to,
        reached_on: on,
    };
    Ok(Step::to(reached, &["stage"]).by("vote-admission"))
}
