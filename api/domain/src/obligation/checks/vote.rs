//! Votes: quorum and majority with exact fractions and their denominators (G1.1a, G2.3d, G2.4a).

use serde::Serialize;

use crate::rulebook::form::Vote;
use crate::rulebook::quantity::Share;
use crate::rulebook::words::Denominator;

/// What was counted at a vote. Only those entitled to vote are in these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Entitled and due to come, before anybody is left out.
    pub due: u32,
    /// Of these, left out on a ground that the rulebook allows.
    pub excluded: u32,
    pub present: u32,
    /// Size of the committee, where the rule counts against it.
    pub committee: Option<u32>,
    pub ayes: u32,
    pub noes: u32,
    pub abstentions: u32,
}

/// Result of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct VoteOutcome {
    pub passed: bool,
    pub quorate: bool,
    pub quorum_needed: u32,
    pub ayes_needed: u32,
}

/// Why a count cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VoteInvalid {
    #[error("nobody is due")]
    NobodyDue,
    #[error("the rulebook lets nobody be left out of those due")]
    ExclusionNotAllowed,
    #[error("more are left out than are due")]
    MoreExcludedThanDue,
    #[error("more are present than are due")]
    MorePresentThanDue,
    #[error("more votes than present")]
    MoreVotesThanPresent,
    #[error("the rule needs the size of the committee")]
    CommitteeMissing,
}

impl VoteInvalid {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NobodyDue => "NOBODY_DUE",
            Self::ExclusionNotAllowed => "EXCLUSION_NOT_ALLOWED",
            Self::MoreExcludedThanDue => "MORE_EXCLUDED_THAN_DUE",
            Self::MorePresentThanDue => "MORE_PRESENT_THAN_DUE",
            Self::MoreVotesThanPresent => "MORE_VOTES_THAN_PRESENT",
            Self::CommitteeMissing => "COMMITTEE_MISSING",
        }
    }
}

impl Count {
    /// The numbers, by name.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u32); 6] {
        [
            ("due", self.due),
            ("excluded", self.excluded),
            ("present", self.present),
            ("ayes", self.ayes),
            ("noes", self.noes),
            ("abstentions", self.abstentions),
        ]
    }
}

/// Decides a vote. Present members who cast no vote count as present and for nothing else.
///
/// # Errors
/// Counts that contradict each other or the rule.
pub fn judge(rule: &Vote, count: &Count) -> Result<VoteOutcome, VoteInvalid> {
    check(rule, count)?;
    let quorum_base = base(&rule.quorum, count)?;
    let majority_base = base(&rule.majority, count)?;
    let quorate = rule.quorum.is_reached(count.present, quorum_base);
    Ok(VoteOutcome {
        passed: quorate && rule.majority.is_reached(count.ayes, majority_base),
        quorate,
        quorum_needed: rule.quorum.needed(quorum_base),
        ayes_needed: rule.majority.needed(majority_base),
    })
}

fn check(rule: &Vote, count: &Count) -> Result<(), VoteInvalid> {
    if count.due == 0 {
        return Err(VoteInvalid::NobodyDue);
    }
    if count.excluded > 0 && rule.excludable.is_empty() {
        return Err(VoteInvalid::ExclusionNotAllowed);
    }
    if count.excluded >= count.due {
        return Err(VoteInvalid::MoreExcludedThanDue);
    }
    if count.present > count.due {
        return Err(VoteInvalid::MorePresentThanDue);
    }
    let votes = u64::from(count.ayes) + u64::from(count.noes) + u64::from(count.abstentions);
    if votes > u64::from(count.present) {
        return Err(VoteInvalid::MoreVotesThanPresent);
    }
    Ok(())
}

fn base(share: &Share, count: &Count) -> Result<u32, VoteInvalid> {
    match share.of {
        Denominator::Due | Denominator::Expected => Ok(count.due),
        Denominator::DueMinusExcluded => Ok(count.due.saturating_sub(count.excluded)),
        Denominator::Present => Ok(count.present),
        Denominator::Committee => count.committee.ok_or(VoteInvalid::CommitteeMissing),
    }
}
