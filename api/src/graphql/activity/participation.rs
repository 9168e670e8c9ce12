use std::sync::Arc;

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use domain::policy::Subject;

use super::object::PlaceOf;
use super::permission::{ParticipationAction, ParticipationPermission};
use super::tally::Tally;
use crate::graphql::context::ContextExt as _;
use crate::graphql::loaders;
use crate::graphql::member::object::Member;
use crate::graphql::organization::object::Organization;
use crate::ops::activity::{Activity as ActivityRow, Participation, confirm};
use crate::ops::organization::Organization as OrganizationRow;

/// How one org takes part in an activity.
pub struct OrganizationParticipation {
    pub host: bool,
    pub activity: Arc<ActivityRow>,
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
    /// What the reader may do with the part of this org now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<ParticipationAction>,
    ) -> async_graphql::Result<Vec<ParticipationPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.row.organization_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let target = confirm::target((*place).clone(), &reading.rows(Subject::Activities));
        let against = |action: ParticipationAction| action.against(&self.activity);
        Ok(ParticipationPermission::each(
            operation, &reading, actions, &target, against,
        ))
    }
}
