//! The life of an exemption 免于参加: drafted by who does not decide, set by decision of the branch, ended before its day.

use super::{Fields, Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::DecisionState;

const LADDER: &str = "absence-ladder";
const FIELDS: Fields = &["state", "from", "until"];

/// What is done to an exemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Draft,
    /// With the branch's decision, at once.
    Set,
    Accept,
    Reject,
    /// `over`: its last day has passed.
    End {
        over: bool,
    },
}

/// The step of an exemption; `None`: there is none for these days.
///
/// # Errors
/// `ALREADY_DECIDED` or `WRONG_STATE`.
pub fn step(state: Option<DecisionState>, command: Command) -> Taken<DecisionState> {
    use Command as C;
    use DecisionState as S;
    let to = |state| Ok(Step::to(state, FIELDS).by(LADDER));
    let refused = |code, state| Err(Refused::new(code, state).by(LADDER));
    match (command, state) {
        (C::Draft, None) => to(S::Open),
        (C::Set, None) | (C::Accept, Some(S::Open)) => to(S::Accepted),
        (C::Reject, Some(S::Open)) => to(S::Rejected),
        (C::End { over: false }, Some(S::Accepted)) => to(S::Accepted),
        (C::Accept | C::Reject, Some(state)) => refused(ProblemCode::AlreadyDecided, state.as_str()),
        (C::Draft | C::Set | C::End { .. }, Some(state)) => refused(ProblemCode::WrongState, state.as_str()),
        (C::Accept | C::Reject | C::End { .. }, None) => refused(ProblemCode::WrongState, "NONE"),
    }
}
