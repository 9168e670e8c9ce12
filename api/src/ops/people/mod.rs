//! Writes about people: posts, the roster, exemptions, sealed fields.

pub mod account;
pub mod appointment;
pub mod exemption;
pub mod identity_change;
pub mod language;
pub mod reading;
pub mod reveal;
pub mod roster;
pub mod service_account;

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

/// A member whom something names that the writer sees; their own sight of the roster does not matter.
async fn person(unit: &Unit, id: &str, field: &str) -> Outcome<Member> {
    let system = Scope::system(SystemScope::Rights);
    let found = unit.write.members(&system, &[id.to_owned()]).await?.pop();
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
    if ids.is_empty() {
        return Ok(Vec::new());
    }
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
    let heads = Heads::of(unit, &[member_id.to_owned()]).await?;
    Ok(heads.concerning(target, member_id))
}

/// The orgs that members head, and which of these have a deputy.
pub(in crate::ops) struct Heads {
    /// (member, org) of each secretary's post.
    posts: Vec<(String, String)>,
    deputies: std::collections::HashSet<String>,
}

impl Heads {
    pub(in crate::ops) async fn of(unit: &Unit, members: &[String]) -> Outcome<Self> {
        let held = match members.is_empty() {
            true => Vec::new(),
            false => unit.write.posts_held_by(members, unit.today).await?,
        };
        let posts: Vec<(String, String)> = held
            .into_iter()
            .filter(|row| row.post == Post::Secretary.as_str() && row.since <= unit.today)
            .map(|row| (row.member_id, row.organization_id))
            .collect();
        let mut deputies = std::collections::HashSet::new();
        if !posts.is_empty() {
            let orgs: Vec<String> = posts.iter().map(|(_, org)| org.clone()).collect();
            deputies.extend(unit.write.with_deputy(&orgs, unit.today).await?);
        }
        Ok(Self { posts, deputies })
    }

    /// Adds to a target whom it concerns, with every org that they head.
    pub(in crate::ops) fn concerning(&self, target: Target, member_id: &str) -> Target {
        let own = self.posts.iter().filter(|(member, _)| member == member_id);
        own.fold(target.about(member_id), |target, (_, org)| {
            target.heading(org.clone(), self.deputies.contains(org))
        })
    }
}
