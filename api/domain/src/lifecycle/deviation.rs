//! The life of a deviation 偏离: asked of what is only `normally` (一般、原则上) owed and still open, then decided by the superior.

use super::{Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::{DecisionState, Modality, ObligationStatus};

/// The obligation that it is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// Of its rule; `None` where no book has it any more.
    pub modality: Option<Modality>,
    pub closed: bool,
    pub status: ObligationStatus,
}

/// What is done to a deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Ask(Owed),
    Accept,
    Reject,
}

/// The step of a deviation; `None`: none waits. Its basis is the rule of the obligation.
///
/// # Errors
/// `DEVIATION_NOT_ALLOWED`, `PERIOD_CLOSED`, `WRONG_STATE` or `ALREADY_DECIDED`.
pub fn step(state: Option<DecisionState>, command: Command) -> Taken<DecisionState> {
    use DecisionState as S;
    let refused = |code, state| Err(Refused::new(code, state));
    match (command, state) {
        (Command::Ask(owed), _) if owed.modality != Some(Modality::Normally) => {
            refused(ProblemCode::DeviationNotAllowed, owed.status.as_str())
        }
        (Command::Ask(owed), _) if owed.closed => refused(ProblemCode::PeriodClosed, owed.status.as_str()),
        (Command::Ask(owed), _) if !may_still_be_held(owed.status) => {
            refused(ProblemCode::WrongState, owed.status.as_str())
        }
        (Command::Ask(_), Some(S::Open)) => refused(ProblemCode::WrongState, "DEVIATION_ASKED"),
        (Command::Ask(_), None | Some(S::Accepted | S::Rejected | S::Withdrawn)) => {
            Ok(Step::to(S::Open, &["state", "newDate"]))
        }
        (Command::Accept, Some(S::Open)) => Ok(Step::to(S::Accepted, &["state", "newDate"])),
        (Command::Reject, Some(S::Open)) => Ok(Step::to(S::Rejected, &["state", "newDate"])),
        (Command::Accept | Command::Reject, None) => refused(ProblemCode::WrongState, "NONE"),
        (Command::Accept | Command::Reject, Some(state)) => refused(ProblemCode::AlreadyDecided, state.as_str()),
    }
}

fn may_still_be_held(status: ObligationStatus) -> bool {
    use ObligationStatus as S;
    match status {
        S::Open | S::DueSoon | S::Overdue | S::Missed => true,
        S::NotOwed | S::Met | S::HeldNotFiled | S::Excused | S::HeldLate => false,
    }
}
