//! Activity units and organs of an org.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::vocabulary::{ActivityUnitKind, OrganKind};

use super::object::Organization;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::page::{PageArguments, binding};
use crate::ops::activity_unit::{self, ActivityUnit as Row, Open, Touch};
use crate::{connection, loader, payload, run};

#[derive(Clone)]
pub struct ActivityUnit(pub Row);

connection!(ActivityUnitConnection, ActivityUnitEdge, ActivityUnit);

loader!(
    /// Unit by id, as the directory shows its org.
    ActivityUnitById => Row, |reading, ids| {
        Ok(reading.activity_units(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);

loader!(
    /// Organs of a committee.
    OrgansOf => Vec<Organ>, |reading, ids| {
        let mut map: std::collections::HashMap<String, Vec<Organ>> = std::collections::HashMap::new();
        for row in reading.organs_of(&ids).await? {
            let organ = Organ { kind: row.kind.parse().ok(), name: row.name };
            map.entry(row.organization_id).or_default().push(organ);
        }
        Ok(map)
    }
);

/// An organ 工作机关 of a city or county committee: through its staff the committee oversees what is below it.
#[derive(SimpleObject, Clone)]
pub struct Organ {
    pub kind: Option<OrganKind>,
    pub name: String,
}

/// A unit of an org 活动单位 that hosts its activities: a section, a workshop, a project site, a pioneer station (G3.2).
#[Object]
impl ActivityUnit {
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    async fn kind(&self) -> Option<ActivityUnitKind> {
        self.0.kind.parse().ok()
    }
    async fn name(&self) -> &str {
        &self.0.name
    }
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.organization_id.clone())).await?;
        Ok(found.map(Organization))
    }
    async fn opened_on(&self) -> Date {
        self.0.opened_on.into()
    }
    /// The first day on which it hosted nothing any more.
    async fn closed_on(&self) -> Option<Date> {
        self.0.closed_on.map(Date)
    }
}

/// A page of an org's units by name.
pub async fn units_of(
    ctx: &Context<'_>,
    organization_id: &str,
    closed: bool,
    page: PageArguments,
) -> async_graphql::Result<ActivityUnitConnection> {
    let operation = ctx.operation()?;
    let binding = binding("activityUnits", &(organization_id, closed));
    let request = page.request(&operation.app.keys, &binding)?;
    let reading = operation.reading().await?;
    let found = reading.activity_units_of(organization_id, closed, &request).await;
    let found = found.map_err(|failure| to_error(&failure))?;
    let values = |row: &Row| vec![row.name_key.clone(), row.id.clone()];
    ActivityUnitConnection::of(&operation.app.keys, &binding, found, values, ActivityUnit)
}

#[derive(InputObject)]
pub struct CreateActivityUnitInput {
    pub organization_id: ID,
    pub kind: ActivityUnitKind,
    /// At most 100 characters; no two open units of an org share one.
    pub name: String,
    pub idempotency_key: String,
}

#[derive(InputObject)]
pub struct RenameActivityUnitInput {
    pub unit_id: ID,
    pub expected_version: i64,
    pub name: String,
    pub idempotency_key: String,
}

#[derive(InputObject)]
pub struct CloseActivityUnitInput {
    pub unit_id: ID,
    pub expected_version: Option<i64>,
    pub idempotency_key: String,
}

payload!(
    /// A unit after the change; present with `CONFLICT` too, as it stands now.
    ActivityUnitPayload { unit: ActivityUnit by ActivityUnitById }
);

#[derive(Default)]
pub struct ActivityUnitMutation;

#[Object]
impl ActivityUnitMutation {
    /// Opens a unit of an org that may host its activities.
    async fn create_activity_unit(
        &self,
        ctx: &Context<'_>,
        input: CreateActivityUnitInput,
    ) -> async_graphql::Result<ActivityUnitPayload> {
        let value = Open {
            organization_id: input.organization_id.0.clone(),
            kind: input.kind,
            name: input.name.clone(),
        };
        let answer = run!(ctx, "createActivityUnit", input, |unit, typed = value| activity_unit::open(unit, &typed));
        ActivityUnitPayload::after(ctx, answer, "").await
    }

    /// Gives a unit another name.
    async fn rename_activity_unit(
        &self,
        ctx: &Context<'_>,
        input: RenameActivityUnitInput,
    ) -> async_graphql::Result<ActivityUnitPayload> {
        let value = (touch(&input.unit_id, Some(input.expected_version)), input.name.clone());
        let answer = run!(ctx, "renameActivityUnit", input, |unit, typed = value| activity_unit::rename(
            unit, &typed.0, &typed.1
        ));
        ActivityUnitPayload::after(ctx, answer, &input.unit_id).await
    }

    /// Closes a unit; activities that it hosted keep it.
    async fn close_activity_unit(
        &self,
        ctx: &Context<'_>,
        input: CloseActivityUnitInput,
    ) -> async_graphql::Result<ActivityUnitPayload> {
        let value = touch(&input.unit_id, input.expected_version);
        let answer = run!(ctx, "closeActivityUnit", input, |unit, typed = value| activity_unit::close(unit, &typed));
        ActivityUnitPayload::after(ctx, answer, &input.unit_id).await
    }
}

fn touch(id: &ID, expected_version: Option<i64>) -> Touch {
    Touch {
        unit_id: id.0.clone(),
        expected_version,
    }
}
