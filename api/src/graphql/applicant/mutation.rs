use async_graphql::{Context, ID, InputObject, Object};
use domain::vocabulary::ApplicantStage;

use super::object::{Applicant, ApplicantById};
use crate::graphql::date::Date;
use crate::ops::applicant::{self, Entry, Step};
use crate::{payload, run};

/// Enters somebody who applied for membership at a branch.
#[derive(InputObject)]
pub struct EnterApplicantInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The branch.
    pub branch_id: ID,
    /// What it is called.
    pub name: String,
    /// The day of the application.
    pub applied_on: Date,
}

/// Leads an applicant to the next stage, or records that they withdrew: exactly one of the two.
#[derive(InputObject)]
pub struct RecordApplicantInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The applicant.
    pub applicant_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// The next stage; never back, none left out.
    pub stage: Option<ApplicantStage>,
    /// True where they withdrew.
    pub withdrawn: Option<bool>,
    /// Why the person withdrew.
    pub reason: Option<String>,
    /// The day of the change.
    pub on: Date,
}

payload!(
    /// An applicant after the change; present with `CONFLICT` too, as it stands now.
    ApplicantPayload { applicant: Applicant by ApplicantById }
);

#[derive(Default)]
pub struct ApplicantMutation;

#[Object]
impl ApplicantMutation {
    /// Enters an applicant 入党申请人 at a branch.
    async fn enter_applicant(
        &self,
        ctx: &Context<'_>,
        input: EnterApplicantInput,
    ) -> async_graphql::Result<ApplicantPayload> {
        let entry = Entry {
            branch_id: input.branch_id.0.clone(),
            name: input.name.clone(),
            applied_on: input.applied_on.into(),
        };
        let answer = run!(ctx, "enterApplicant", input, |unit, entry = entry| applicant::enter(unit, &entry));
        ApplicantPayload::after(ctx, answer, "").await
    }

    /// Leads an applicant one stage further, or records that they withdrew.
    async fn record_applicant(
        &self,
        ctx: &Context<'_>,
        input: RecordApplicantInput,
    ) -> async_graphql::Result<ApplicantPayload> {
        let present = input.applicant_id.0.clone();
        let step = Step {
            applicant_id: present.clone(),
            expected_version: input.expected_version,
            on: input.on.into(),
            stage: input.stage,
            withdrawn: input.withdrawn.unwrap_or(false),
            reason: input.reason.clone(),
        };
        let answer = run!(ctx, "recordApplicant", input, |unit, step = step| applicant::record(unit, &step));
        ApplicantPayload::after(ctx, answer, &present).await
    }
}
