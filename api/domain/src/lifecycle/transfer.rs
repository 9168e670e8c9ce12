//! The life of an affiliation transfer 组织关系转接: asked for, then accepted, rejected or withdrawn, once.

use crate::problem::ProblemCode;
use crate::vocabulary::{MemberStatus, OrganizationKind, TransferState};

/// What is done to a transfer that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// By the side it leads to, or above both.
    Accept,
    /// By either side.
    Reject,
    /// By who asked.
    Withdraw,
}

/// The state after a command.
///
/// # Errors
/// `ALREADY_DECIDED` of what is no longer open.
pub fn after(state: TransferState, command: Command) -> Result<TransferState, ProblemCode> {
    match (state, command) {
        (TransferState::Requested, Command::Accept) => Ok(TransferState::Accepted),
        (TransferState::Requested, Command::Reject) => Ok(TransferState::Rejected),
        (TransferState::Requested, Command::Withdraw) => Ok(TransferState::Withdrawn),
        (TransferState::Accepted | TransferState::Rejected | TransferState::Withdrawn, _) => {
            Err(ProblemCode::AlreadyDecided)
        }
    }
}

/// Whether a branch can take a member in.
///
/// # Errors
/// `KIND_NOT_ALLOWED_HERE`, `WRONG_STATE` of a dissolved one, `INVALID` of the one they are in.
pub fn may_lead_to(kind: OrganizationKind, dissolved: bool, own: bool) -> Result<(), ProblemCode> {
    match (kind, dissolved, own) {
        (_, _, true) => Err(ProblemCode::Invalid),
        (OrganizationKind::Branch, false, false) => Ok(()),
        (OrganizationKind::Branch, true, false) => Err(ProblemCode::WrongState),
        (
            OrganizationKind::CityCommittee
            | OrganizationKind::CountyCommittee
            | OrganizationKind::WorkingCommittee
            | OrganizationKind::TownCommittee
            | OrganizationKind::SubdistrictWorkingCommittee
            | OrganizationKind::DepartmentCommittee
            | OrganizationKind::DirectlyAffiliatedUnitCommittee
            | OrganizationKind::PrimaryCommittee
            | OrganizationKind::GeneralBranch
            | OrganizationKind::PartyGroup
            | OrganizationKind::LeadingPartyMembersGroup,
            _,
            false,
        ) => Err(ProblemCode::KindNotAllowedHere),
    }
}

/// The status in the new branch: who lived away from the old one is, with the transfer, where they live.
#[must_use]
pub fn status_after(status: MemberStatus) -> MemberStatus {
    match status {
        MemberStatus::Floating | MemberStatus::OutOfContact => MemberStatus::Active,
        MemberStatus::Active | MemberStatus::Suspended | MemberStatus::Left => status,
    }
}
