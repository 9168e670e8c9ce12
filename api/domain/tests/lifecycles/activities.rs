//! What happens at activities.

use domain::lifecycle::attendance::{self, At};
use domain::lifecycle::{Taken, activity, document, leave, seat};
use domain::problem::ProblemCode as P;
use domain::vocabulary::{ActivityStatus, AttendanceState, DecisionState};

use crate::{and_none, at, holds};

#[test]
fn g1_1_an_activity_is_held_filed_or_cancelled_once() {
    use ActivityStatus as S;
    use activity::Command as C;
    let (bare, with) = (C::Record { with_minutes: false }, C::Record { with_minutes: true });
    let (right, file) = (C::Correct { with_minutes: false }, C::Correct { with_minutes: true });
    let commands = [C::Reschedule, C::IssueCode, C::Cancel, bare, with, right, file];
    let table = [
        (S::Scheduled, C::Reschedule, S::Scheduled),
        (S::Scheduled, C::IssueCode, S::Scheduled),
        (S::Scheduled, C::Cancel, S::Cancelled),
        (S::Scheduled, bare, S::Held),
        (S::Scheduled, with, S::Filed),
        (S::Held, right, S::Held),
        (S::Held, file, S::Filed),
        (S::Filed, right, S::Filed),
        (S::Filed, file, S::Filed),
    ];
    holds(S::ALL, &commands, activity::step, &table, |state, command| {
        let recorded = matches!(state, S::Held | S::Filed) && matches!(command, C::Record { .. });
        if recorded { P::AlreadyRecorded } else { P::WrongState }
    });
}

#[test]
fn g1_1f_a_document_only_grows_and_a_further_revision_says_why() {
    use document::{Class, Command as C};
    let (plain, reasoned) = (C::File { reasoned: false }, C::File { reasoned: true });
    let states = [None, Some(1), Some(2), Some(40)];
    let table = [
        (None, plain, 1),
        (None, reasoned, 1),
        (Some(1), reasoned, 2),
        (Some(2), reasoned, 3),
        (Some(40), reasoned, 41),
    ];
    for class in Class::ALL {
        let step = |latest, command| document::step(*class, latest, command);
        holds(&states, &[plain, reasoned], step, &table, |_, _| P::Required);
        assert_eq!(step(None, plain).unwrap().basis, Some("filing-days"));
    }
}

#[test]
fn g2_5a_an_attendance_is_settled_by_the_member_and_by_decision() {
    use AttendanceState as S;
    use attendance::Command as C;
    let decide = |found| C::DecideDispute { found };
    let commands = [
        C::AskLeave,
        C::GrantLeave,
        C::RefuseLeave,
        C::Dispute,
        decide(S::Present),
        decide(S::Unexcused),
        decide(S::Exempt),
        C::AcceptMakeUpStudy,
    ];
    let place = |status, now| At {
        status,
        starts_at: at("2026-11-10T01:00:00Z"),
        now: at(now),
    };
    // Granting or refusing changes the request; of who does not wait for it the attendance stays.
    let answered = |pending: (S, S)| {
        S::ALL.iter().flat_map(move |state| {
            let (granted, refused) = if *state == S::LeavePending {
                pending
            } else {
                (*state, *state)
            };
            [(*state, C::GrantLeave, granted), (*state, C::RefuseLeave, refused)]
        })
    };
    let disputed = [
        (S::Unexcused, C::Dispute, S::Disputed),
        (S::Unexplained, C::Dispute, S::Disputed),
    ];

    let before = place(ActivityStatus::Scheduled, "2026-11-10T00:59:59Z");
    let table: Vec<_> = answered((S::OnLeave, S::Expected))
        .chain(disputed)
        .chain([(S::Expected, C::AskLeave, S::LeavePending)])
        .collect();
    let step = |state, command| attendance::step(&before, state, command);
    holds(S::ALL, &commands, step, &table, |_, _| P::WrongState);

    let begun = place(ActivityStatus::Scheduled, "2026-11-10T01:00:00Z");
    let table: Vec<_> = answered((S::OnLeave, S::Expected)).chain(disputed).collect();
    let step = |state, command| attendance::step(&begun, state, command);
    holds(S::ALL, &commands, step, &table, |_, _| P::WrongState);

    for status in [ActivityStatus::Held, ActivityStatus::Filed] {
        let after = place(status, "2026-11-11T01:00:00Z");
        let found = [S::Present, S::Unexcused].map(|found| (S::Disputed, decide(found), found));
        let made_up = [S::OnLeave, S::LeavePending, S::Unexcused, S::Unexplained, S::Disputed]
            .map(|state| (state, C::AcceptMakeUpStudy, S::MadeUpByStudy));
        let table: Vec<_> = answered((S::OnLeave, S::Unexplained))
            .chain(disputed)
            .chain(found)
            .chain(made_up)
            .collect();
        let step = |state, command| attendance::step(&after, state, command);
        holds(S::ALL, &commands, step, &table, |state, command| {
            let impossible = state == S::Disputed && command == decide(S::Exempt);
            if impossible { P::Invalid } else { P::WrongState }
        });
    }
}

#[test]
fn a_code_of_yesterday_opens_nothing() {
    use attendance::Command as C;
    let until = at("2026-11-10T01:15:00Z");
    let check_in = |status, state, now: &str, given: &str| {
        let place = At {
            status,
            starts_at: at("2026-11-10T01:00:00Z"),
            now: at(now),
        };
        let code = Some(("123456", until));
        attendance::step(&place, state, C::CheckIn { code, given, wrong: 4 })
    };
    let code = |taken: Taken<AttendanceState>| taken.map(|step| step.state).map_err(|refused| refused.code);
    let (open, expected) = (ActivityStatus::Scheduled, AttendanceState::Expected);
    let at_nine = |now: &str, given: &str| code(check_in(open, expected, now, given));
    assert_eq!(at_nine("2026-11-10T00:29:59Z", "123456"), Err(P::CheckInClosed));
    assert_eq!(
        at_nine("2026-11-10T01:10:00Z", " 123456 "),
        Ok(AttendanceState::Present)
    );
    assert_eq!(at_nine("2026-11-10T01:10:00Z", "654321"), Err(P::CheckInCodeWrong));
    assert_eq!(at_nine("2026-11-10T01:16:00Z", "123456"), Err(P::CheckInClosed));
    for status in [ActivityStatus::Held, ActivityStatus::Filed, ActivityStatus::Cancelled] {
        let late = code(check_in(status, expected, "2026-11-10T01:10:00Z", "123456"));
        assert_eq!(late, Err(P::CheckInClosed), "{status}");
    }
    for state in AttendanceState::ALL {
        let step = check_in(open, *state, "2026-11-10T01:10:00Z", "123456").unwrap();
        assert_eq!(step.state, AttendanceState::Present, "{state}");
        let told = *state != AttendanceState::Present;
        assert_eq!(!step.fields.is_empty(), told, "who is there already changes nothing");
    }
}

#[test]
fn five_wrong_codes_are_the_last_that_are_taken() {
    let place = At {
        status: ActivityStatus::Scheduled,
        starts_at: at("2026-11-10T01:00:00Z"),
        now: at("2026-11-10T01:05:00Z"),
    };
    let until = at("2026-11-10T01:15:00Z");
    let code = Some(("123456", until));
    for (wrong, given, answer) in [
        (0, "000000", Err(P::CheckInCodeWrong)),
        (4, "000000", Err(P::CheckInCodeWrong)),
        (4, "123456", Ok(AttendanceState::Present)),
        (5, "000000", Err(P::CheckInBlocked)),
        (5, "123456", Err(P::CheckInBlocked)),
        (6, "123456", Err(P::CheckInBlocked)),
    ] {
        let taken = attendance::step(
            &place,
            AttendanceState::Expected,
            attendance::Command::CheckIn { code, given, wrong },
        );
        let taken = taken.map(|step| step.state).map_err(|refused| refused.code);
        assert_eq!(taken, answer, "{given} after {wrong} wrong ones");
        let before = attendance::against_check_in(&place, Some(until), wrong);
        assert_eq!(before, (wrong >= 5).then_some(P::CheckInBlocked), "{wrong}");
    }
    let closed = attendance::against_check_in(&place, Some(at("2026-11-10T01:04:00Z")), 5);
    assert_eq!(closed, Some(P::CheckInClosed), "whose code is over is told so first");
    assert_eq!(attendance::against_check_in(&place, None, 0), Some(P::CheckInClosed));
}

#[test]
fn a_request_for_leave_is_answered_once_and_goes_with_the_seat() {
    use DecisionState as S;
    use leave::Command as C;
    let commands = [C::Ask, C::Grant, C::Refuse, C::BecomeNeedless, C::LoseSeat];
    let table = [
        (None, C::Ask, S::Open),
        (Some(S::Withdrawn), C::Ask, S::Open),
        (Some(S::Open), C::Grant, S::Accepted),
        (Some(S::Open), C::Refuse, S::Rejected),
        (Some(S::Open), C::BecomeNeedless, S::Withdrawn),
        (Some(S::Open), C::LoseSeat, S::Withdrawn),
        (Some(S::Accepted), C::LoseSeat, S::Withdrawn),
    ];
    let refused = |state: Option<S>, _| {
        if state.is_none() {
            P::WrongState
        } else {
            P::AlreadyDecided
        }
    };
    holds(&and_none(S::ALL), &commands, leave::step, &table, refused);
    assert_eq!(leave::fitting(C::LoseSeat).collect::<Vec<_>>(), [S::Open, S::Accepted]);
    assert_eq!(leave::fitting(C::BecomeNeedless).collect::<Vec<_>>(), [S::Open]);
}

#[test]
fn a_seat_follows_the_people_until_somebody_sits_on_it() {
    use AttendanceState as S;
    for held in and_none(S::ALL) {
        for meant in [None, Some(S::Expected), Some(S::Exempt)] {
            let step = seat::step(held, meant);
            let (state, changes) = match (held, meant) {
                (None, meant) => (meant, meant.is_some()),
                (Some(S::Present), _) => (held, false),
                (Some(_), None) => (None, true),
                (Some(S::Expected | S::LeavePending), Some(S::Exempt)) => (meant, true),
                (Some(S::Exempt), Some(S::Expected)) => (meant, true),
                (Some(_), Some(_)) => (held, false),
            };
            assert_eq!(
                (step.state, !step.fields.is_empty()),
                (state, changes),
                "{held:?} {meant:?}"
            );
            assert!(
                seat::step(step.state, meant).fields.is_empty(),
                "a second time changes nothing"
            );
        }
    }
}
