//! The life of a correction of sealed data 身份信息更正: asked by the member, confirmed or refused by the branch, withdrawn by a
//! later one or with the membership.

use super::{Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::IdentityChangeState;

/// What is done to a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Ask,
    Confirm,
    Reject,
    Withdraw,
}

/// The step of a correction; `None` is what is not there yet.
///
/// # Errors
/// `ALREADY_DECIDED` or `WRONG_STATE`.
pub fn step(state: Option<IdentityChangeState>, command: Command) -> Taken<IdentityChangeState> {
    use IdentityChangeState as S;
    let to = |state| Ok(Step::to(state, &["state"]));
    match (command, state) {
        (Command::Ask, None) => to(S::Asked),
        (Command::Confirm, Some(S::Asked)) => to(S::Confirmed),
        (Command::Reject, Some(S::Asked)) => to(S::Rejected),
        (Command::Withdraw, Some(S::Asked)) => to(S::Withdrawn),
        (Command::Ask, Some(state)) => Err(Refused::new(ProblemCode::WrongState, state.as_str())),
        (Command::Confirm | Command::Reject | Command::Withdraw, Some(state)) => {
            Err(Refused::new(ProblemCode::AlreadyDecided, state.as_str()))
        }
        (Command::Confirm | Command::Reject | Command::Withdraw, None) => {
            Err(Refused::new(ProblemCode::WrongState, "NONE"))
        }
    }
}
