//! Cancel a scheduled activity 取消.

use domain::lifecycle::activity::Command;
use domain::policy::Action;

use super::super::inbox::standing::{asked_at, noticed_at};
use super::super::outcome::Outcome;
use super::super::structure::checked_text;
use super::super::writing::Unit;

/// Which activity, and why.
#[derive(Debug, Clone)]
pub struct Cancel {
    pub activity_id: String,
    pub expected_version: Option<i64>,
    pub reason: String,
}

/// Cancels an activity that was not held. The id of the activity.
///
/// # Errors
/// `REQUIRED`, `WRONG_STATE`, `CONFLICT`, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.cancel", skip_all)]
pub async fn cancel(unit: &mut Unit, input: &Cancel) -> Outcome<Vec<String>> {
    checked_text(&input.reason, "reason", 1000)?;
    let mut loaded = unit.activity(&input.activity_id).await?;
    let permit = unit.require(Action::CancelActivity, &loaded.target(), "activityId")?;
    loaded.expect(input.expected_version)?;
    let step = loaded.step(Command::Cancel)?;
    loaded.take(&step);
    loaded.row.cancel_reason = Some(input.reason.trim().to_owned());
    unit.keep(&permit, &mut loaded, step.fields).await?;
    asked_at(unit, &loaded.row.id).await?;
    noticed_at(unit, &loaded.row.id).await?;
    Ok(vec![loaded.row.id])
}
