use std::sync::Arc;

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};

use super::object::Tally;
use crate::graphql::member::object::Member;
use crate::graphql::organization::object::Organization;
use crate::ops::activity::Participation;
use crate::ops::organization::Organization as OrganizationRow;

/// How one org takes part in an activity.
pub struct OrganizationParticipation {
    pub host: bool,
    pub row: Participation,
    pub organization: Option<Arc<OrganizationRow>>,
}

/// How one org takes part in an activity 联合活动: the host records, each further org confirms its own people.
#[Object]
impl OrganizationParticipation {
    /// The org; null where the reader may not see it.
    async fn organization(&self) -> Option<Organization> {
        self.organization.clone().map(Organization)
    }
    /// Whether it is the org that convened the activity and keeps its minutes.
    async fn host(&self) -> bool {
        self.host
    }
    /// When it was named; only an org named before the start counts the activity as its own.
    async fn named_at(&self) -> DateTime<Utc> {
        self.row.named_at
    }
    /// When it confirmed its people; of the host, when it recorded the activity. Null: its counts are still those expected.
    async fn confirmed_at(&self) -> Option<DateTime<Utc>> {
        self.row.confirmed_at
    }
    /// Who confirmed them.
    async fn confirmed_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match &self.row.confirmed_by {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }
    /// Counts of its own people.
    async fn tally(&self) -> Tally {
        Tally::sum(std::iter::once(&self.row))
    }
}
