//! What happens when something is owed or missed.

use domain::lifecycle::{alert, deviation, measure};
use domain::problem::ProblemCode as P;
use domain::vocabulary::{DecisionState, MeasureState, Modality, ObligationStatus};

use crate::{and_none, holds};

#[test]
fn g2_5a_people_decide_a_measure_once_and_corrections_lift_it() {
    use MeasureState as S;
    use measure::Command as C;
    let commands = [
        C::Open,
        C::Confirm,
        C::Dismiss,
        C::Supersede,
        C::Withdraw,
        C::FlagForReview,
        C::Restore,
        C::HandOver,
    ];
    let table = [
        (None, C::Open, S::Open),
        (Some(S::Open), C::Confirm, S::Confirmed),
        (Some(S::Open), C::Dismiss, S::Dismissed),
        (Some(S::Open), C::Supersede, S::Superseded),
        (Some(S::Open), C::Withdraw, S::Withdrawn),
        (Some(S::Open), C::HandOver, S::Open),
        (Some(S::Confirmed), C::FlagForReview, S::ForReview),
        (Some(S::ForReview), C::Dismiss, S::Dismissed),
        (Some(S::ForReview), C::Restore, S::Confirmed),
        (Some(S::ForReview), C::HandOver, S::ForReview),
    ];
    holds(&and_none(S::ALL), &commands, measure::step, &table, |state, command| {
        let decided = matches!(state, Some(S::Confirmed | S::Dismissed));
        let by_people = matches!(command, C::Confirm | C::Dismiss);
        if decided && by_people {
            P::AlreadyDecided
        } else {
            P::WrongState
        }
    });
}

#[test]
fn a_deviation_is_asked_of_what_is_normally_owed_and_can_still_be_held() {
    use DecisionState as S;
    use deviation::{Command as C, Owed};
    let ask = |modality, closed, status| {
        C::Ask(Owed {
            modality,
            closed,
            status,
        })
    };
    for status in ObligationStatus::ALL {
        let open = matches!(
            status,
            ObligationStatus::Open | ObligationStatus::DueSoon | ObligationStatus::Overdue | ObligationStatus::Missed
        );
        let normally = ask(Some(Modality::Normally), false, *status);
        let closed = ask(Some(Modality::Normally), true, *status);
        let must = ask(Some(Modality::Must), false, *status);
        let unknown = ask(None, false, *status);
        let asked =
            [None, Some(S::Accepted), Some(S::Rejected), Some(S::Withdrawn)].map(|state| (state, normally, S::Open));
        let answers = [
            (Some(S::Open), C::Accept, S::Accepted),
            (Some(S::Open), C::Reject, S::Rejected),
        ];
        let table: Vec<_> = asked.into_iter().filter(|_| open).chain(answers).collect();
        let commands = [normally, closed, must, unknown, C::Accept, C::Reject];
        holds(
            &and_none(S::ALL),
            &commands,
            deviation::step,
            &table,
            |state, command| match (command, state) {
                (C::Ask(owed), _) if owed.modality != Some(Modality::Normally) => P::DeviationNotAllowed,
                (C::Ask(owed), _) if owed.closed => P::PeriodClosed,
                (C::Accept | C::Reject, Some(_)) => P::AlreadyDecided,
                (C::Ask(_) | C::Accept | C::Reject, _) => P::WrongState,
            },
        );
    }
}

#[test]
fn g3_1a_an_alert_closes_with_what_it_is_about_and_survives_missed() {
    use DecisionState as D;
    use ObligationStatus as O;
    use alert::{Command as C, Owed, State};
    let answers = [None, Some(D::Open), Some(D::Accepted), Some(D::Rejected)];
    let states: Vec<Option<State>> = and_none(
        &[true, false]
            .iter()
            .flat_map(|closed| {
                answers.map(|answer| State {
                    closed: *closed,
                    answer,
                })
            })
            .collect::<Vec<_>>(),
    );
    for status in O::ALL {
        for (gone, raises) in [(false, true), (false, false), (true, true), (true, false)] {
            let judge = C::Judge(Owed {
                status: *status,
                gone,
                raises,
            });
            let stands = !gone && matches!(status, O::Overdue | O::Missed);
            let waits = !gone && *status == O::HeldNotFiled;
            for before in &states {
                let step = alert::step(*before, judge).unwrap();
                let expected = match before {
                    None if stands && raises => Some(false),
                    None => None,
                    Some(state) if waits => Some(state.closed),
                    Some(state) if stands => Some(state.closed && state.answer == Some(D::Accepted)),
                    Some(_) => Some(true),
                };
                let closed = step.state.map(|state| state.closed);
                assert_eq!(closed, expected, "{before:?} {status} gone={gone} raises={raises}");
                let again = alert::step(step.state, judge).unwrap();
                assert_eq!(again.state, step.state, "judging twice changes nothing");
                let answer = |state: Option<State>| state.and_then(|state| state.answer);
                assert_eq!(answer(step.state), answer(*before), "what was said stays");
            }
        }
    }
    let after = |before: Option<State>, command| match (command, before) {
        (C::Attend, Some(state)) if !state.closed => Some(state),
        (C::Answer, Some(state)) if !state.closed && state.answer != Some(D::Open) => Some(State {
            closed: false,
            answer: Some(D::Open),
        }),
        (C::AcceptAnswer, Some(state)) if state.answer == Some(D::Open) => Some(State {
            closed: true,
            answer: Some(D::Accepted),
        }),
        (C::RejectAnswer, Some(state)) if state.answer == Some(D::Open) => Some(State {
            answer: Some(D::Rejected),
            ..state
        }),
        _ => None,
    };
    let commands = [C::Attend, C::Answer, C::AcceptAnswer, C::RejectAnswer];
    let table: Vec<_> = states
        .iter()
        .flat_map(|state| commands.map(|command| (*state, command, after(*state, command))))
        .filter(|(.., to)| to.is_some())
        .collect();
    holds(&states, &commands, alert::step, &table, |state, command| {
        let decided = state.is_some_and(|state| matches!(state.answer, Some(D::Accepted | D::Rejected)));
        let decides = matches!(command, C::AcceptAnswer | C::RejectAnswer);
        if decided && decides {
            P::AlreadyDecided
        } else {
            P::WrongState
        }
    });
}
