//! Votes and deadlines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use domain::obligation::deadline;
use domain::obligation::roll::{Elector, Exclusion, ExclusionInvalid, Roll, roll};
use domain::obligation::vote::{Count, VoteInvalid, VoteOutcome, judge};
use domain::rulebook::form::Vote;
use domain::rulebook::words::{Denominator, ExclusionGround};
use domain::rulebook::{JIAXING_2015, Rulebook, Share, load};
use domain::vocabulary::{ActivityKind, MemberStatus, ResolutionKind, Standing};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn book() -> Rulebook {
    load(JIAXING_2015).unwrap()
}

fn admission() -> Vote {
    book()
        .vote_on(
            ActivityKind::BranchGeneralMeeting,
            ResolutionKind::Admission,
            day("2026-11-24"),
        )
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

fn elector(number: u32) -> Elector {
    Elector {
        member_id: format!("mbr_{number}"),
        standing: Standing::Full,
        status: MemberStatus::Active,
        exempt: false,
        present: true,
    }
}

fn out(number: u32, ground: ExclusionGround) -> Exclusion {
    Exclusion {
        member_id: format!("mbr_{number}"),
        ground,
    }
}

#[test]
fn g1_1a_who_may_vote_is_what_the_entry_says() {
    let with = |standing, status, exempt| Elector {
        standing,
        status,
        exempt,
        ..elector(1)
    };
    let due = |rule: &Vote, elector: Elector| roll(rule, &[elector], &[]).unwrap().due == 1;
    let rule = admission();
    assert!(due(&rule, with(Standing::Full, MemberStatus::Active, false)));
    assert!(due(&rule, with(Standing::Full, MemberStatus::Floating, false)));
    assert!(due(&rule, with(Standing::Full, MemberStatus::OutOfContact, false)));
    assert!(!due(&rule, with(Standing::Probationary, MemberStatus::Active, false)));
    assert!(!due(&rule, with(Standing::Full, MemberStatus::Suspended, false)));
    let exempt = || with(Standing::Full, MemberStatus::Active, true);
    assert!(
        due(&rule, exempt()),
        "exempt from attendance is not left out of the vote"
    );
    let other = Vote {
        voters_standing: vec![Standing::Full, Standing::Probationary],
        voters_status: vec![MemberStatus::Active],
        voters_exempt: false,
        ..admission()
    };
    assert!(due(&other, with(Standing::Probationary, MemberStatus::Active, false)));
    assert!(!due(&other, with(Standing::Full, MemberStatus::Floating, false)));
    assert!(!due(&other, exempt()));
}

#[test]
fn g1_1a_those_left_out_are_due_absent_and_named_with_a_ground_of_the_entry() {
    let rule = admission();
    let absent = Elector {
        present: false,
        ..elector(2)
    };
    let probationary = Elector {
        standing: Standing::Probationary,
        present: false,
        ..elector(3)
    };
    let all = [elector(1), absent, probationary];
    let counted = roll(&rule, &all, &[out(2, ExclusionGround::Detained)]).unwrap();
    assert_eq!(
        counted,
        Roll {
            due: 2,
            excluded: 1,
            present: 1
        }
    );
    let refused = |excluded: &[Exclusion]| roll(&rule, &all, excluded).unwrap_err();
    let ground = ExclusionGround::Detained;
    assert_eq!(refused(&[out(1, ground)]), ExclusionInvalid::Present { at: 0 });
    assert_eq!(refused(&[out(3, ground)]), ExclusionInvalid::NotDue { at: 0 });
    assert_eq!(refused(&[out(9, ground)]), ExclusionInvalid::NotDue { at: 0 });
    assert_eq!(
        refused(&[out(2, ground), out(2, ExclusionGround::AbroadLong)]),
        ExclusionInvalid::Twice { at: 1 }
    );
    let strict = Vote {
        excludable: vec![ExclusionGround::AbroadLong],
        ..admission()
    };
    assert_eq!(
        roll(&strict, &all, &[out(2, ground)]),
        Err(ExclusionInvalid::GroundNotAllowed { at: 0 })
    );
}
