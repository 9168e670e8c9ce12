//! The roll of a vote 应到会有表决权的党员: who is due, who came, and who is left out of those due (G1.1a).

use crate::rulebook::form::Vote;
use crate::rulebook::words::ExclusionGround;
use crate::vocabulary::{MemberStatus, Standing};

/// A member of the body that votes, on the day of the meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elector {
    pub member_id: String,
    pub standing: Standing,
    pub status: MemberStatus,
    /// Exempt from attendance that day; whether they are due at the vote is another fact, and the rule's to say.
    pub exempt: bool,
    pub present: bool,
}

/// A member left out of those due, on a ground that the rule allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    pub member_id: String,
    pub ground: ExclusionGround,
}

/// How many are due, left out and present. Only those entitled to vote are in these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roll {
    /// Before anybody is left out.
    pub due: u32,
    pub excluded: u32,
    pub present: u32,
}

/// Why somebody cannot be left out. `at` is the place in the list of those left out, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExclusionInvalid {
    #[error("the rulebook does not allow this ground")]
    GroundNotAllowed { at: usize },
    #[error("that person is not due at this vote")]
    NotDue { at: usize },
    #[error("that person is present")]
    Present { at: usize },
    #[error("that person is left out twice")]
    Twice { at: usize },
}

impl ExclusionInvalid {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::GroundNotAllowed { .. } => "EXCLUSION_NOT_ALLOWED",
            Self::NotDue { .. } => "EXCLUDED_NOT_DUE",
            Self::Present { .. } => "EXCLUDED_PRESENT",
            Self::Twice { .. } => "EXCLUDED_TWICE",
        }
    }

    /// The place in the list of those left out, from 0.
    #[must_use]
    pub fn at(self) -> usize {
        match self {
            Self::GroundNotAllowed { at } | Self::NotDue { at } | Self::Present { at } | Self::Twice { at } => at,
        }
    }
}

/// Whether the rule lets a member vote.
#[must_use]
pub fn may_vote(rule: &Vote, elector: &Elector) -> bool {
    rule.voters_standing.contains(&elector.standing)
        && rule.voters_status.contains(&elector.status)
        && (rule.voters_exempt || !elector.exempt)
}

/// Counts the body by the rule.
///
/// # Errors
/// The first person who cannot be left out.
pub fn roll(rule: &Vote, electors: &[Elector], excluded: &[Exclusion]) -> Result<Roll, ExclusionInvalid> {
    let due = || electors.iter().filter(|elector| may_vote(rule, elector));
    for (at, one) in excluded.iter().enumerate() {
        if !rule.excludable.contains(&one.ground) {
            return Err(ExclusionInvalid::GroundNotAllowed { at });
        }
        let earlier = excluded.iter().take(at);
        if earlier.clone().any(|other| other.member_id == one.member_id) {
            return Err(ExclusionInvalid::Twice { at });
        }
        match due().find(|elector| elector.member_id == one.member_id) {
            None => return Err(ExclusionInvalid::NotDue { at }),
            Some(elector) if elector.present => return Err(ExclusionInvalid::Present { at }),
            Some(_) => {}
        }
    }
    Ok(Roll {
        due: number(due().count()),
        excluded: number(excluded.len()),
        present: number(due().filter(|elector| elector.present).count()),
    })
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
