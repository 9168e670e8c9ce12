use async_graphql::{Context, Object};
use domain::vocabulary::AdmissionKind;

use super::input::{
    DecideAdmissionInput, DraftAdmissionInput, OpineOnAdmissionInput, ProposeAdmissionInput,
    ProposeFullMembershipInput, WithdrawAdmissionInput, proposal,
};
use super::object::{Admission, AdmissionById};
use crate::ops::admission::{self, Proposal, Say, Withdrawal};
use crate::{payload, run};

payload!(
    /// An admission after the change; present with `CONFLICT` too, as it stands now.
    AdmissionPayload { admission: Admission by AdmissionById }
);

#[derive(Default)]
pub struct AdmissionMutation;

#[Object]
impl AdmissionMutation {
    /// Drafts an admission for the branch to propose; a clerk may.
    async fn draft_admission(
        &self,
        ctx: &Context<'_>,
        input: DraftAdmissionInput,
    ) -> async_graphql::Result<AdmissionPayload> {
        let (resolution, decision) = (input.resolution_id.as_ref(), input.decision.as_ref());
        let proposed = proposal(AdmissionKind::Admission, &input.applicant_id, resolution, decision);
        let given = Proposal {
            draft: true,
            ..proposed
        };
        let answer = run!(ctx, "draftAdmission", input, |unit, given = given| admission::propose(unit, &given));
        AdmissionPayload::after(ctx, answer, "").await
    }

    /// Puts a prospect 发展对象 to the approver, by resolution of the branch's general meeting (G1.1a).
    async fn propose_admission(
        &self,
        ctx: &Context<'_>,
        input: ProposeAdmissionInput,
    ) -> async_graphql::Result<AdmissionPayload> {
        let (resolution, decision) = (input.resolution_id.as_ref(), input.decision.as_ref());
        let given = proposal(AdmissionKind::Admission, &input.applicant_id, resolution, decision);
        let answer = run!(ctx, "proposeAdmission", input, |unit, given = given| admission::propose(unit, &given));
        AdmissionPayload::after(ctx, answer, "").await
    }

    /// Puts full membership 转正 to the approver, by resolution of the branch's general meeting (G1.1a).
    async fn propose_full_membership(
        &self,
        ctx: &Context<'_>,
        input: ProposeFullMembershipInput,
    ) -> async_graphql::Result<AdmissionPayload> {
        let (resolution, decision) = (input.resolution_id.as_ref(), input.decision.as_ref());
        let given = proposal(AdmissionKind::FullMembership, &input.member_id, resolution, decision);
        let answer = run!(ctx, "proposeFullMembership", input, |unit, given = given| admission::propose(unit, &given));
        AdmissionPayload::after(ctx, answer, "").await
    }

    /// A level between gives its opinion.
    async fn opine_on_admission(
        &self,
        ctx: &Context<'_>,
        input: OpineOnAdmissionInput,
    ) -> async_graphql::Result<AdmissionPayload> {
        let given = Say {
            admission_id: input.admission_id.0.clone(),
            text: input.text.clone(),
        };
        let answer = run!(ctx, "opineOnAdmission", input, |unit, given = given| admission::opine(unit, &given));
        AdmissionPayload::after(ctx, answer, "").await
    }

    /// The branch takes a proposal or a draft back before it is decided.
    async fn withdraw_admission(
        &self,
        ctx: &Context<'_>,
        input: WithdrawAdmissionInput,
    ) -> async_graphql::Result<AdmissionPayload> {
        let given = Withdrawal {
            admission_id: input.admission_id.0.clone(),
            expected_version: input.expected_version,
        };
        let present = given.admission_id.clone();
        let answer = run!(ctx, "withdrawAdmission", input, |unit, given = given| admission::withdraw(unit, &given));
        AdmissionPayload::after(ctx, answer, &present).await
    }

    /// The approver decides on an admission or on full membership.
    async fn decide_admission(
        &self,
        ctx: &Context<'_>,
        input: DecideAdmissionInput,
    ) -> async_graphql::Result<AdmissionPayload> {
        let given = input.verdict();
        let present = given.admission_id.clone();
        let answer = run!(ctx, "decideAdmission", input, |unit, given = given| admission::decide(unit, &given));
        AdmissionPayload::after(ctx, answer, &present).await
    }
}
