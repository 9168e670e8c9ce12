use async_graphql::{ID, InputObject};
use domain::vocabulary::{OrganizationKind, Sector};

use crate::graphql::date::Date;
use crate::ops::decision::CollectiveDecision;
use crate::ops::structure::Change;

/// A collective decision that was taken and recorded.
#[derive(InputObject, Clone)]
pub struct CollectiveDecisionInput {
    pub decided_on: Date,
    pub document_number: String,
    /// The meeting that decided, where it is recorded here: one that the deciding org held that day, alone or with others.
    pub meeting_id: Option<ID>,
}

/// Founds an org below another.
#[derive(InputObject)]
pub struct CreateOrganizationInput {
    pub parent_id: ID,
    pub name: String,
    pub kind: OrganizationKind,
    pub sector: Sector,
    /// Today where it is left out.
    pub founded_on: Option<Date>,
    #[graphql(default)]
    pub has_committee: bool,
    /// Right of approval; without effect on kinds that never have it.
    #[graphql(default)]
    pub approves: bool,
    #[graphql(default)]
    pub joint: bool,
    #[graphql(default)]
    pub temporary: bool,
    pub reason: String,
    pub decision: Option<CollectiveDecisionInput>,
    pub idempotency_key: String,
}

#[derive(InputObject)]
pub struct RenameOrganizationInput {
    pub id: ID,
    pub expected_version: i64,
    pub name: String,
    pub reason: String,
    pub decision: Option<CollectiveDecisionInput>,
    pub idempotency_key: String,
}

#[derive(InputObject)]
pub struct MoveOrganizationInput {
    pub id: ID,
    pub expected_version: i64,
    pub parent_id: ID,
    pub reason: String,
    pub decision: Option<CollectiveDecisionInput>,
    pub idempotency_key: String,
}

#[derive(InputObject)]
pub struct DissolveOrganizationInput {
    pub id: ID,
    pub expected_version: i64,
    pub reason: String,
    pub decision: Option<CollectiveDecisionInput>,
    pub idempotency_key: String,
}

/// Puts reason and decision together.
#[must_use]
pub fn change(reason: &str, decision: Option<&CollectiveDecisionInput>) -> Change {
    Change {
        reason: reason.to_owned(),
        decision: self::decision(decision),
    }
}

/// A recorded decision, as use cases take it.
#[must_use]
pub fn decision(input: Option<&CollectiveDecisionInput>) -> Option<CollectiveDecision> {
    input.map(|input| CollectiveDecision {
        decided_on: input.decided_on.into(),
        document_number: input.document_number.clone(),
        meeting_id: input.meeting_id.as_ref().map(|id| id.0.clone()),
    })
}
