use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::lifecycle::leave::{Command, step};
use domain::vocabulary::{AttendanceMode, AttendanceState, DecisionState, LeaveCategory};

use super::object::{Activity, ActivityById, LeavesAt, PlaceOf};
use super::permission::{AttendanceAction, AttendancePermission, LeaveAction, LeavePermission};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::member::object::{Member, target_at};
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
pub struct Leave(pub LeaveRow);

impl From<LeaveRow> for Leave {
    fn from(row: LeaveRow) -> Self {
        Self(row)
    }
}

/// Leave 请假 asked for one activity; superiors see its category.
#[Object]
impl Leave {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// Whether it waits, was granted or refused.
    async fn state(&self) -> Option<DecisionState> {
        self.0.state.parse().ok()
    }
    /// Why it was asked for, as a coarse category.
    async fn category(&self) -> Option<LeaveCategory> {
        self.0.category.parse().ok()
    }
    /// What the member wrote, for the member and for who records or decides at the member's own org; others see the
    /// category only.
    async fn reason(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        if self.0.reason_sealed.is_none() {
            return Ok(None);
        }
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.organization_id.clone())).await? else {
            return Ok(None);
        };
        let reading = ctx.operation()?.reading().await?;
        reading
            .leave_reason(&self.0, &place)
            .map_err(|failure| to_error(&failure))
    }
    /// Who asks for leave.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.member_id).await
    }
    /// What it is asked for; null where the reader may not see that.
    async fn activity(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Activity>> {
        let found = loaders::load(ctx.data()?, ActivityById(self.0.activity_id.clone())).await?;
        Ok(found.map(Activity::from))
    }
    /// When it was asked for.
    async fn asked_at(&self) -> DateTime<Utc> {
        self.0.asked_at
    }
    /// When it was granted or refused.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
    /// Who decided.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match &self.0.decided_by {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<LeaveAction>,
    ) -> async_graphql::Result<Vec<LeavePermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(target) = target_at(ctx, &self.0.organization_id, &self.0.member_id).await? else {
            return Ok(Vec::new());
        };
        let state = self.0.state.parse().ok();
        let against = |action| match action {
            LeaveAction::Decide => step(state, Command::Grant).err().map(|refused| refused.at("leaveId")),
        };
        Ok(LeavePermission::each(operation, &reading, actions, &target, against))
    }
}

/// One member at one activity 考勤.
#[Object]
impl Attendance {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// Whom it concerns.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.member_id).await
    }
    /// How it stands.
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
    /// The leave, where one was asked for.
    async fn leave(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Leave>> {
        let found = loaders::load(ctx.data()?, LeavesAt(self.0.activity_id.clone())).await?;
        let mine = found
            .unwrap_or_default()
            .into_iter()
            .find(|leave| leave.member_id == self.0.member_id);
        Ok(mine.map(Leave::from))
    }
    /// The activity; null where the reader may not see it.
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
        let Some(target) = target_at(ctx, &self.0.organization_id, &self.0.member_id).await? else {
            return Ok(Vec::new());
        };
        let against = |action: AttendanceAction| action.against(&self.0);
        Ok(AttendancePermission::each(
            operation, &reading, actions, &target, against,
        ))
    }
}
