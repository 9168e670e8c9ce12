//! The life of a request for leave 请假: asked in person, granted or refused, withdrawn with the seat or where it is not needed.

use super::{Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::DecisionState;

const LADDER: &str = "absence-ladder";

/// What is done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// By the member in person (G2.2a).
    Ask,
    Grant,
    Refuse,
    /// Who asked was there all the same, studied afterwards, or is exempt: only what waits is withdrawn.
    BecomeNeedless,
    /// The seat is given up: leave goes with it, also what was granted.
    LoseSeat,
}

/// The step of a request; `None` is what was never asked.
///
/// # Errors
/// `ALREADY_DECIDED` of what was asked or answered, `WRONG_STATE` of what is not there or was withdrawn.
pub fn step(state: Option<DecisionState>, command: Command) -> Taken<DecisionState> {
    use Command as C;
    use DecisionState as S;
    let to = |state| Ok(Step::to(state, &["state"]).by(LADDER));
    match (command, state) {
        // What was withdrawn with an earlier seat is as if it had not been asked.
        (C::Ask, None | Some(S::Withdrawn)) => to(S::Open),
        (C::Grant, Some(S::Open)) => to(S::Accepted),
        (C::Refuse, Some(S::Open)) => to(S::Rejected),
        (C::BecomeNeedless, Some(S::Open)) | (C::LoseSeat, Some(S::Open | S::Accepted)) => to(S::Withdrawn),
        (_, None) => Err(Refused::new(ProblemCode::WrongState, "NONE").by(LADDER)),
        (_, Some(state)) => Err(Refused::new(ProblemCode::AlreadyDecided, state.as_str()).by(LADDER)),
    }
}

/// The states in which a command fits.
pub fn fitting(command: Command) -> impl Iterator<Item = DecisionState> {
    DecisionState::ALL
        .iter()
        .copied()
        .filter(move |state| step(Some(*state), command).is_ok())
}

/// Whether a request counts; one that was withdrawn is as if it had not been made.
#[must_use]
pub fn stands(state: DecisionState) -> bool {
    state != DecisionState::Withdrawn
}
