//! Writes about people: posts, the roster, exemptions, sealed fields.

pub mod account;
pub mod appointment;
pub mod exemption;
pub mod identity_change;
pub mod language;
pub mod reading;
pub mod reveal;
pub mod roster;

use domain::policy::{Grant, Place, Scope, Subject, SystemScope, Target, scope};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{MemberStatus, Post};

use super::organization::{Organization, place_of};
use super::outcome::Outcome;
use super::writing::Unit;
use crate::store::member::Member;

/// A member of the writer's roster, or `NOT_FOUND` at the field.
pub(in crate::ops) async fn member(unit: &Unit, id: &str, field: &str) -> Outcome<Member> {
    let visible = scope(&unit.actor, Subject::Roster, Grant::Rows);
    let found = unit.write.members(&visible, &[id.to_owned()]).await?.pop();
    found.ok_or_else(|| Problem::at(ProblemCode::NotFound, field).into())
}

/// Refuses an act on somebody who has left.
pub(in crate::ops) fn still_here(member: &Member, field: &str) -> Outcome<()> {
    if member.status == MemberStatus::Left.as_str() {
        return Err(Problem::wrong_state(field, &member.status).into());
    }
    Ok(())
}

/// Refuses what was changed since the client read it.
pub(in crate::ops) fn expect(present: i64, read: Option<i64>) -> Outcome<()> {
    match read {
        Some(read) if read != present => Err(Problem::conflict(present).into()),
        _ => Ok(()),
    }
}

/// Orgs by id, whatever the writer may see: what a decision rests on.
pub(in crate::ops) async fn orgs(unit: &Unit, ids: &[String]) -> Outcome<Vec<Organization>> {
    Ok(unit
        .write
        .organizations(&Scope::system(SystemScope::Rights), ids)
        .await?)
}

/// The place of one of these orgs.
pub(in crate::ops) fn place_in(orgs: &[Organization], id: &str) -> Outcome<Place> {
    let row = orgs.iter().find(|org| org.id == id);
    let row = row.ok_or_else(|| anyhow::anyhow!("an org that a row names is missing"))?;
    Ok(place_of(row)?)
}

/// A member as a target of acts: at the branch, with the group and every org that they head.
pub(in crate::ops) async fn target_of(unit: &Unit, member: &Member) -> Outcome<Target> {
    let ids: Vec<String> = std::iter::once(&member.branch_id)
        .chain(&member.group_id)
        .cloned()
        .collect();
    let found = orgs(unit, &ids).await?;
    let mut target = Target::at(place_in(&found, &member.branch_id)?);
    if let Some(group) = &member.group_id {
        target = target.in_group(place_in(&found, group)?);
    }
    concerning(unit, target, &member.id).await
}

/// Adds to a target whom it concerns, with every org that they head.
async fn concerning(unit: &Unit, target: Target, member_id: &str) -> Outcome<Target> {
    let held = unit.write.posts_held(member_id, unit.today).await?;
    let heads: Vec<String> = held
        .into_iter()
        .filter(|row| row.post == Post::Secretary.as_str() && row.since <= unit.today)
        .map(|row| row.organization_id)
        .collect();
    if heads.is_empty() {
        return Ok(target.about(member_id));
    }
    let deputies = unit.write.with_deputy(&heads, unit.today).await?;
    Ok(heads.into_iter().fold(target.about(member_id), |target, org| {
        let has_deputy = deputies.contains(&org);
        target.heading(org, has_deputy)
    }))
}
