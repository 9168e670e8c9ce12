use async_graphql::{Context, SimpleObject};
use std::sync::Arc;

use super::attendance::{Attendance, Leave};
use super::object::Activity;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::{UserError, to_error};
use crate::graphql::loaders;
use crate::graphql::log::LogCursor;
use crate::graphql::obligation::object::{Obligation, ObligationById};
use crate::graphql::write::Answer;

/// An activity after the change; present with `CONFLICT` too, as it stands now.
#[derive(SimpleObject)]
pub struct ActivityPayload {
    /// The activity; null where the reader may not see it.
    pub activity: Option<Activity>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// Position of the change in the log.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

/// A recorded activity, and what it changed in what its orgs owe.
#[derive(SimpleObject)]
pub struct RecordActivityPayload {
    /// The activity; null where the reader may not see it.
    pub activity: Option<Activity>,
    /// Obligations whose status changed.
    pub obligations: Vec<Obligation>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// Position of the change in the log.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

/// Attendance after the change.
#[derive(SimpleObject)]
pub struct AttendancePayload {
    /// The attendance; null where the reader may not see it.
    pub attendance: Option<Attendance>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// Position of the change in the log.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

/// Leave after the change.
#[derive(SimpleObject)]
pub struct LeavePayload {
    /// The leave, where one was asked for.
    pub leave: Option<Leave>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// Position of the change in the log.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

async fn activity(ctx: &Context<'_>, id: Option<String>) -> async_graphql::Result<Option<Activity>> {
    let Some(id) = id else { return Ok(None) };
    // Past the loaders: one that ran before the write may still hold what stood there then.
    let found = ctx.operation()?.reading().await?.activities(&[id]).await;
    let mut found = found.map_err(|failure| to_error(&failure))?;
    Ok(found.pop().map(|row| Activity::from(Arc::new(row))))
}

pub(super) async fn changed(
    ctx: &Context<'_>,
    answer: Answer,
    present: &str,
) -> async_graphql::Result<ActivityPayload> {
    Ok(ActivityPayload {
        activity: activity(ctx, answer.entity(present)).await?,
        user_errors: answer.user_errors,
        cursor: answer.cursor,
        replayed: answer.replayed,
    })
}

pub(super) async fn recorded(
    ctx: &Context<'_>,
    answer: Answer,
    present: &str,
) -> async_graphql::Result<RecordActivityPayload> {
    let mut obligations = Vec::new();
    let keys: Vec<_> = answer.ids.iter().skip(1).cloned().map(ObligationById).collect();
    let loaded = ctx.data::<Arc<loaders::Loaders>>()?.load_many(keys.clone()).await;
    let mut loaded = loaded.map_err(|error| (*error).clone())?;
    for key in keys {
        obligations.extend(loaded.remove(&key).map(Obligation));
    }
    Ok(RecordActivityPayload {
        activity: activity(ctx, answer.entity(present)).await?,
        obligations,
        user_errors: answer.user_errors,
        cursor: answer.cursor,
        replayed: answer.replayed,
    })
}

pub(super) async fn attended(
    ctx: &Context<'_>,
    answer: Answer,
    present: &str,
) -> async_graphql::Result<AttendancePayload> {
    let attendance = match answer.entity(present) {
        Some(id) => {
            let found = ctx.operation()?.reading().await?.attendances(&[id]).await;
            found.map_err(|failure| to_error(&failure))?.pop().map(Attendance)
        }
        None => None,
    };
    Ok(AttendancePayload {
        attendance,
        user_errors: answer.user_errors,
        cursor: answer.cursor,
        replayed: answer.replayed,
    })
}

pub(super) async fn excused(ctx: &Context<'_>, answer: Answer, present: &str) -> async_graphql::Result<LeavePayload> {
    let leave = match answer.entity(present) {
        Some(id) => {
            let found = ctx.operation()?.reading().await?.leaves(&[id]).await;
            found.map_err(|failure| to_error(&failure))?.pop().map(Leave::from)
        }
        None => None,
    };
    Ok(LeavePayload {
        leave,
        user_errors: answer.user_errors,
        cursor: answer.cursor,
        replayed: answer.replayed,
    })
}
