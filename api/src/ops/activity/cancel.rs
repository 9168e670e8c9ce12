//! Cancel a scheduled activity 取消.

use domain::lifecycle::activity::Command;
use domain::policy::{Action, Permit};

use super::super::inbox::standing::{asked_at, noticed_at};
use super::super::organization::Organization;
use super::super::outcome::Outcome;
use super::super::structure::{Change, checked_text};
use super::super::writing::Unit;
use super::Loaded;
use super::together::tell_gone;

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
    let reason = input.reason.trim().to_owned();
    off(unit, &permit, &mut loaded, reason).await?;
    Ok(vec![loaded.row.id])
}

async fn off(unit: &mut Unit, permit: &Permit, loaded: &mut Loaded, reason: String) -> Outcome<()> {
    let step = loaded.step(Command::Cancel)?;
    loaded.take(&step);
    loaded.row.cancel_reason = Some(reason);
    unit.keep(permit, loaded, step.fields).await?;
    asked_at(unit, &loaded.row.id).await?;
    noticed_at(unit, &loaded.row.id).await
}

/// What an org that is dissolved had scheduled: its own is cancelled with the decision as the reason; at what others hold it
/// takes part no longer.
///
/// # Errors
/// `CONFLICT`, or the database is away.
pub(in crate::ops) async fn call_off(
    unit: &mut Unit,
    permit: &Permit,
    org: &Organization,
    change: &Change,
) -> Outcome<()> {
    let decision = change
        .decision
        .as_ref()
        .map(|decision| decision.document_number.as_str());
    for id in unit.write.scheduled_with(&org.id).await? {
        let mut loaded = unit.activity_behind(&id).await?;
        if loaded.host.id == org.id {
            let reason = format!("党组织撤销（{}）", decision.unwrap_or_default());
            off(unit, permit, &mut loaded, reason).await?;
            continue;
        }
        let gone: Vec<_> = loaded.others.extract_if(.., |place| place.id == org.id).collect();
        loaded.orgs.retain(|one| one.organization_id != org.id);
        unit.write
            .leave_out_organizations(&id, std::slice::from_ref(&org.id))
            .await?;
        unit.keep(permit, &mut loaded, &["organizations", "expected"]).await?;
        tell_gone(unit, permit, &loaded, &gone);
    }
    Ok(())
}
