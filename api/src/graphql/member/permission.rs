use domain::problem::Problem;
use domain::vocabulary::MemberStatus;

use crate::ops::member::Member as Row;
use crate::permission;

permission! {
    /// What can be done with a member.
    MemberAction, MemberPermission {
        /// Change what the roster says.
        Record => RecordMember,
        AssignGroup => AssignGroup,
        /// Record that they left, by decision of the branch.
        RecordDeparture => RecordDeparture,
        RequestTransfer => RequestTransfer,
        OpenAccount => OpenAccount,
        SetExemption => SetExemption,
        RevealPhone => RevealPhone,
        RevealIdentity => RevealIdentity,
        /// Ask that one's own identity data be corrected.
        AskIdentityChange => AskIdentityChange,
        AssignExternalId => IdentifyMember,
    }
}

impl MemberAction {
    /// What the present state says against it: nothing is done to somebody who has left.
    #[must_use]
    pub fn against(self, row: &Row) -> Option<Problem> {
        let left = row.status.parse() == Ok(MemberStatus::Left);
        let refused = left && !matches!(self, Self::RevealPhone | Self::RevealIdentity);
        refused.then(|| Problem::wrong_state("memberId", &row.status))
    }
}
