//! Webhooks 推送地址: told or paused.

use domain::lifecycle::webhook;
use domain::problem::ProblemCode as P;
use domain::vocabulary::{PauseReason, WebhookState};

use crate::holds;

#[test]
fn a_webhook_is_told_or_paused_and_only_a_hand_pauses_what_the_server_paused() {
    use PauseReason::{ByHand, EndpointGone};
    use webhook::Command as C;
    let active = (WebhookState::Active, None);
    let paused = |reason| (WebhookState::Paused, Some(reason));
    let states = [active, paused(ByHand), paused(EndpointGone)];
    let commands = [
        C::Change,
        C::Pause(ByHand),
        C::Pause(EndpointGone),
        C::Resume,
        C::RotateSecret,
        C::Replay,
    ];
    let mut table = vec![
        (active, C::Pause(ByHand), paused(ByHand)),
        (active, C::Pause(EndpointGone), paused(EndpointGone)),
        (paused(EndpointGone), C::Pause(ByHand), paused(ByHand)),
        (paused(ByHand), C::Resume, active),
        (paused(EndpointGone), C::Resume, active),
    ];
    for state in states {
        table.extend([C::Change, C::RotateSecret, C::Replay].map(|command| (state, command, state)));
        // A trial changes nothing, in any state.
        let trial = webhook::step(state, C::Test).unwrap();
        assert_eq!((trial.state, trial.fields), (state, &[][..]));
    }
    holds(&states, &commands, webhook::step, &table, |_, _| P::WrongState);
}
