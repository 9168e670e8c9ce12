//! Votes, deadlines, escalation.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use domain::obligation::vote::{Count, VoteInvalid, VoteOutcome, judge};
use domain::obligation::{deadline, escalation};
use domain::rulebook::form::Vote;
use domain::rulebook::words::Denominator;
use domain::rulebook::{JIAXING_2015, Rulebook, Share, load};
use domain::vocabulary::ResolutionKind;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn book() -> Rulebook {
    load(JIAXING_2015).unwrap()
}

fn admission() -> Vote {
    book()
        .vote_on(ResolutionKind::Admission, day("2026-11-24"))
        .unwrap()
        .1
        .clone()
}

fn count(due: u32, present: u32, ayes: u32) -> Count {
    Count {
        due,
        present,
        ayes,
        noes: present.saturating_sub(ayes),
        ..Count::default()
    }
}

fn passed(due: u32, present: u32, ayes: u32) -> (bool, bool) {
    let outcome = judge(&admission(), &count(due, present, ayes)).unwrap();
    (outcome.quorate, outcome.passed)
}

#[test]
fn g1_1a_half_of_those_due_must_come_and_more_than_half_of_them_agree() {
    assert_eq!(
        passed(10, 5, 5),
        (true, false),
        "half of those due is not more than half"
    );
    assert_eq!(passed(10, 6, 6), (true, true));
    assert_eq!(passed(11, 5, 5), (false, false));
    assert_eq!(passed(11, 6, 6), (true, true));
    assert_eq!(
        passed(10, 10, 5),
        (true, false),
        "those present do not matter for the majority"
    );
    let outcome = judge(&admission(), &count(11, 6, 6)).unwrap();
    assert_eq!(
        outcome,
        VoteOutcome {
            passed: true,
            quorate: true,
            quorum_needed: 6,
            ayes_needed: 6
        }
    );
}

#[test]
fn g1_1a_who_may_be_left_out_is_not_counted_as_due() {
    let outcome = judge(
        &admission(),
        &Count {
            excluded: 2,
            ..count(12, 6, 6)
        },
    )
    .unwrap();
    assert_eq!(
        (outcome.passed, outcome.quorum_needed, outcome.ayes_needed),
        (true, 5, 6)
    );
    let strict = Vote {
        excludable: Vec::new(),
        ..admission()
    };
    assert_eq!(
        judge(
            &strict,
            &Count {
                excluded: 2,
                ..count(12, 6, 6)
            }
        ),
        Err(VoteInvalid::ExclusionNotAllowed)
    );
}

#[test]
fn a_vote_may_be_counted_against_those_present_or_the_committee() {
    let of = |of| Share {
        numerator: 1,
        denominator: 2,
        strict: true,
        of,
    };
    let present = Vote {
        majority: of(Denominator::Present),
        ..admission()
    };
    assert!(judge(&present, &count(10, 6, 4)).unwrap().passed);
    let committee = Vote {
        quorum: of(Denominator::Committee),
        majority: of(Denominator::Committee),
        ..admission()
    };
    assert_eq!(judge(&committee, &count(5, 3, 3)), Err(VoteInvalid::CommitteeMissing));
    assert!(
        judge(
            &committee,
            &Count {
                committee: Some(5),
                ..count(5, 3, 3)
            }
        )
        .unwrap()
        .passed
    );
    assert!(
        !judge(
            &committee,
            &Count {
                committee: Some(7),
                ..count(5, 3, 3)
            }
        )
        .unwrap()
        .quorate
    );
}

#[test]
fn counts_that_contradict_each_other_are_refused() {
    let refused = |count| judge(&admission(), &count).unwrap_err();
    assert_eq!(refused(count(0, 0, 0)), VoteInvalid::NobodyDue);
    assert_eq!(refused(count(5, 6, 6)), VoteInvalid::MorePresentThanDue);
    assert_eq!(
        refused(Count {
            abstentions: 1,
            ..count(5, 5, 5)
        }),
        VoteInvalid::MoreVotesThanPresent
    );
    assert_eq!(
        refused(Count {
            excluded: 5,
            ..count(5, 0, 0)
        }),
        VoteInvalid::MoreExcludedThanDue
    );
}

#[test]
fn g2_3d_an_election_needs_more_than_four_fifths_of_the_electors() {
    let book = book();
    let entry = book.entry("vote-election").unwrap();
    let domain::rulebook::Form::Vote(election) = &entry.form else {
        panic!()
    };
    assert!(election.secret);
    assert!(!judge(election, &count(10, 8, 8)).unwrap().quorate);
    assert!(judge(election, &count(10, 9, 5)).unwrap().passed);
}

#[test]
fn g3_1a_what_stays_overdue_goes_up_one_level_every_seven_days_to_the_root() {
    let days = book().escalate_after_days(day("2026-11-24")).unwrap();
    let at = |today| escalation::level(day("2026-10-01"), day(today), days, 4);
    assert_eq!((at("2026-09-01"), at("2026-10-01"), at("2026-10-07")), (0, 0, 0));
    assert_eq!((at("2026-10-08"), at("2026-10-14"), at("2026-10-15")), (1, 1, 2));
    assert_eq!((at("2026-10-22"), at("2027-10-22")), (3, 3), "the root is the last");
    assert_eq!(escalation::reaches(day("2026-10-01"), days, 2), Some(day("2026-10-15")));
}

#[test]
fn a_deadline_holds_on_its_last_day_and_never_before_its_beginning() {
    let book = book();
    let rule = book
        .deadline(domain::rulebook::words::DeadlineEvent::OrderIssued, day("2026-11-24"))
        .unwrap()
        .1;
    let due = |asked, extended| deadline::due_on(rule, day("2026-01-31"), asked, extended);
    assert_eq!(due(None, false), Ok(day("2026-04-30")));
    assert_eq!(due(None, true), Ok(day("2026-07-30")));
    assert_eq!(
        due(Some(day("2026-01-30")), false),
        Err(deadline::DeadlineInvalid::BeforeBeginning)
    );
    assert_eq!(
        due(Some(day("2026-08-01")), false),
        Err(deadline::DeadlineInvalid::TooLate {
            latest: day("2026-07-31")
        })
    );
    assert!(
        !deadline::has_passed(day("2026-04-30"), day("2026-04-30"))
            && deadline::has_passed(day("2026-04-30"), day("2026-05-01"))
    );
}
