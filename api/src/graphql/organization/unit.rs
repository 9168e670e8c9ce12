//! Activity units and organs of an org.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::policy::Target;
use domain::problem::Problem;
use domain::vocabulary::{ActivityUnitKind, OrganKind};

use super::object::Organization;
use crate::graphql::activity::object::PlaceOf;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::page::{PageArguments, binding};
use crate::ops::activity_unit::{self, ActivityUnit as Row, Open, Touch};
use crate::{connection, loader, payload, permission, reads, run};

permission! {
    /// What can be done with a unit.
    ActivityUnitAction, ActivityUnitPermission {
        /// Give it another name.
        Rename => RecordActivityUnit,
        /// Close it.
        Close => RecordActivityUnit,
    }
}

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
    /// Which kind it is.
    pub kind: Option<OrganKind>,
    /// What it is called.
    pub name: String,
}

/// A unit of an org 活动单位 that hosts its activities: a section, a workshop, a project site, a pioneer station (G3.2).
#[Object]
impl ActivityUnit {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// Which kind it is.
    async fn kind(&self) -> Option<ActivityUnitKind> {
        self.0.kind.parse().ok()
    }
    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// The org that it belongs to.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.organization_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// The first day.
    async fn opened_on(&self) -> Date {
        self.0.opened_on.into()
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<ActivityUnitAction>,
    ) -> async_graphql::Result<Vec<ActivityUnitPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.organization_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let target = Target::at((*place).clone());
        let against = |_| self.0.closed_on.map(|_| Problem::wrong_state("unitId", "CLOSED"));
        Ok(ActivityUnitPermission::each(
            operation, &reading, actions, &target, against,
        ))
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
    let binding = binding("activityUnits", &(organization_id, closed));
    let organization = organization_id.to_owned();
    let read = reads!(organization => |reading, request| reading.activity_units_of(&organization, closed, &request));
    let values = |row: &Row| vec![row.name_key.clone(), row.id.clone()];
    ActivityUnitConnection::list(ctx, &binding, page, read, values, ActivityUnit).await
}

/// A unit to be opened.
#[derive(InputObject)]
pub struct CreateActivityUnitInput {
    /// The org that it is about.
    pub organization_id: ID,
    /// Which kind it is.
    pub kind: ActivityUnitKind,
    /// At most 100 characters; no two open units of an org share one.
    pub name: String,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Another name for a unit.
#[derive(InputObject)]
pub struct RenameActivityUnitInput {
    /// The unit.
    pub unit_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// What it is called.
    pub name: String,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// A unit to be closed.
#[derive(InputObject)]
pub struct CloseActivityUnitInput {
    /// The unit.
    pub unit_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
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
