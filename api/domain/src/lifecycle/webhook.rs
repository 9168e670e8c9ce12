//! The life of a webhook 事件推送: told what changes, or paused; deleted only by hand, from any state.

use super::{Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::{PauseReason, WebhookState};

/// How a webhook stands: its state, and why it is paused where it is.
pub type Standing = (WebhookState, Option<PauseReason>);

/// What is done to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Address, what it is told of, document.
    Change,
    /// By somebody, or by the server for a reason of its own.
    Pause(PauseReason),
    Resume,
    RotateSecret,
    /// Goes on from another place in the log.
    Replay,
    Test,
}

/// The step of a webhook.
///
/// # Errors
/// `WRONG_STATE` of one that is paused already, or is not.
pub fn step(standing: Standing, command: Command) -> Taken<Standing> {
    use WebhookState as S;
    let refused = |state| Err(Refused::new(ProblemCode::WrongState, state));
    match (standing, command) {
        (_, Command::Change) => Ok(Step::to(standing, &["url", "types", "within", "document"])),
        (_, Command::RotateSecret) => Ok(Step::to(standing, &["secrets"])),
        (_, Command::Replay) => Ok(Step::to(standing, &["position"])),
        (_, Command::Test) => Ok(Step::to(standing, &[])),
        ((S::Active, _), Command::Pause(reason)) => Ok(Step::to((S::Paused, Some(reason)), &["state"])),
        // Whoever pauses what the server paused means that it stays so.
        ((S::Paused, Some(before)), Command::Pause(PauseReason::ByHand)) if before != PauseReason::ByHand => {
            Ok(Step::to((S::Paused, Some(PauseReason::ByHand)), &["state"]))
        }
        ((S::Paused, _), Command::Pause(_)) => refused(S::Paused.as_str()),
        ((S::Paused, _), Command::Resume) => Ok(Step::to((S::Active, None), &["state"])),
        ((S::Active, _), Command::Resume) => refused("NOT_PAUSED"),
    }
}
