//! The life of an alert 预警 (G3.1a): raised with the first overdue day, open until the obligation is met, made up, or the
//! org's answer is accepted; open again where a correction takes away what had closed it.

use super::{Fields, Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::{DecisionState, ObligationStatus};

const ESCALATION: &str = "escalation";
const ANSWERED: Fields = &["answerState", "closedAt"];
const CLIMBED: Fields = &["level", "states", "closedAt"];

/// How an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub closed: bool,
    /// What became of the org's answer; `None`: it gave none.
    pub answer: Option<DecisionState>,
}

/// What happens to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Its obligation was judged.
    Judge(Owed),
    /// 已阅 or 督办: nothing changes but who was told.
    Attend,
    /// The org says why, and what follows.
    Answer,
    AcceptAnswer,
    RejectAnswer,
}

/// The obligation as judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    pub status: ObligationStatus,
    /// The org is dissolved: nobody can act any more.
    pub gone: bool,
    /// Whether the rulebook still raises an alert of it: what was missed longer ago than it says raises none.
    pub raises: bool,
}

/// The step of an alert; `None`: there is none.
///
/// # Errors
/// `WRONG_STATE` or `ALREADY_DECIDED`; never of a judgement.
pub fn step(state: Option<State>, command: Command) -> Taken<Option<State>> {
    let refused = |code, state| Err(Refused::new(code, state).by(ESCALATION));
    let answered = |answer, closed| {
        let answer = Some(answer);
        Ok(Step::to(Some(State { closed, answer }), ANSWERED).by(ESCALATION))
    };
    match (command, state) {
        (Command::Judge(owed), state) => Ok(judged(state, owed).by(ESCALATION)),
        (_, None) => refused(ProblemCode::WrongState, "NONE"),
        (Command::AcceptAnswer | Command::RejectAnswer, Some(state)) => match (state.answer, command) {
            (None, _) => refused(ProblemCode::WrongState, "UNANSWERED"),
            (Some(DecisionState::Open), Command::AcceptAnswer) => answered(DecisionState::Accepted, true),
            (Some(DecisionState::Open), _) => answered(DecisionState::Rejected, state.closed),
            (Some(decided), _) => refused(ProblemCode::AlreadyDecided, decided.as_str()),
        },
        (Command::Answer, Some(state)) if state.answer == Some(DecisionState::Open) => {
            refused(ProblemCode::WrongState, "ANSWERED")
        }
        (Command::Answer | Command::Attend, Some(state)) if state.closed => refused(ProblemCode::WrongState, "CLOSED"),
        (Command::Answer, Some(_)) => answered(DecisionState::Open, false),
        (Command::Attend, Some(state)) => Ok(Step::to(Some(state), &["states"]).by(ESCALATION)),
    }
}

fn judged(state: Option<State>, owed: Owed) -> Step<Option<State>> {
    let open = |answer| Some(State { closed: false, answer });
    match (state, stands(owed)) {
        (None, Some(true)) if owed.raises => Step::to(open(None), CLIMBED),
        // Answered and accepted: it stays closed, whatever the obligation says.
        (Some(state), Some(true)) if state.closed && state.answer != Some(DecisionState::Accepted) => {
            Step::to(open(state.answer), CLIMBED)
        }
        // It goes up with time, one level after another.
        (Some(state), Some(true)) if !state.closed => Step::to(Some(state), CLIMBED),
        (Some(state), Some(false)) if !state.closed => Step::to(Some(State { closed: true, ..state }), CLIMBED),
        (state, Some(_) | None) => Step::to(state, &[]),
    }
}

/// Whether what the alert is about stands (not held though it was due) or is settled; `None`: held, minutes not filed, which
/// neither raises nor closes.
fn stands(owed: Owed) -> Option<bool> {
    use ObligationStatus as S;
    match owed.status {
        _ if owed.gone => Some(false),
        S::Overdue | S::Missed => Some(true),
        S::Met | S::HeldLate | S::Excused | S::NotOwed | S::Open | S::DueSoon => Some(false),
        S::HeldNotFiled => None,
    }
}
