//! The life of an affiliation transfer 组织关系转接: asked for, then accepted, rejected or withdrawn, once.

use super::{Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::{MemberStatus, OrganizationKind, TransferState};

/// What is done to a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Request,
    /// By the side it leads to, or above both.
    Accept,
    /// By either side.
    Reject,
    /// By who asked.
    Withdraw,
}

/// The step of a transfer; `None`: none waits.
///
/// # Errors
/// `TRANSFER_PENDING` beside another one, `ALREADY_DECIDED` of what is no longer open, `WRONG_STATE` of what is not there.
pub fn step(state: Option<TransferState>, command: Command) -> Taken<TransferState> {
    use TransferState as S;
    let to = |state| Ok(Step::to(state, &["state"]));
    match (state, command) {
        (None | Some(S::Accepted | S::Rejected | S::Withdrawn), Command::Request) => to(S::Requested),
        (Some(S::Requested), Command::Request) => {
            Err(Refused::new(ProblemCode::TransferPending, S::Requested.as_str()))
        }
        (Some(S::Requested), Command::Accept) => to(S::Accepted),
        (Some(S::Requested), Command::Reject) => to(S::Rejected),
        (Some(S::Requested), Command::Withdraw) => to(S::Withdrawn),
        (Some(state), Command::Accept | Command::Reject | Command::Withdraw) => {
            Err(Refused::new(ProblemCode::AlreadyDecided, state.as_str()))
        }
        (None, Command::Accept | Command::Reject | Command::Withdraw) => {
            Err(Refused::new(ProblemCode::WrongState, "NONE"))
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
