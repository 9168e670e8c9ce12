//! Which group of their branch a member belongs to.

use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::Post;

use super::super::{expect, member, orgs, still_here, target_of};
use super::{group_of, keep, turn};
use crate::ops::obligation::rejudge::rejudge;
use crate::ops::outcome::Outcome;
use crate::ops::seating::reseat;
use crate::ops::writing::Unit;

/// Which group a member belongs to from today on.
#[derive(Debug, Clone)]
pub struct Assign {
    pub member_id: String,
    pub expected_version: i64,
    pub group_id: Option<String>,
}

/// Puts a member into a group of their branch from today on, or out of any. The id of the member.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `KIND_NOT_ALLOWED_HERE`, `INVALID`, `HOLDS_POST`, `WRONG_STATE`, `CONFLICT`, or the database is
/// away.
#[tracing::instrument(name = "ops.people.roster.assign_group", skip_all)]
pub async fn assign_group(unit: &mut Unit, input: &Assign) -> Outcome<Vec<String>> {
    let before = member(unit, &input.member_id, "memberId").await?;
    let target = target_of(unit, &before).await?;
    let permit = unit.require(Action::AssignGroup, &target, "memberId")?;
    expect(before.version, Some(input.expected_version))?;
    still_here(&before, "memberId")?;
    if let Some(group) = &input.group_id {
        group_of(unit, group, &before.branch_id).await?;
    }
    if input.group_id == before.group_id {
        return Ok(vec![before.id]);
    }
    let leads = unit.write.posts_held(&before.id, unit.today).await?;
    if leads.iter().any(|row| row.post == Post::GroupLeader.as_str()) {
        return Err(Problem::at(ProblemCode::HoldsPost, "memberId").into());
    }
    let left = orgs(unit, before.group_id.as_slice()).await?.pop();
    let mut row = before.clone();
    row.group_id.clone_from(&input.group_id);
    turn(unit, &permit, &row, unit.today).await?;
    let groups: Vec<String> = before.group_id.iter().chain(&row.group_id).cloned().collect();
    let row = keep(unit, &permit, &before, row, &["group"]).await?;
    if let (Some(old), Some(event)) = (&left, unit.ledger.events.last_mut()) {
        // Whoever saw the member through the old group is told.
        event.old_path = Some(old.path.clone());
    }
    reseat(unit, std::slice::from_ref(&row.id)).await?;
    rejudge(unit, &groups, unit.today).await?;
    Ok(vec![row.id])
}
