//! The ladder of unexcused absences (G2.5a).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use domain::obligation::ladder::{
    Decider, Measure, MeasureChange, Proposal, RunStep, Session, in_a_row, judge, occasions, occasions_over, proposals,
    proposals_over, reconcile,
};
use domain::rulebook::form::Ladder;
use domain::rulebook::{JIAXING_2015, load};
use domain::vocabulary::{ActivityKind, AttendanceState as S, MeasureKind, MeasureState};

fn ladder() -> Ladder {
    load(JIAXING_2015).unwrap().ladder(date(1)).unwrap().1.clone()
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

fn proposed(states: &[S]) -> Option<MeasureKind> {
    judge(&occasions(&sessions(states), &ladder()), &ladder()).map(|proposal| proposal.kind)
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
fn g2_5a_a_fourth_absence_after_a_dismissal_is_a_new_matter_and_after_a_talk_it_is_not() {
    let decided = |state| measure(MeasureKind::CriticismAndEducation, state, &[1, 2, 3]);
    let four = found(&sessions(&[S::Unexcused; 4]));
    assert_eq!(
        reconcile(&[decided(MeasureState::Dismissed)], &four, date(1)),
        [MeasureChange::Open(four[0].clone())]
    );
    let open = measure(MeasureKind::CriticismAndEducation, MeasureState::Open, &[1, 2, 3, 4]);
    assert_eq!(
        reconcile(&[decided(MeasureState::Dismissed), open], &four, date(1)),
        [],
        "once"
    );
    assert_eq!(reconcile(&[decided(MeasureState::Confirmed)], &four, date(1)), []);
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
