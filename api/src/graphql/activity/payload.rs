use async_graphql::Context;
use std::sync::Arc;

use super::attendance::{Attendance, Leave};
use super::object::Activity;
use crate::answered;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::obligation::object::{Obligation, ObligationById};
use crate::graphql::write::Answer;

answered!(
    /// An activity after the change; present with `CONFLICT` too, as it stands now.
    ActivityPayload {
        /// The activity; null where the reader may not see it.
        activity: Option<Activity>,
    }
);

answered!(
    /// A recorded activity, and what it changed in what its orgs owe.
    RecordActivityPayload {
        /// The activity; null where the reader may not see it.
        activity: Option<Activity>,
        /// Obligations whose status changed.
        obligations: Vec<Obligation>,
    }
);

answered!(
    /// Attendance after the change.
    AttendancePayload {
        /// The attendance; null where the reader may not see it.
        attendance: Option<Attendance>,
    }
);

answered!(
    /// Leave after the change.
    LeavePayload {
        /// The leave, where one was asked for.
        leave: Option<Leave>,
    }
);

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
    Ok(ActivityPayload::with(
        activity(ctx, answer.entity(present)).await?,
        answer,
    ))
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
    Ok(RecordActivityPayload::with(
        activity(ctx, answer.entity(present)).await?,
        obligations,
        answer,
    ))
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
    Ok(AttendancePayload::with(attendance, answer))
}

pub(super) async fn excused(ctx: &Context<'_>, answer: Answer, present: &str) -> async_graphql::Result<LeavePayload> {
    let leave = match answer.entity(present) {
        Some(id) => {
            let found = ctx.operation()?.reading().await?.leaves(&[id]).await;
            found.map_err(|failure| to_error(&failure))?.pop().map(Leave::from)
        }
        None => None,
    };
    Ok(LeavePayload::with(leave, answer))
}
