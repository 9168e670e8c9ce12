use chrono::NaiveDate;
use domain::problem::Problem;
use domain::vocabulary::MemberStatus;

use crate::ops::admission::{Admission, against_full_membership};
use crate::ops::member::Member as Row;
use crate::permission;

permission! {
    /// What can be done with a member.
    MemberAction, MemberPermission {
        /// Change what the roster says.
        Record => RecordMember,
        /// Put them into a group.
        AssignGroup => AssignGroup,
        /// Record that they left, by decision of the branch.
        RecordDeparture => RecordDeparture,
        /// Ask for a transfer.
        RequestTransfer => RequestTransfer,
        /// Open an account for them.
        OpenAccount => OpenAccount,
        /// Exempt them from attendance.
        SetExemption => SetExemption,
        /// See the phone number, with a purpose.
        RevealPhone => RevealPhone,
        /// See identity number, birth date or address, with a purpose.
        RevealIdentity => RevealIdentity,
        /// Ask that one's own identity data be corrected.
        AskIdentityChange => AskIdentityChange,
        /// Put full membership to the approver, once probation has ended.
        ProposeFullMembership => ProposeAdmission,
        /// Give them an id in another system.
        AssignExternalId => IdentifyMember,
    }
}

impl MemberAction {
    /// What the present state says against it: nothing is done to somebody who has left. `proposed` is what was proposed of
    /// their full membership.
    #[must_use]
    pub fn against(self, row: &Row, proposed: &[Admission], today: NaiveDate) -> Option<Problem> {
        if self == Self::ProposeFullMembership {
            return against_full_membership(row, proposed, today);
        }
        let left = row.status.parse() == Ok(MemberStatus::Left);
        let refused = left && !matches!(self, Self::RevealPhone | Self::RevealIdentity);
        refused.then(|| Problem::wrong_state("memberId", &row.status))
    }
}
