//! Which refusals rest on a clause whatever they are about, and which do where the act rests on one.

use super::ProblemCode;

impl ProblemCode {
    /// The entry that every refusal with this code rests on: who does what 一级抓一级, nobody in their own matter, major
    /// matters collectively, one first responsible person.
    #[must_use]
    pub(super) fn principle(self) -> Option<&'static str> {
        match self {
            Self::Forbidden => Some("one-level-down"),
            Self::OwnMatter => Some("not-in-own-matter"),
            Self::CollectiveDecisionRequired => Some("collective-decision"),
            Self::PostTaken => Some("first-responsible-person"),
            _ => None,
        }
    }

    /// Whether a refusal with this code follows from the rules about what was tried; the others are mistakes of the
    /// input, or say that something is not there.
    #[must_use]
    pub(super) fn may_rest_on_a_rule(self) -> bool {
        matches!(
            self,
            Self::AlreadyDecided
                | Self::WrongState
                | Self::PeriodClosed
                | Self::KindNotAllowedHere
                | Self::NotExpected
                | Self::AlreadyRecorded
                | Self::AlreadyScheduled
                | Self::VoteInvalid
                | Self::CheckInClosed
                | Self::DeviationNotAllowed
                | Self::ResolutionNotFitting
                | Self::ResolutionNotPassed
        )
    }
}
