use async_graphql::{ID, InputObject};
use domain::vocabulary::AdmissionKind;

use crate::graphql::date::Date;
use crate::graphql::organization::input::{CollectiveDecisionInput, decision};
use crate::ops::admission::{Proposal, Verdict};

/// A prospect whom the branch's general meeting decided to take in: by a resolution that passed, or by a decision that is
/// recorded here.
#[derive(InputObject)]
pub struct ProposeAdmissionInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The applicant.
    pub applicant_id: ID,
    /// Of the branch's general meeting, of kind `ADMISSION`.
    pub resolution_id: Option<ID>,
    /// Where the meeting is not in the system.
    pub decision: Option<CollectiveDecisionInput>,
}

/// A draft of an admission, for the branch to propose.
#[derive(InputObject)]
pub struct DraftAdmissionInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The applicant.
    pub applicant_id: ID,
    /// The resolution.
    pub resolution_id: Option<ID>,
    /// The collective decision that it rests on, recorded with date and document number.
    pub decision: Option<CollectiveDecisionInput>,
}

/// A probationary member whom the branch's general meeting decided to make a full member.
#[derive(InputObject)]
pub struct ProposeFullMembershipInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The member.
    pub member_id: ID,
    /// Of the branch's general meeting, of kind `FULL_MEMBERSHIP`.
    pub resolution_id: Option<ID>,
    /// Where the meeting is not in the system.
    pub decision: Option<CollectiveDecisionInput>,
}

/// What a level between thinks of an admission.
#[derive(InputObject)]
pub struct OpineOnAdmissionInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The admission.
    pub admission_id: ID,
    /// The opinion, at most 1 000 characters.
    pub text: String,
}

/// An admission to be taken back.
#[derive(InputObject)]
pub struct WithdrawAdmissionInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The admission.
    pub admission_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
}

/// The approver's decision, with its date and document number.
#[derive(InputObject)]
pub struct DecideAdmissionInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The admission.
    pub admission_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Whether it is approved.
    pub approved: bool,
    /// The collective decision that it rests on, recorded with date and document number.
    pub decision: Option<CollectiveDecisionInput>,
    /// Needed for anything but approval.
    pub reason: Option<String>,
    /// Of full membership, with `approved: false`: probation goes on until then, half a year to a year longer.
    pub extend_until: Option<Date>,
}

/// Puts a proposal together.
#[must_use]
pub fn proposal(
    kind: AdmissionKind,
    person: &ID,
    resolution: Option<&ID>,
    decision: Option<&CollectiveDecisionInput>,
) -> Proposal {
    Proposal {
        kind,
        person_id: person.0.clone(),
        resolution_id: resolution.map(|id| id.0.clone()),
        decision: self::decision(decision),
        draft: false,
    }
}

impl DecideAdmissionInput {
    /// The decision as the use case takes it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict {
            admission_id: self.admission_id.0.clone(),
            expected_version: self.expected_version,
            approved: self.approved,
            extend_until: self.extend_until.map(Into::into),
            decision: decision(self.decision.as_ref()),
            reason: self.reason.clone(),
        }
    }
}
