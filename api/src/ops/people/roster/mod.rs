//! The roster 名册: enter a member, record changes, assign to a group, record that somebody left.

pub mod assign_group;
pub mod enter;
pub mod leave;
pub mod record;
pub(in crate::ops::people) mod sealing;
pub mod upsert;

pub use sealing::Typed;

use chrono::NaiveDate;
use domain::policy::{Permit, Place};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{EntityKind, MemberStatus, OrganizationKind, Standing};

use super::{orgs, place_in};
use crate::ops::organization::Organization;
use crate::ops::outcome::Outcome;
use crate::ops::structure::{DISSOLVED, checked_text, org};
use crate::ops::writing::{Unit, upsert};
use crate::store::figure::Delta;
use crate::store::member::Member;
use crate::store::roster::Membership;

/// Longest name.
const NAME: usize = 50;

pub(in crate::ops) fn deltas(unit: &mut Unit, row: &Member, path: &str, host_path: Option<&str>, sign: i64) {
    if row.status == MemberStatus::Left.as_str() {
        return;
    }
    let standing = if row.standing == Standing::Full.as_str() {
        "members.full"
    } else {
        "members.probationary"
    };
    let floating = row.status == MemberStatus::Floating.as_str();
    let metrics = [
        Some((path, standing)),
        floating.then_some((path, "floating.out")),
        host_path.map(|host| (host, "floating.in")),
    ];
    for (path, metric) in metrics.into_iter().flatten() {
        unit.ledger.figures.push(Delta {
            path: path.to_owned(),
            metric: metric.to_owned(),
            period: "now".to_owned(),
            value: sign,
        });
    }
}

/// Paths of a member's branch and host branch.
async fn paths(unit: &Unit, row: &Member) -> Outcome<(Place, Option<Place>)> {
    let ids: Vec<String> = std::iter::once(&row.branch_id)
        .chain(&row.host_branch_id)
        .cloned()
        .collect();
    let found = orgs(unit, &ids).await?;
    let host = row.host_branch_id.as_ref().map(|id| place_in(&found, id)).transpose()?;
    Ok((place_in(&found, &row.branch_id)?, host))
}

pub(in crate::ops) fn tell(unit: &mut Unit, permit: &Permit, row: &Member, place: &Place, fields: &[&'static str]) {
    let at = (place.id.as_str(), place.path.as_str());
    let mut event = upsert(EntityKind::Member, &row.id, row.version, at, fields);
    event.member_id = Some(row.id.clone());
    unit.note(permit, event);
}

/// A running group of this branch.
async fn group_of(unit: &Unit, id: &str, branch: &str) -> Outcome<Organization> {
    let group = org(unit, id, "groupId").await?;
    fits_as_group(&group, branch)?;
    Ok(group)
}

fn fits_as_group(group: &Organization, branch: &str) -> Outcome<()> {
    if group.kind != OrganizationKind::PartyGroup.as_str() {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "groupId")
            .with("kind", &group.kind)
            .with("allowed", OrganizationKind::PartyGroup)
            .into());
    }
    if group.parent_id.as_deref() != Some(branch) {
        return Err(Problem::invalid("groupId", Flaw::Elsewhere).into());
    }
    if group.dissolved_on.is_some() {
        return Err(Problem::wrong_state("groupId", DISSOLVED).into());
    }
    Ok(())
}

fn checked_unit(branch: &Organization, tag: Option<&str>) -> Outcome<Option<String>> {
    let Some(tag) = tag else { return Ok(None) };
    checked_text(tag, "unitTag", 100)?;
    if !branch.joint {
        return Err(Problem::invalid("unitTag", Flaw::Contradiction)
            .with("with", "joint")
            .into());
    }
    Ok(Some(tag.trim().to_owned()))
}

pub(in crate::ops) fn membership(unit: &Unit, row: &Member, from_on: NaiveDate) -> Membership {
    Membership {
        id: unit.app.ids.plain(),
        member_id: row.id.clone(),
        branch_id: row.branch_id.clone(),
        group_id: row.group_id.clone(),
        unit_tag: row.unit_tag.clone(),
        from_on,
        until_on: None,
    }
}

/// Writes a changed member with their figures, before and after.
pub(in crate::ops) async fn keep(
    unit: &mut Unit,
    permit: &Permit,
    before: &Member,
    mut row: Member,
    fields: &[&'static str],
) -> Outcome<Member> {
    let (old, old_host) = paths(unit, before).await?;
    let (new, new_host) = paths(unit, &row).await?;
    deltas(
        unit,
        before,
        &old.path,
        old_host.as_ref().map(|place| place.path.as_str()),
        -1,
    );
    deltas(
        unit,
        &row,
        &new.path,
        new_host.as_ref().map(|place| place.path.as_str()),
        1,
    );
    if !unit.write.update_member(permit, &mut row).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    tell(unit, permit, &row, &new, fields);
    Ok(row)
}

/// Closes the running membership and opens the next, as the member's row now says.
pub(in crate::ops) async fn turn(unit: &Unit, permit: &Permit, row: &Member, on: NaiveDate) -> Outcome<()> {
    if let Some(running) = unit.write.membership_of(&row.id).await? {
        let next = membership(unit, row, on);
        unit.write.turn_membership(permit, running, on, Some(next)).await?;
    }
    Ok(())
}
