use async_graphql::{Context, ID, Object, SimpleObject};
use domain::policy::Target;
use domain::vocabulary::{AttendanceMode, AttendanceState, DecisionState, LeaveCategory};

use super::object::{Activity, ActivityById, LeavesAt, PlaceOf};
use super::permission::{AttendanceAction, AttendancePermission};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::member::object::Member;
use crate::graphql::transfer::object::HeadshipsOf;
use crate::ops::activity::{Attendance as Row, Leave as LeaveRow};
use crate::{connection, loader};

loader!(
    /// Attendance by id, as the reader may see it.
    AttendanceById => Row, |reading, ids| {
        Ok(reading.attendances(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);
loader!(
    /// Leave by id, as the reader may see it.
    LeaveById => LeaveRow, |reading, ids| {
        Ok(reading.leaves(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);

/// One member at one activity 考勤.
pub struct Attendance(pub Row);

connection!(AttendanceConnection, AttendanceEdge, Attendance);

/// Leave 请假 asked for one activity.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Leave {
    #[graphql(owned)]
    pub id: ID,
    pub version: i64,
    pub state: Option<DecisionState>,
    pub category: Option<LeaveCategory>,
    #[graphql(skip)]
    row: LeaveRow,
}

#[async_graphql::ComplexObject]
impl Leave {
    /// What the member wrote, for the member and for who records or decides at the member's own org; others see the
    /// category only.
    async fn reason(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        if self.row.reason_sealed.is_none() {
            return Ok(None);
        }
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.row.organization_id.clone())).await? else {
            return Ok(None);
        };
        let reading = ctx.operation()?.reading().await?;
        reading
            .leave_reason(&self.row, &place)
            .map_err(|failure| to_error(&failure))
    }
}

impl From<LeaveRow> for Leave {
    fn from(row: LeaveRow) -> Self {
        Self {
            id: ID(row.id.clone()),
            version: row.version,
            state: row.state.parse().ok(),
            category: row.category.parse().ok(),
            row,
        }
    }
}

/// One member at one activity 考勤.
#[Object]
impl Attendance {
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.member_id).await
    }
    async fn state(&self) -> Option<AttendanceState> {
        self.0.state.parse().ok()
    }
    /// In the reader's language.
    async fn state_label(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&'static str>> {
        let language = ctx.operation()?.language;
        let state = self.0.state.parse::<AttendanceState>().ok();
        Ok(state.map(|state| state.label(language)))
    }
    /// How the member took part; null where they did not.
    async fn mode(&self) -> Option<AttendanceMode> {
        self.0.mode.as_deref().and_then(|mode| mode.parse().ok())
    }
    /// The member's words where they dispute what was recorded.
    async fn dispute(&self) -> Option<&str> {
        self.0.dispute.as_deref()
    }
    async fn leave(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Leave>> {
        let found = loaders::load(ctx.data()?, LeavesAt(self.0.activity_id.clone())).await?;
        let mine = found
            .unwrap_or_default()
            .into_iter()
            .find(|leave| leave.member_id == self.0.member_id);
        Ok(mine.map(Leave::from))
    }
    async fn activity(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Activity>> {
        let found = loaders::load(ctx.data()?, ActivityById(self.0.activity_id.clone())).await?;
        Ok(found.map(Activity::from))
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<AttendanceAction>,
    ) -> async_graphql::Result<Vec<AttendancePermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.organization_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let heads = loaders::load(ctx.data()?, HeadshipsOf(self.0.member_id.clone())).await?;
        let mut target = Target::at((*place).clone()).about(&self.0.member_id);
        target.heads = heads.unwrap_or_default();
        let against = |action: AttendanceAction| action.against(&self.0);
        Ok(AttendancePermission::each(
            operation, &reading, actions, &target, against,
        ))
    }
}
