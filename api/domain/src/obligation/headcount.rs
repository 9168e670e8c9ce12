//! What of an org's people its obligations follow from: how many there are, against the sizes that rules name.

use crate::obligation::facts::OrganizationFacts;
use crate::rulebook::words::CountedMembers;
use crate::rulebook::{Entry, Rulebook, Size};

/// How many people an org has, as rules count them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Headcount {
    pub members: u32,
    /// 正式党员
    pub full_members: u32,
    /// Full members whose right to vote is not suspended.
    pub voting_members: u32,
    /// Members who are neither exempt nor away.
    pub unexempt_members: u32,
}

impl Headcount {
    #[must_use]
    pub fn of(organization: &OrganizationFacts) -> Self {
        Self {
            members: organization.members,
            full_members: organization.full_members,
            voting_members: organization.voting_members,
            unexempt_members: organization.unexempt_members,
        }
    }

    /// Without those who came.
    #[must_use]
    pub fn without(self, came: Self) -> Self {
        Self {
            members: self.members.saturating_sub(came.members),
            full_members: self.full_members.saturating_sub(came.full_members),
            voting_members: self.voting_members.saturating_sub(came.voting_members),
            unexempt_members: self.unexempt_members.saturating_sub(came.unexempt_members),
        }
    }

    /// Whether judging an org that is else as it was may come to something else by any of these books than it did with other people:
    /// nobody is expected where somebody was, a rule is for another size, or the branch is small enough to meet jointly and was not.
    /// Where not, it comes to the same.
    #[must_use]
    pub fn matters<'a>(self, before: Self, books: impl IntoIterator<Item = &'a Rulebook>) -> bool {
        let nobody = |people: Self| people.unexempt_members == 0;
        let sized = |entry: &Entry| {
            entry
                .applies_to
                .size
                .is_some_and(|size| self.fits(size) != before.fits(size))
        };
        let small = |least: u32| (self.full_members < least) != (before.full_members < least);
        let mut books = books.into_iter();
        nobody(self) != nobody(before)
            || books.any(|book| book.entries.iter().any(sized) || book.small_branches().any(small))
    }

    pub(super) fn fits(self, size: Size) -> bool {
        let counted = match size.count {
            CountedMembers::All => self.members,
            CountedMembers::Full => self.full_members,
            CountedMembers::Voting => self.voting_members,
        };
        size.at_least.is_none_or(|least| least <= counted) && size.at_most.is_none_or(|most| counted <= most)
    }
}
