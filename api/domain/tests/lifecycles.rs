//! The life of each noun, every state against every command: what is not in a table is refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, Utc};
use domain::lifecycle::admission::{self, may_extend, probation_ends};
use domain::lifecycle::applicant::{self, Progress};
use domain::lifecycle::attendance::{self, At};
use domain::lifecycle::{
    Refused, Step, Taken, activity, alert, deviation, exemption, identity_change, leave, measure, post, seat, transfer,
    webhook,
};
use domain::problem::ProblemCode as P;
use domain::vocabulary::{
    ActivityStatus, AdmissionKind, AdmissionState, ApplicantStage, AttendanceState, DecisionState, IdentityChangeState,
    MeasureState, Modality, ObligationStatus, OrganizationKind, PauseReason, TransferState, WebhookState,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// `None`, and every state.
fn and_none<S: Copy>(states: &[S]) -> Vec<Option<S>> {
    std::iter::once(None).chain(states.iter().copied().map(Some)).collect()
}

/// Holds every state against every command: those in the table lead where it says, the others are refused as `refused` says.
/// Whatever is done tells the log of at least one field, unless nothing changes, and doing it twice answers the same.
fn holds<S, C, T>(
    states: &[S],
    commands: &[C],
    step: impl Fn(S, C) -> Taken<T>,
    table: &[(S, C, T)],
    refused: impl Fn(S, C) -> P,
) where
    S: Copy + PartialEq + Debug,
    C: Copy + PartialEq + Debug,
    T: Copy + PartialEq + Debug,
{
    for state in states {
        for command in commands {
            let taken = step(*state, *command);
            assert_eq!(taken, step(*state, *command), "{state:?} {command:?}");
            let row = table.iter().find(|(from, by, _)| from == state && by == command);
            match row {
                Some((.., to)) => {
                    let step = taken.unwrap_or_else(|refused| panic!("{state:?} {command:?}: {refused:?}"));
                    assert_eq!(step.state, *to, "{state:?} {command:?}");
                    assert!(!step.fields.is_empty(), "{state:?} {command:?} tells nobody");
                }
                None => {
                    let code = taken.map(|step| step.state).map_err(|refused| refused.code);
                    assert_eq!(code, Err(refused(*state, *command)), "{state:?} {command:?}");
                }
            }
        }
    }
    for (from, by, _) in table {
        assert!(states.contains(from) && commands.contains(by), "{from:?} {by:?}");
    }
}

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
        attendance::step(&place, state, C::CheckIn { code, given })
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

#[test]
fn a_transfer_is_answered_once() {
    use TransferState as S;
    use transfer::Command as C;
    let commands = [C::Request, C::Accept, C::Reject, C::Withdraw];
    let table = [
        (None, C::Request, S::Requested),
        (Some(S::Accepted), C::Request, S::Requested),
        (Some(S::Rejected), C::Request, S::Requested),
        (Some(S::Withdrawn), C::Request, S::Requested),
        (Some(S::Requested), C::Accept, S::Accepted),
        (Some(S::Requested), C::Reject, S::Rejected),
        (Some(S::Requested), C::Withdraw, S::Withdrawn),
    ];
    holds(
        &and_none(S::ALL),
        &commands,
        transfer::step,
        &table,
        |state, command| match (state, command) {
            (None, _) => P::WrongState,
            (Some(_), C::Request) => P::TransferPending,
            (Some(_), _) => P::AlreadyDecided,
        },
    );
}

#[test]
fn a_transfer_leads_to_another_living_branch() {
    use transfer::may_lead_to;
    assert_eq!(may_lead_to(OrganizationKind::Branch, false, false), Ok(()));
    assert_eq!(may_lead_to(OrganizationKind::Branch, false, true), Err(P::Invalid));
    assert_eq!(may_lead_to(OrganizationKind::Branch, true, false), Err(P::WrongState));
    for kind in OrganizationKind::ALL
        .iter()
        .filter(|kind| **kind != OrganizationKind::Branch)
    {
        assert_eq!(may_lead_to(*kind, false, false), Err(P::KindNotAllowedHere), "{kind}");
    }
}

#[test]
fn g1_1a_an_admission_is_proposed_by_the_branch_and_decided_once() {
    use AdmissionState as S;
    use admission::Command as C;
    let commands = [
        C::Draft,
        C::Propose,
        C::Opine,
        C::Approve,
        C::Reject,
        C::Extend,
        C::Withdraw,
    ];
    let common = [
        (None, C::Draft, S::Draft),
        (None, C::Propose, S::Proposed),
        (Some(S::Draft), C::Draft, S::Draft),
        (Some(S::Draft), C::Propose, S::Proposed),
        (Some(S::Draft), C::Withdraw, S::Withdrawn),
        (Some(S::Proposed), C::Opine, S::Proposed),
        (Some(S::Proposed), C::Approve, S::Approved),
        (Some(S::Proposed), C::Reject, S::Rejected),
        (Some(S::Proposed), C::Withdraw, S::Withdrawn),
    ];
    for kind in AdmissionKind::ALL {
        let extends = *kind == AdmissionKind::FullMembership;
        let extended = Some((Some(S::Proposed), C::Extend, S::Extended)).filter(|_| extends);
        let table: Vec<_> = common.into_iter().chain(extended).collect();
        let step = |state, command| admission::step(*kind, state, command);
        holds(&and_none(S::ALL), &commands, step, &table, |state, _| match state {
            Some(S::Approved | S::Rejected | S::Extended) => P::AlreadyDecided,
            None | Some(S::Draft | S::Proposed | S::Withdrawn) => P::WrongState,
        });
    }
}

#[test]
fn probation_lasts_a_year_and_is_extended_once() {
    let joined = day("2024-02-29");
    assert_eq!(probation_ends(joined, None), day("2025-02-28"));
    assert_eq!(may_extend(joined, None, day("2025-08-28")), Ok(()));
    assert_eq!(may_extend(joined, None, day("2026-02-28")), Ok(()));
    assert_eq!(may_extend(joined, None, day("2025-08-27")), Err(P::Invalid));
    assert_eq!(may_extend(joined, None, day("2026-03-01")), Err(P::Invalid));
    assert_eq!(
        may_extend(joined, Some(day("2025-08-28")), day("2026-02-28")),
        Err(P::WrongState)
    );
}

#[test]
fn an_applicant_goes_forward_one_stage_at_a_time() {
    use ApplicantStage as S;
    let from = |stage| Progress {
        stage,
        reached_on: day("2024-03-01"),
    };
    let step = |stage, to, on| {
        let taken = applicant::step(from(stage), to, on);
        taken.map(|step| step.state.stage)
    };
    let table = [
        (S::Applicant, S::Activist, S::Activist),
        (S::Activist, S::Prospect, S::Prospect),
    ];
    let forward = |stage, to| applicant::step(from(stage), to, day("2024-09-01"));
    let table = table.map(|(stage, to, reached)| {
        let reached_on = day("2024-09-01");
        (
            stage,
            to,
            Progress {
                stage: reached,
                reached_on,
            },
        )
    });
    holds(S::ALL, S::ALL, forward, &table, |_, _| P::WrongState);
    let early = step(S::Applicant, S::Activist, day("2024-02-29")).map_err(|refused| refused.code);
    assert_eq!(early, Err(P::DateTooEarly));
}

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

#[test]
fn an_exemption_is_decided_once_and_ended_before_its_day() {
    use DecisionState as S;
    use exemption::Command as C;
    let (end, over) = (C::End { over: false }, C::End { over: true });
    let commands = [C::Draft, C::Set, C::Accept, C::Reject, end, over];
    let table = [
        (None, C::Draft, S::Open),
        (None, C::Set, S::Accepted),
        (Some(S::Open), C::Accept, S::Accepted),
        (Some(S::Open), C::Reject, S::Rejected),
        (Some(S::Accepted), end, S::Accepted),
    ];
    holds(
        &and_none(S::ALL),
        &commands,
        exemption::step,
        &table,
        |state, command| match (state, command) {
            (Some(_), C::Accept | C::Reject) => P::AlreadyDecided,
            _ => P::WrongState,
        },
    );
}

#[test]
fn a_correction_of_sealed_data_is_decided_once() {
    use IdentityChangeState as S;
    use identity_change::Command as C;
    let commands = [C::Ask, C::Confirm, C::Reject, C::Withdraw];
    let table = [
        (None, C::Ask, S::Asked),
        (Some(S::Asked), C::Confirm, S::Confirmed),
        (Some(S::Asked), C::Reject, S::Rejected),
        (Some(S::Asked), C::Withdraw, S::Withdrawn),
    ];
    holds(
        &and_none(S::ALL),
        &commands,
        identity_change::step,
        &table,
        |state, command| match (state, command) {
            (Some(_), C::Confirm | C::Reject | C::Withdraw) => P::AlreadyDecided,
            _ => P::WrongState,
        },
    );
}

#[test]
fn a_post_is_ended_within_the_time_that_it_was_held() {
    use post::{Command as C, Tenure};
    let today = day("2026-05-20");
    let held = |until: Option<&str>| {
        Some(Tenure {
            since: day("2026-01-10"),
            until: until.map(day),
        })
    };
    let states = [None, held(None), held(Some("2026-05-20")), held(Some("2026-05-21"))];
    let fill = C::Fill(Tenure {
        since: today,
        until: None,
    });
    let end = |text| C::End(day(text));
    let commands = [
        fill,
        end("2026-01-09"),
        end("2026-01-10"),
        end("2026-05-20"),
        end("2026-05-21"),
        C::AssignPortfolio,
    ];
    let ended = |text| held(Some(text)).unwrap();
    let mut table = vec![(
        None,
        fill,
        Tenure {
            since: today,
            until: None,
        },
    )];
    for state in [held(None), held(Some("2026-05-21"))] {
        table.extend([
            (state, end("2026-01-10"), ended("2026-01-10")),
            (state, end("2026-05-20"), ended("2026-05-20")),
            (state, C::AssignPortfolio, state.unwrap()),
        ]);
    }
    let step = |state, command| post::step(state, command, today);
    holds(&states, &commands, step, &table, |state: Option<Tenure>, command| {
        let over = state.is_some_and(|held| held.until == Some(today));
        match (state, command) {
            (Some(_), C::Fill(_)) => P::PostTaken,
            (Some(_), C::End(_)) if !over && command == end("2026-05-21") => P::DateInFuture,
            (Some(_), C::End(_)) if !over => P::DateTooEarly,
            _ => P::WrongState,
        }
    });
}

#[test]
fn a_refusal_names_the_state_and_the_rule_behind_it() {
    let refused: Refused = measure::step(Some(MeasureState::Dismissed), measure::Command::Confirm).unwrap_err();
    let problem = refused.at("measureId");
    assert_eq!(problem.path, ["input", "measureId"]);
    assert_eq!(problem.params["state"], "DISMISSED");
    assert_eq!(problem.basis.as_ref().unwrap().entry, "absence-ladder");
    let step: Step<_> = measure::step(Some(MeasureState::Open), measure::Command::Confirm).unwrap();
    assert_eq!(step.basis, Some("absence-ladder"));
}

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
