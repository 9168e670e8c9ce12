//! What happens to people and posts.

use domain::lifecycle::admission::{self, may_extend, probation_ends};
use domain::lifecycle::applicant::{self, Progress};
use domain::lifecycle::{exemption, identity_change, post, transfer};
use domain::problem::ProblemCode as P;
use domain::vocabulary::{
    AdmissionKind, AdmissionState, ApplicantStage, DecisionState, IdentityChangeState, OrganizationKind, TransferState,
};

use crate::{and_none, day, holds};

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
    let right = |since: &str, until: Option<&str>| {
        C::PutRight(Tenure {
            since: day(since),
            until: until.map(day),
        })
    };
    // Later than today, over by today, and two that do.
    let slips = [right("2026-05-21", None), right("2026-01-08", Some("2026-05-20"))];
    let rights = [right("2026-01-08", None), right("2026-01-10", Some("2026-08-01"))];
    let commands = [
        slips[0],
        slips[1],
        rights[0],
        rights[1],
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
        table.extend(rights.map(|command| match command {
            C::PutRight(tenure) => (state, command, tenure),
            other => unreachable!("{other:?}"),
        }));
    }
    let step = |state, command| post::step(state, command, today);
    holds(&states, &commands, step, &table, |state: Option<Tenure>, command| {
        let over = state.is_some_and(|held| held.until == Some(today));
        match (state, command) {
            (Some(_), C::Fill(_)) => P::PostTaken,
            (Some(_), C::End(_)) if !over && command == end("2026-05-21") => P::DateInFuture,
            (Some(_), C::End(_)) if !over => P::DateTooEarly,
            (Some(_), C::PutRight(_)) if !over && command == slips[0] => P::DateInFuture,
            (Some(_), C::PutRight(_)) if !over => P::DateTooEarly,
            _ => P::WrongState,
        }
    });
}
