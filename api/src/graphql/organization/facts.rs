//! Facts of an org, recorded by decision.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::vocabulary::{OrganizationFlag, Sector};

use super::input::{CollectiveDecisionInput, change};
use super::mutation::{OrganizationPayload, payload};
use crate::ops::organization_facts::{self, Facts, Recording};
use crate::run;

/// Facts of an org from today on; what is left out stays. Structure is dated neither into the future nor back.
#[derive(InputObject)]
pub struct RecordOrganizationFactsInput {
    /// Opaque and stable for ever.
    pub id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// Field of its work.
    pub sector: Option<Sector>,
    /// Whether it has a committee, by decision; of a branch the monthly committee meeting follows from it (G1.1b).
    pub has_committee: Option<bool>,
    /// The right of approval 审批权: of committees only; of no temporary one, and of none of a village or community.
    pub approves: Option<bool>,
    /// Whether its team holds the democratic life meeting (G1.2a); the kinds that the guideline names always do.
    pub holds_democratic_life_meeting: Option<bool>,
    /// The leading group 党组 that guides it; `null` ends the guidance.
    pub guided_by: MaybeUndefined<ID>,
    /// Joint 联合党支部: its members come from several units.
    pub joint: Option<bool>,
    /// Temporary 临时党组织.
    pub temporary: Option<bool>,
    /// All flags that it has from now on.
    pub flags: Option<Vec<OrganizationFlag>>,
    /// Why.
    pub reason: String,
    /// The collective decision that it rests on, recorded with date and document number.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

impl RecordOrganizationFactsInput {
    fn read(&self) -> Recording {
        Recording {
            id: self.id.0.clone(),
            expected_version: self.expected_version,
            facts: Facts {
                sector: self.sector,
                has_committee: self.has_committee,
                approves: self.approves,
                holds_democratic_life_meeting: self.holds_democratic_life_meeting,
                guided_by: self.guided_by.clone().map_value(|id| id.0).into(),
                joint: self.joint,
                temporary: self.temporary,
                flags: self.flags.clone(),
            },
            change: change(&self.reason, self.decision.as_ref()),
        }
    }
}

#[derive(Default)]
pub struct OrganizationFactsMutation;

#[Object]
impl OrganizationFactsMutation {
    /// Records facts of an org from today on, by decision; what it owes and who oversees it follow at once. What held
    /// before stays in its history (`asOf`).
    async fn record_organization_facts(
        &self,
        ctx: &Context<'_>,
        input: RecordOrganizationFactsInput,
    ) -> async_graphql::Result<OrganizationPayload> {
        let value = input.read();
        let answer = run!(ctx, "recordOrganizationFacts", input, |unit, typed = value| {
            organization_facts::record(unit, &typed)
        });
        payload(ctx, answer, &input.id).await
    }
}
