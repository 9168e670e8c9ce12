use async_graphql::{ID, InputObject};
use domain::vocabulary::{OrganizationKind, Sector};

use crate::graphql::date::Date;
use crate::ops::decision::CollectiveDecision;
use crate::ops::structure::Change;

/// A collective decision that was taken and recorded.
#[derive(InputObject, Clone)]
pub struct CollectiveDecisionInput {
    /// The day of the decision.
    pub decided_on: Date,
    /// Document number, at most 100 characters.
    pub document_number: String,
    /// The meeting that decided, where it is recorded here: one that the deciding org held that day, alone or with others.
    pub meeting_id: Option<ID>,
}

/// Founds an org below another.
#[derive(InputObject)]
pub struct CreateOrganizationInput {
    /// The org directly above.
    pub parent_id: ID,
    /// What it is called.
    pub name: String,
    /// Which kind it is.
    pub kind: OrganizationKind,
    /// Field of its work.
    pub sector: Sector,
    /// Today where it is left out.
    pub founded_on: Option<Date>,
    /// Whether it has a committee, by decision.
    #[graphql(default)]
    pub has_committee: bool,
    /// Right of approval; without effect on kinds that never have it.
    #[graphql(default)]
    pub approves: bool,
    /// Whether its members come from several units.
    #[graphql(default)]
    pub joint: bool,
    /// Whether it is a temporary org.
    #[graphql(default)]
    pub temporary: bool,
    /// Why.
    pub reason: String,
    /// The collective decision that it rests on, recorded with date and document number.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Another name for an org.
#[derive(InputObject)]
pub struct RenameOrganizationInput {
    /// Opaque and stable for ever.
    pub id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// What it is called.
    pub name: String,
    /// Why.
    pub reason: String,
    /// The collective decision that it rests on, recorded with date and document number.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Moves an org with everything below it.
#[derive(InputObject)]
pub struct MoveOrganizationInput {
    /// Opaque and stable for ever.
    pub id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// The org directly above.
    pub parent_id: ID,
    /// Why.
    pub reason: String,
    /// The collective decision that it rests on, recorded with date and document number.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// An empty org to be dissolved.
#[derive(InputObject)]
pub struct DissolveOrganizationInput {
    /// Opaque and stable for ever.
    pub id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// Why.
    pub reason: String,
    /// The collective decision that it rests on, recorded with date and document number.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
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
