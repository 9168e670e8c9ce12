//! How an org came to be what it is: every record of its dated facts, with its reason and decision.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use domain::vocabulary::{OrganizationChange, OrganizationFlag, OrganizationKind, Sector};

use super::object::Organization;
use super::recorded::Recorded;
use crate::graphql::date::Date;
use crate::graphql::decision::RecordedDecision;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::page::{PageArguments, binding, instant};
use crate::ops::organization::Past;
use crate::{connection, reads};

/// One record of an org's facts.
pub struct OrganizationRecord(Past);

connection!(
    OrganizationHistoryConnection,
    OrganizationHistoryEdge,
    OrganizationRecord
);

impl OrganizationRecord {
    fn recorded(&self) -> Recorded<'_> {
        Recorded(&self.0.facts)
    }
}

/// A record of the facts of an org from a day on, by founding, decision or move; it has no id, because it never changes.
/// Reason and decision are for those who may read the org's trail: its officers, its superior, the organization department
/// above.
#[Object]
impl OrganizationRecord {
    /// What it changed against the record before.
    async fn changes(&self) -> &[OrganizationChange] {
        &self.0.changes
    }
    /// The first day on which it held.
    async fn from(&self) -> Date {
        self.0.facts.from_on.into()
    }
    /// The first day on which it no longer held: `from` itself where it was changed again on the same day; null where it
    /// still holds.
    async fn until(&self) -> Option<Date> {
        self.0.facts.until_on.map(Date)
    }
    /// When it was recorded, which may be later than the day it holds from.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.facts.recorded_at
    }
    /// Null where the reader may not see it.
    async fn reason(&self) -> Option<&str> {
        self.0.grounds_shown.then_some(self.0.facts.reason.as_str())
    }
    /// Null where there was none, and where the reader may not see it.
    async fn decision(&self) -> Option<RecordedDecision> {
        let facts = Some(&self.0.facts).filter(|_| self.0.grounds_shown)?;
        Some(RecordedDecision::new(
            facts.decided_on?,
            facts.document_number.clone()?,
            facts.meeting_id.clone(),
        ))
    }
    /// The full name 全称.
    async fn name(&self) -> &str {
        &self.0.facts.name
    }
    /// The kind of org.
    async fn kind(&self) -> Option<OrganizationKind> {
        self.recorded().kind()
    }
    /// The sector 领域, where it is known.
    async fn sector(&self) -> Option<Sector> {
        self.recorded().sector()
    }
    /// The org that was directly above, as it is today.
    async fn parent(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.0.facts.parent_id.clone() else {
            return Ok(None);
        };
        let found = loaders::load(ctx.data()?, OrganizationById(id)).await?;
        Ok(found.map(Organization))
    }
    /// Whether the branch had a committee, by decision.
    async fn has_committee(&self) -> bool {
        self.recorded().flag("hasCommittee")
    }
    /// The right of approval 审批权.
    async fn approves(&self) -> bool {
        self.recorded().flag("approves")
    }
    /// Whether its team held the democratic life meeting (G1.2a).
    async fn holds_democratic_life_meeting(&self) -> bool {
        self.recorded().flag("holdsDemocraticLifeMeeting")
    }
    /// Joint 联合党支部: its members came from several units.
    async fn joint(&self) -> bool {
        self.recorded().flag("joint")
    }
    /// Temporary 临时党组织.
    async fn temporary(&self) -> bool {
        self.recorded().flag("temporary")
    }
    /// What asked for public appraisal (G1.4c).
    async fn flags(&self) -> Vec<OrganizationFlag> {
        self.recorded().flags()
    }
    /// The leading group 党组 that guided it.
    async fn guided_by_organization_id(&self) -> Option<ID> {
        self.recorded().guided_by()
    }
}

/// A page of an org's history, newest first.
pub async fn history_of(
    ctx: &async_graphql::Context<'_>,
    organization: &crate::ops::organization::Organization,
    page: PageArguments,
) -> async_graphql::Result<OrganizationHistoryConnection> {
    let binding = binding("history", &organization.id);
    let organization = organization.clone();
    let read = reads!(organization => |reading, request| reading.history_of(&organization, &request));
    let values = |row: &Past| vec![instant(row.facts.recorded_at), row.facts.id.clone()];
    OrganizationHistoryConnection::list(ctx, &binding, page, read, values, OrganizationRecord).await
}
