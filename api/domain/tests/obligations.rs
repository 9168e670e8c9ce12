//! Who owes what, and when it is met: one scenario per sentence of the rules.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixtures;

use domain::obligation::{
    Deviation, Facts, Finding, HeldActivity, Missing, NotOwedReason, OrganizationFacts, SuggestedAction,
};
use domain::obligation::{judge, judge_all};
use domain::rulebook::Books;
use domain::vocabulary::*;
use fixtures::{book, branch, day, general, held, judged};

const Q3: (&str, &str) = ("general-meeting", "2026-Q3");

fn status(held: &[HeldActivity], today: &str) -> ObligationStatus {
    judged(&branch(), held, &[], Q3, today).status
}

fn lecture(date: &str) -> HeldActivity {
    held(ActivityKind::PartyLecture, date)
}

fn accepted(rule: &str, period: &str, new_date: Option<&str>) -> Deviation {
    Deviation {
        rule: rule.to_owned(),
        subject: "org_a".to_owned(),
        period: period.parse().unwrap(),
        state: DecisionState::Accepted,
        new_date: new_date.map(day),
    }
}

#[test]
fn g1_1a_general_meeting_is_owed_each_quarter() {
    assert_eq!(status(&[], "2026-07-01"), ObligationStatus::Open);
    assert_eq!(status(&[], "2026-09-16"), ObligationStatus::Open);
    assert_eq!(status(&[], "2026-09-17"), ObligationStatus::DueSoon);
    assert_eq!(status(&[], "2026-09-30"), ObligationStatus::DueSoon);
    assert_eq!(status(&[], "2026-10-01"), ObligationStatus::Overdue);
    assert_eq!(status(&[], "2026-10-30"), ObligationStatus::Overdue);
    assert_eq!(status(&[], "2026-10-31"), ObligationStatus::Missed);
    assert_eq!(status(&[general("2026-08-10")], "2026-08-11"), ObligationStatus::Met);
    assert_eq!(
        status(&[general("2026-10-01")], "2026-10-05"),
        ObligationStatus::Overdue,
        "another quarter's"
    );
    assert_eq!(
        status(&[lecture("2026-08-10")], "2026-08-11"),
        ObligationStatus::Open,
        "another kind"
    );
}

#[test]
fn a_finding_names_its_clause_its_evidence_and_the_next_step() {
    let met = judged(&branch(), &[general("2026-08-10")], &[], Q3, "2026-09-30");
    assert_eq!(
        (met.evidence, met.count, met.missing),
        (vec!["act_2026-08-10".to_owned()], 1, Vec::new())
    );
    assert_eq!(
        (met.basis.rulebook.as_str(), met.basis.clause.as_str()),
        ("jiaxing-2015", "G1.1a")
    );
    let open = judged(&branch(), &[], &[], Q3, "2026-08-01");
    assert_eq!(
        (open.missing, open.suggested_action),
        (vec![Missing::Activities { count: 1 }], Some(SuggestedAction::Hold))
    );
    assert_eq!(open.due_on, day("2026-09-30"));
    let missed = judged(&branch(), &[], &[], Q3, "2026-10-31");
    assert_eq!((missed.closed, missed.closes_on), (true, day("2026-10-31")));
}

#[test]
fn g1_1f_without_minutes_it_is_held_not_filed_for_seven_days() {
    let unfiled = HeldActivity {
        filed_on: None,
        ..general("2026-09-29")
    };
    assert_eq!(
        status(std::slice::from_ref(&unfiled), "2026-10-06"),
        ObligationStatus::HeldNotFiled
    );
    assert_eq!(
        status(std::slice::from_ref(&unfiled), "2026-10-07"),
        ObligationStatus::Overdue
    );
    let overdue = judged(&branch(), std::slice::from_ref(&unfiled), &[], Q3, "2026-10-07");
    assert!(matches!(overdue.missing.as_slice(), [Missing::Minutes { .. }]));
    assert_eq!(overdue.suggested_action, Some(SuggestedAction::FileMinutes));
    let seen_before_filing = HeldActivity {
        filed_on: Some(day("2026-10-05")),
        ..unfiled
    };
    assert_eq!(
        status(&[seen_before_filing], "2026-10-04"),
        ObligationStatus::HeldNotFiled,
        "as of that day"
    );
}

#[test]
fn minutes_filed_after_the_close_revise_to_met_recorded_late() {
    let late = HeldActivity {
        filed_on: Some(day("2026-11-20")),
        ..general("2026-09-01")
    };
    assert_eq!(
        status(std::slice::from_ref(&late), "2026-11-19"),
        ObligationStatus::Missed
    );
    let revised = judged(&branch(), &[late], &[], Q3, "2026-11-20");
    assert_eq!(
        (revised.status, revised.recorded_late, revised.closed),
        (ObligationStatus::Met, true, true)
    );
    assert!(!judged(&branch(), &[general("2026-09-30")], &[], Q3, "2026-11-20").recorded_late);
}

#[test]
fn g1_1h_held_means_attended_by_half_and_a_committee_by_more() {
    let ten = HeldActivity {
        present: 10,
        ..general("2026-08-10")
    };
    assert_eq!(status(&[ten], "2026-08-20"), ObligationStatus::Met);
    let nine = judged(
        &branch(),
        &[HeldActivity {
            present: 9,
            ..general("2026-08-10")
        }],
        &[],
        Q3,
        "2026-08-20",
    );
    assert_eq!(nine.status, ObligationStatus::Open);
    assert!(nine.missing.contains(&Missing::Attendance {
        activity: "act_2026-08-10".to_owned(),
        present: 9,
        needed: 10
    }));
    let committee = |present| {
        let meeting = HeldActivity {
            expected: 4,
            present,
            ..held(ActivityKind::BranchCommitteeMeeting, "2026-08-10")
        };
        judged(
            &branch(),
            &[meeting],
            &[],
            ("committee-meeting", "2026-08"),
            "2026-08-20",
        )
        .status
    };
    assert_eq!(
        (committee(2), committee(3)),
        (ObligationStatus::Open, ObligationStatus::Met)
    );
    assert_eq!(
        status(
            &[HeldActivity {
                expected: 0,
                present: 0,
                ..general("2026-08-10")
            }],
            "2026-08-20"
        ),
        ObligationStatus::Open
    );
}

#[test]
fn a_declared_make_up_is_held_late_and_never_met() {
    let make_up = HeldActivity {
        make_up_for: Some("2026-Q3".parse().unwrap()),
        ..general("2026-10-20")
    };
    assert_eq!(
        status(std::slice::from_ref(&make_up), "2026-10-19"),
        ObligationStatus::Overdue
    );
    assert_eq!(
        status(std::slice::from_ref(&make_up), "2026-12-31"),
        ObligationStatus::HeldLate
    );
    let fourth = judged(
        &branch(),
        std::slice::from_ref(&make_up),
        &[],
        ("general-meeting", "2026-Q4"),
        "2026-10-31",
    );
    assert_eq!(fourth.status, ObligationStatus::Open, "each obligation at most once");
    let too_late = HeldActivity {
        make_up_for: make_up.make_up_for,
        ..general("2026-10-31")
    };
    assert_eq!(status(&[too_late], "2026-12-31"), ObligationStatus::Missed);
}

#[test]
fn g1_1b_monthly_meetings_have_no_make_up_and_close_after_the_filing_days() {
    let month = ("committee-meeting", "2026-09");
    let make_up = HeldActivity {
        make_up_for: Some("2026-09".parse().unwrap()),
        ..held(ActivityKind::BranchCommitteeMeeting, "2026-10-02")
    };
    let on = |today| judged(&branch(), std::slice::from_ref(&make_up), &[], month, today);
    assert_eq!(on("2026-10-07").status, ObligationStatus::Overdue);
    assert_eq!(on("2026-10-08").status, ObligationStatus::Missed);
    assert_eq!(on("2026-10-08").suggested_action, Some(SuggestedAction::AddNote));
}

#[test]
fn g1_1b_only_branches_that_have_a_committee_owe_its_meetings() {
    let book = book();
    let without = OrganizationFacts {
        has_committee: false,
        ..branch()
    };
    let facts = Facts {
        organization: &without,
        held: &[],
        deviations: &[],
        acts: &[],
        below: &[],
    };
    assert!(
        judge(
            &facts,
            &Books::from(&book),
            "committee-meeting",
            &"2026-09".parse().unwrap(),
            day("2026-09-10")
        )
        .is_none()
    );
    let since = OrganizationFacts {
        committee_since: Some(day("2026-09-02")),
        ..branch()
    };
    let finding = |period| judged(&since, &[], &[], ("committee-meeting", period), "2026-11-10");
    assert_eq!(finding("2026-09").not_owed, Some(NotOwedReason::NoCommittee));
    assert_eq!(finding("2026-10").status, ObligationStatus::Missed);
}

#[test]
fn g1_1c_every_group_owes_its_meeting_and_a_branch_does_not() {
    let book = book();
    let group = OrganizationFacts {
        kind: OrganizationKind::PartyGroup,
        ..branch()
    };
    let rules = |organization| {
        let facts = Facts {
            organization,
            held: &[],
            deviations: &[],
            acts: &[],
            below: &[],
        };
        let findings = judge_all(
            &facts,
            &Books::from(&book),
            day("2026-11-01"),
            day("2026-12-01"),
            day("2026-11-10"),
        );
        findings.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(&group), ["group-meeting"]);
    assert_eq!(rules(&branch()), ["general-meeting", "committee-meeting", "lecture"]);
}

#[test]
fn g1_1d_a_general_meeting_with_a_lecture_on_its_agenda_is_both() {
    let both = HeldActivity {
        agenda: vec![AgendaItemKind::LectureBasics],
        ..general("2026-09-10")
    };
    let on = |rule| judged(&branch(), std::slice::from_ref(&both), &[], rule, "2026-09-20").status;
    assert_eq!(on(Q3), ObligationStatus::Met);
    assert_eq!(on(("lecture", "2026-B5")), ObligationStatus::Met);
    assert_eq!(
        judged(
            &branch(),
            &[general("2026-09-10")],
            &[],
            ("lecture", "2026-B5"),
            "2026-09-20"
        )
        .status,
        ObligationStatus::Open
    );
}

#[test]
fn g2_3b_a_joint_lecture_counts_for_a_branch_named_before_its_start() {
    let joint = |named, present| HeldActivity {
        joint: true,
        named_before_start: named,
        present,
        ..lecture("2026-09-10")
    };
    let on = |activity| judged(&branch(), &[activity], &[], ("lecture", "2026-B5"), "2026-09-20");
    assert_eq!(on(joint(true, 10)).status, ObligationStatus::Met);
    assert_eq!(
        on(joint(true, 9)).status,
        ObligationStatus::Open,
        "half of its own expected"
    );
    assert!(on(joint(false, 20)).missing.contains(&Missing::NamedBeforeStart {
        activity: "act_2026-09-10".to_owned()
    }));
}

#[test]
fn a_branch_with_fewer_than_three_full_members_may_meet_jointly() {
    let joint = HeldActivity {
        joint: true,
        ..general("2026-09-10")
    };
    assert_eq!(
        status(std::slice::from_ref(&joint), "2026-09-16"),
        ObligationStatus::Open
    );
    let small = OrganizationFacts {
        full_members: 2,
        ..branch()
    };
    assert_eq!(
        judged(&small, &[joint], &[], Q3, "2026-09-16").status,
        ObligationStatus::Met
    );
}

#[test]
fn normally_is_excused_by_an_accepted_deviation_and_must_is_not() {
    let rule = ("lecture", "2026-B4");
    let on =
        |deviation: Deviation, held: &[HeldActivity], today| judged(&branch(), held, &[deviation], rule, today).status;
    assert_eq!(
        on(accepted(rule.0, rule.1, None), &[], "2026-11-24"),
        ObligationStatus::Excused
    );
    let open = Deviation {
        state: DecisionState::Open,
        ..accepted(rule.0, rule.1, None)
    };
    assert_eq!(on(open, &[], "2026-09-10"), ObligationStatus::Overdue);
    assert_eq!(
        on(accepted(rule.0, rule.1, None), &[lecture("2026-08-10")], "2026-11-24"),
        ObligationStatus::Met
    );
    let must = judged(&branch(), &[], &[accepted(Q3.0, Q3.1, None)], Q3, "2026-10-05");
    assert_eq!(must.status, ObligationStatus::Overdue);
}

#[test]
fn a_new_date_that_passes_ends_the_excuse() {
    let rule = ("lecture", "2026-B4");
    let deviation = accepted(rule.0, rule.1, Some("2026-10-15"));
    let on =
        |held: &[HeldActivity], today| judged(&branch(), held, std::slice::from_ref(&deviation), rule, today).status;
    assert_eq!(on(&[], "2026-10-15"), ObligationStatus::Excused);
    assert_eq!(on(&[], "2026-10-16"), ObligationStatus::Overdue);
    let agreed = HeldActivity {
        make_up_for: Some(rule.1.parse().unwrap()),
        ..lecture("2026-10-15")
    };
    assert_eq!(on(&[agreed], "2026-11-24"), ObligationStatus::Excused, "held as agreed");
}

#[test]
fn a_quarter_is_owed_by_who_stood_for_the_whole_of_it() {
    let standing = |from: &str, until: Option<&str>| OrganizationFacts {
        stood_from: day(from),
        lineage_from: day(from),
        stood_until: until.map(day),
        ..branch()
    };
    let reason = |organization| judged(&organization, &[], &[], Q3, "2026-10-05").not_owed;
    assert_eq!(reason(standing("2026-07-01", None)), None);
    assert_eq!(reason(standing("2026-07-02", None)), Some(NotOwedReason::DidNotStand));
    assert_eq!(reason(standing("2016-01-01", Some("2026-10-01"))), None);
    assert_eq!(
        reason(standing("2016-01-01", Some("2026-09-30"))),
        Some(NotOwedReason::DidNotStand)
    );
}

#[test]
fn nobody_left_to_expect_is_not_owed_with_a_reason() {
    let away = OrganizationFacts {
        unexempt_members: 0,
        ..branch()
    };
    let finding: Finding = judged(&away, &[], &[], Q3, "2026-10-05");
    assert_eq!(
        (finding.status, finding.not_owed),
        (ObligationStatus::NotOwed, Some(NotOwedReason::NobodyExpected))
    );
}

#[test]
fn the_period_in_which_the_guideline_came_is_not_owed() {
    let old = OrganizationFacts {
        stood_from: day("2001-01-01"),
        lineage_from: day("2001-01-01"),
        ..branch()
    };
    let reason = |period| judged(&old, &[], &[], ("general-meeting", period), "2016-01-01").not_owed;
    assert_eq!(reason("2015-Q1"), Some(NotOwedReason::RuleNotInForce));
    assert_eq!(reason("2015-Q2"), None);
}
