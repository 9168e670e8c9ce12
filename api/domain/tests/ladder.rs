//! The ladder of unexcused absences (G2.5a).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use chrono::NaiveDate;
use domain::obligation::ladder::{
    Decider, Measure, MeasureChange, Proposal, RunStep, Session, in_a_row, occasions, occasions_over, proposals,
    proposals_over, reconcile,
};
use domain::rulebook::form::Ladder;
use domain::rulebook::{JIAXING_2015, load};
use domain::vocabulary::{ActivityKind, AttendanceState as S, MeasureKind, MeasureState};

static LADDER: LazyLock<Ladder> = LazyLock::new(|| load(JIAXING_2015).unwrap().ladder(date(1)).unwrap().1.clone());

fn ladder() -> Ladder {
    LADDER.clone()
}

fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
}

fn session(day: u32, state: S) -> Session {
    Session {
        activity: format!("act_{day}"),
        date: date(day),
        kind: ActivityKind::BranchGeneralMeeting,
        state,
        at_group: false,
        neutral: false,
    }
}

fn sessions(states: &[S]) -> Vec<Session> {
    (1..).zip(states).map(|(day, state)| session(day, *state)).collect()
}

fn found(sessions: &[Session]) -> Vec<Proposal> {
    proposals(&occasions(sessions, &ladder()), &ladder())
}

/// What the run that lasts until the end amounts to.
fn proposed(states: &[S]) -> Option<MeasureKind> {
    let in_a_row = in_a_row(&occasions(&sessions(states), &ladder()));
    let reached = ladder().step(in_a_row).map(|step| step.measure);
    let last = found(&sessions(states)).pop();
    assert_eq!(in_a_row > 0, reached.is_some());
    last.filter(|_| in_a_row > 0).map(|proposal| proposal.kind)
}

fn run(days: &[u32]) -> Vec<RunStep> {
    days.iter()
        .map(|day| RunStep {
            date: date(*day),
            activities: vec![format!("act_{day}")],
        })
        .collect()
}

fn measure(kind: MeasureKind, state: MeasureState, days: &[u32]) -> Measure {
    Measure {
        id: format!("msr_{kind}"),
        kind,
        state,
        run: run(days),
    }
}

#[test]
fn g2_5a_one_two_and_three_in_a_row() {
    assert_eq!(proposed(&[]), None);
    assert_eq!(proposed(&[S::Present]), None);
    assert_eq!(proposed(&[S::Unexcused]), Some(MeasureKind::Reminder));
    assert_eq!(proposed(&[S::Unexcused; 2]), Some(MeasureKind::Admonition));
    assert_eq!(proposed(&[S::Unexcused; 3]), Some(MeasureKind::CriticismAndEducation));
    assert_eq!(
        proposed(&[S::Unexcused, S::Present, S::Unexcused]),
        Some(MeasureKind::Reminder)
    );
}

#[test]
fn presence_make_up_study_and_accepted_leave_break_a_run() {
    for breaks in [S::Present, S::MadeUpByStudy, S::OnLeave] {
        assert_eq!(proposed(&[S::Unexcused, breaks]), None, "{breaks}");
        assert_eq!(
            proposed(&[S::Unexcused, breaks, S::Unexcused]),
            Some(MeasureKind::Reminder),
            "{breaks}"
        );
    }
}

#[test]
fn what_is_not_decided_neither_counts_nor_breaks() {
    for neutral in [S::LeavePending, S::Unexplained, S::Disputed, S::Exempt, S::Expected] {
        assert_eq!(proposed(&[neutral; 3]), None, "{neutral}");
        assert_eq!(
            proposed(&[S::Unexcused, neutral, S::Unexcused]),
            Some(MeasureKind::Admonition),
            "{neutral}"
        );
    }
}

#[test]
fn a_leader_s_committee_meetings_are_no_occasions() {
    let committee = Session {
        kind: ActivityKind::BranchCommitteeMeeting,
        ..session(2, S::Unexcused)
    };
    assert_eq!(
        found(&[session(1, S::Unexcused), committee])[0].kind,
        MeasureKind::Reminder
    );
}

#[test]
fn all_activities_of_one_day_are_one_occasion() {
    let second = |state| Session {
        activity: "act_0".to_owned(),
        ..session(1, state)
    };
    let both = found(&[session(1, S::Unexcused), second(S::Unexcused)]);
    assert_eq!(
        (both[0].kind, both[0].run[0].activities.clone()),
        (MeasureKind::Reminder, vec!["act_0".to_owned(), "act_1".to_owned()])
    );
    assert_eq!(found(&[session(1, S::Unexcused), second(S::Present)]), []);
}

#[test]
fn absences_between_transfer_request_and_acceptance_are_neutral() {
    let under_transfer = Session {
        neutral: true,
        ..session(2, S::Unexcused)
    };
    assert_eq!(
        found(&[session(1, S::Unexcused), under_transfer])[0].kind,
        MeasureKind::Reminder
    );
}

#[test]
fn the_group_leader_decides_where_every_absence_was_at_the_group() {
    let at_group = |day| Session {
        at_group: true,
        kind: ActivityKind::PartyGroupMeeting,
        ..session(day, S::Unexcused)
    };
    assert_eq!(found(&[at_group(1), at_group(2)])[0].decider, Decider::GroupLeader);
    assert_eq!(
        found(&[at_group(1), session(2, S::Unexcused)])[0].decider,
        Decider::Secretary
    );
}

#[test]
fn late_entry_of_three_opens_only_the_third() {
    let changes = reconcile(&[], &found(&sessions(&[S::Unexcused; 3])), date(1));
    let [MeasureChange::Open(proposal)] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(
        (proposal.kind, proposal.run.clone()),
        (MeasureKind::CriticismAndEducation, run(&[1, 2, 3]))
    );
}

#[test]
fn a_higher_proposal_supersedes_an_unconfirmed_lower_one() {
    let now = found(&sessions(&[S::Unexcused; 2]));
    let open = measure(MeasureKind::Reminder, MeasureState::Open, &[1]);
    let changes = reconcile(std::slice::from_ref(&open), &now, date(1));
    assert_eq!(
        changes,
        [
            MeasureChange::Supersede { id: open.id.clone() },
            MeasureChange::Open(now[0].clone())
        ]
    );
    let confirmed = Measure {
        state: MeasureState::Confirmed,
        ..open
    };
    assert_eq!(
        reconcile(&[confirmed], &now, date(1)),
        [MeasureChange::Open(now[0].clone())]
    );
}

#[test]
fn a_correction_withdraws_an_open_one_and_flags_a_confirmed_one() {
    let corrected = found(&sessions(&[S::Unexcused, S::Present]));
    let open = measure(MeasureKind::Admonition, MeasureState::Open, &[1, 2]);
    let id = open.id.clone();
    let reminder = MeasureChange::Open(corrected[0].clone());
    assert_eq!(
        reconcile(std::slice::from_ref(&open), &corrected, date(1)),
        [MeasureChange::Withdraw { id: id.clone() }, reminder.clone()]
    );
    let confirmed = Measure {
        state: MeasureState::Confirmed,
        ..open
    };
    assert_eq!(
        reconcile(&[confirmed], &corrected, date(1)),
        [MeasureChange::FlagForReview { id }, reminder]
    );
}

#[test]
fn a_single_absence_keeps_its_reminder_after_later_presence() {
    let now = found(&sessions(&[S::Unexcused, S::Present, S::Present]));
    assert_eq!(
        reconcile(
            &[measure(MeasureKind::Reminder, MeasureState::Open, &[1])],
            &now,
            date(1)
        ),
        []
    );
}

#[test]
fn what_people_dismissed_stays_dismissed_for_its_run() {
    let dismissed = measure(MeasureKind::Reminder, MeasureState::Dismissed, &[1]);
    assert_eq!(
        reconcile(
            std::slice::from_ref(&dismissed),
            &found(&sessions(&[S::Unexcused])),
            date(1)
        ),
        []
    );
    let two = found(&sessions(&[S::Unexcused; 2]));
    assert_eq!(
        reconcile(&[dismissed], &two, date(1)),
        [MeasureChange::Open(two[0].clone())]
    );
}

#[test]
fn a_fourth_absence_in_a_row_after_a_dismissed_third_is_proposed_again() {
    let third = measure(MeasureKind::CriticismAndEducation, MeasureState::Dismissed, &[1, 2, 3]);
    let three = found(&sessions(&[S::Unexcused; 3]));
    assert_eq!(reconcile(std::slice::from_ref(&third), &three, date(1)), []);
    let four = found(&sessions(&[S::Unexcused; 4]));
    let [MeasureChange::Open(proposal)] = &reconcile(std::slice::from_ref(&third), &four, date(1))[..] else {
        panic!("the fourth is a new fact")
    };
    assert_eq!(
        (proposal.kind, proposal.run.clone()),
        (MeasureKind::CriticismAndEducation, run(&[1, 2, 3, 4]))
    );
    // One that people confirmed, or have before them, answers for the whole run.
    for state in [MeasureState::Open, MeasureState::Confirmed] {
        let answered = Measure { state, ..third.clone() };
        assert_eq!(reconcile(&[answered], &four, date(1)), [], "{state}");
    }
    // Dismissed again, the run of four stays dismissed; presence ends it.
    let fourth = measure(
        MeasureKind::CriticismAndEducation,
        MeasureState::Dismissed,
        &[1, 2, 3, 4],
    );
    assert_eq!(reconcile(&[third.clone(), fourth], &four, date(1)), []);
    let ended = found(&sessions(&[S::Unexcused, S::Unexcused, S::Unexcused, S::Present]));
    assert_eq!(reconcile(&[third], &ended, date(1)), []);
}

#[test]
fn an_open_lower_one_gives_way_when_a_dismissed_higher_one_is_proposed_again() {
    let second = measure(MeasureKind::Admonition, MeasureState::Open, &[1, 2]);
    let third = measure(MeasureKind::CriticismAndEducation, MeasureState::Dismissed, &[1, 2, 3]);
    let of = |number: usize| {
        let now = found(&sessions(&vec![S::Unexcused; number]));
        reconcile(&[second.clone(), third.clone()], &now, date(1))
    };
    assert_eq!(of(3), [], "what was dismissed brings nothing down");
    assert_eq!(of(4)[0], MeasureChange::Supersede { id: second.id.clone() });
    assert_eq!(of(4).len(), 2);
}

#[test]
fn leave_breaks_a_run_or_is_neutral_as_the_rulebook_says() {
    let mut neutral = ladder();
    neutral.breaks.retain(|state| *state != S::OnLeave);
    neutral.neutral.push(S::OnLeave);
    let with_leave = sessions(&[S::Unexcused, S::OnLeave, S::Unexcused]);
    let kinds = |ladder: &Ladder| -> Vec<MeasureKind> {
        let found = proposals(&occasions(&with_leave, ladder), ladder);
        found.into_iter().map(|proposal| proposal.kind).collect()
    };
    assert_eq!(kinds(&ladder()), [MeasureKind::Reminder, MeasureKind::Reminder]);
    assert_eq!(kinds(&neutral), [MeasureKind::Admonition]);
}

#[test]
fn an_unexplained_absence_counts_from_the_secretary_s_decision() {
    let until = |third| proposed(&[S::Unexcused, S::Unexplained, third]);
    assert_eq!(
        until(S::Unexcused),
        Some(MeasureKind::Admonition),
        "undecided it is neutral"
    );
    let decided = proposed(&[S::Unexcused, S::Unexcused, S::Unexcused]);
    assert_eq!(decided, Some(MeasureKind::CriticismAndEducation));
    let excused = found(&sessions(&[S::Unexcused, S::OnLeave, S::Unexcused]));
    assert!(excused.iter().all(|proposal| proposal.kind == MeasureKind::Reminder));
    // The second was undecided when the reminder opened; decided it supersedes the reminder.
    let reminder = measure(MeasureKind::Reminder, MeasureState::Open, &[1]);
    let now = found(&sessions(&[S::Unexcused, S::Unexcused]));
    assert_eq!(
        reconcile(std::slice::from_ref(&reminder), &now, date(1))[0],
        MeasureChange::Supersede { id: reminder.id }
    );
}

#[test]
fn a_run_goes_on_over_branch_and_group_across_transfers_and_the_year() {
    let on = |text: &str, at_group, neutral| Session {
        activity: text.to_owned(),
        date: text.parse().unwrap(),
        kind: if at_group {
            ActivityKind::PartyGroupMeeting
        } else {
            ActivityKind::BranchGeneralMeeting
        },
        state: S::Unexcused,
        at_group,
        neutral,
    };
    // Absent at the old branch's group, under transfer, then at the new branch in the new year.
    let all = [
        on("2025-12-01", true, false),
        on("2025-12-20", false, true),
        on("2026-01-10", false, false),
    ];
    let [proposal] = &found(&all)[..] else { panic!() };
    assert_eq!(
        (proposal.kind, proposal.decider),
        (MeasureKind::Admonition, Decider::Secretary)
    );
    assert_eq!(
        proposal
            .run
            .iter()
            .map(|step| step.date.to_string())
            .collect::<Vec<_>>(),
        ["2025-12-01", "2026-01-10"]
    );
    // Under another rulebook since the transfer: the ladder of each day judges the day, that of the last gives the step.
    let mut lenient = ladder();
    lenient.steps.remove(0);
    let (old, new) = (ladder(), lenient);
    let ladder_on = |day: NaiveDate| Some(if day < date(1) { &old } else { &new });
    let over = proposals_over(&occasions_over(&all, ladder_on), ladder_on);
    assert_eq!(over[0].kind, MeasureKind::Admonition);
}

#[test]
fn a_day_is_one_occasion_whatever_the_order_of_entry() {
    let twice = |first, second| {
        let other = Session {
            activity: "act_9".to_owned(),
            ..session(2, second)
        };
        found(&[other, session(2, first), session(1, S::Unexcused)])
    };
    assert_eq!(twice(S::Unexcused, S::Unexcused)[0].kind, MeasureKind::Admonition);
    assert_eq!(twice(S::Unexcused, S::Unexcused)[0].run.len(), 2);
    assert_eq!(
        twice(S::Unexcused, S::Present)[0].kind,
        MeasureKind::Reminder,
        "came once that day"
    );
    assert_eq!(twice(S::Unexcused, S::Unexplained)[0].kind, MeasureKind::Admonition);
}

#[test]
fn measures_from_before_the_occasions_judged_are_left_alone() {
    let old = measure(MeasureKind::Reminder, MeasureState::Open, &[1]);
    assert_eq!(reconcile(&[old], &[], date(2)), []);
}

#[test]
fn a_flagged_measure_that_holds_again_is_restored_once() {
    let now = found(&sessions(&[S::Unexcused]));
    let flagged = measure(MeasureKind::Reminder, MeasureState::ForReview, &[1]);
    let id = flagged.id.clone();
    assert_eq!(
        reconcile(std::slice::from_ref(&flagged), &now, date(1)),
        [MeasureChange::Restore { id }]
    );
    assert_eq!(reconcile(&[flagged], &[], date(1)), []);
}

#[test]
fn the_ladder_of_each_day_judges_that_day() {
    let strict = ladder();
    let mut lenient = ladder();
    lenient.steps.retain(|step| step.in_a_row >= 3);
    let sessions = sessions(&[S::Unexcused, S::Unexcused]);
    let found = |change: u32| {
        let on = |day: NaiveDate| Some(if day < date(change) { &strict } else { &lenient });
        proposals_over(&occasions_over(&sessions, on), on)
    };
    // The ladder in force on the run's last day gives the step.
    assert_eq!(found(3)[0].kind, MeasureKind::Admonition);
    assert_eq!(found(2), []);
    assert_eq!(in_a_row(&occasions(&sessions, &strict)), 2);
}
