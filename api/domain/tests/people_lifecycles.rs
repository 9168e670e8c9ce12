//! The lives of applicants, admissions and transfers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use domain::lifecycle::admission::{self, Progress, advance, may_extend, probation_ends};
use domain::lifecycle::transfer;
use domain::problem::ProblemCode as P;
use domain::vocabulary::{AdmissionKind, AdmissionState, ApplicantStage, OrganizationKind, TransferState};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn an_applicant_goes_forward_one_stage_at_a_time() {
    let at = |stage| Progress {
        stage,
        reached_on: day("2024-03-01"),
    };
    let on = day("2024-09-01");
    for from in ApplicantStage::ALL {
        for to in ApplicantStage::ALL {
            let next = matches!(
                (from, to),
                (ApplicantStage::Applicant, ApplicantStage::Activist)
                    | (ApplicantStage::Activist, ApplicantStage::Prospect)
            );
            let expected = if next { Ok(()) } else { Err(P::WrongState) };
            assert_eq!(advance(at(*from), *to, on), expected, "{from} to {to}");
        }
    }
    let early = advance(
        at(ApplicantStage::Applicant),
        ApplicantStage::Activist,
        day("2024-02-29"),
    );
    assert_eq!(early, Err(P::DateTooEarly));
}

#[test]
fn what_was_decided_stays_decided() {
    use admission::Command as C;
    let all = [
        C::Draft,
        C::Propose,
        C::Opine,
        C::Approve,
        C::Reject,
        C::Extend,
        C::Withdraw,
    ];
    for state in [
        AdmissionState::Approved,
        AdmissionState::Rejected,
        AdmissionState::Extended,
    ] {
        for command in all {
            let after = admission::after(AdmissionKind::FullMembership, Some(state), command);
            assert_eq!(after, Err(P::AlreadyDecided), "{state} {command:?}");
        }
    }
    for state in [
        TransferState::Accepted,
        TransferState::Rejected,
        TransferState::Withdrawn,
    ] {
        for command in [
            transfer::Command::Accept,
            transfer::Command::Reject,
            transfer::Command::Withdraw,
        ] {
            assert_eq!(transfer::after(state, command), Err(P::AlreadyDecided));
        }
    }
}

#[test]
fn a_draft_is_proposed_and_only_a_proposal_is_decided() {
    use admission::{Command as C, after};
    let kind = AdmissionKind::Admission;
    assert_eq!(after(kind, None, C::Propose), Ok(AdmissionState::Proposed));
    assert_eq!(
        after(kind, Some(AdmissionState::Draft), C::Propose),
        Ok(AdmissionState::Proposed)
    );
    assert_eq!(after(kind, Some(AdmissionState::Draft), C::Approve), Err(P::WrongState));
    assert_eq!(after(kind, None, C::Approve), Err(P::WrongState));
    assert_eq!(
        after(kind, Some(AdmissionState::Proposed), C::Propose),
        Err(P::WrongState)
    );
    let extend = |kind| after(kind, Some(AdmissionState::Proposed), C::Extend);
    assert_eq!(extend(AdmissionKind::Admission), Err(P::WrongState));
    assert_eq!(extend(AdmissionKind::FullMembership), Ok(AdmissionState::Extended));
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
