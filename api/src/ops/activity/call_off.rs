//! What an org that is dissolved had scheduled (ADR 0083): all of it at once, however much it is.

use domain::lifecycle::activity::{Command, step};
use domain::policy::Permit;
use domain::vocabulary::EntityKind;

use super::super::inbox::standing::{asked_at_all, noticed_at_all};
use super::super::organization::Organization;
use super::super::outcome::Outcome;
use super::super::structure::Change;
use super::super::writing::{Unit, upsert};
use super::{Activity, read};

/// What a dissolved org holds is cancelled with the decision as the reason; at what others hold it takes part no longer.
///
/// # Errors
/// The database is away.
pub(in crate::ops) async fn call_off(
    unit: &mut Unit,
    permit: &Permit,
    org: &Organization,
    change: &Change,
) -> Outcome<()> {
    let all = unit.write.scheduled_with(&org.id).await?;
    let (own, joined): (Vec<Activity>, Vec<Activity>) = all.into_iter().partition(|row| row.host_id == org.id);
    cancel_all(unit, permit, own, change).await?;
    leave_all(unit, permit, joined, org).await
}

fn ids(rows: &[Activity]) -> Vec<String> {
    rows.iter().map(|row| row.id.clone()).collect()
}

async fn cancel_all(unit: &mut Unit, permit: &Permit, rows: Vec<Activity>, change: &Change) -> Outcome<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let decision = change.decision.as_ref();
    let number = decision.map(|decision| decision.document_number.as_str());
    let reason = format!("党组织撤销（{}）", number.unwrap_or_default());
    let ids = ids(&rows);
    unit.write.cancel_activities(&ids, &reason).await?;
    let orgs = unit.write.places_of(&ids).await?;
    for row in &rows {
        let taken = step(read(&row.status)?, Command::Cancel);
        let step = taken.map_err(|refused| refused.at("id").with("activityId", &row.id))?;
        unit.tell_each(permit, row, row.version + 1, &orgs, step.fields);
    }
    asked_at_all(unit, &ids).await?;
    noticed_at_all(unit, &ids).await
}

async fn leave_all(unit: &mut Unit, permit: &Permit, rows: Vec<Activity>, org: &Organization) -> Outcome<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids = ids(&rows);
    unit.write.leave_activities(&ids, &org.id).await?;
    let orgs = unit.write.places_of(&ids).await?;
    for row in &rows {
        unit.tell_each(permit, row, row.version + 1, &orgs, &["organizations", "expected"]);
        // It learns that the activity is none of its own any more.
        let at = (org.id.as_str(), org.path.as_str());
        let event = upsert(EntityKind::Activity, &row.id, row.version + 1, at, &["organizations"]);
        unit.note(permit, event);
    }
    Ok(())
}
