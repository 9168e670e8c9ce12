//! That a member left, and what ends with it.

use chrono::NaiveDate;
use domain::period::begins_at;
use domain::policy::{Action, Permit};
use domain::problem::Problem;
use domain::vocabulary::{DepartureReason, EntityKind, MemberStatus};

use super::super::{expect, identity_change, member, orgs, place_in, still_here, target_of};
use super::keep;
use crate::ops::decision::CollectiveDecision;
use crate::ops::obligation::rejudge::rejudge;
use crate::ops::outcome::Outcome;
use crate::ops::seating::reseat_after;
use crate::ops::structure::checked_date;
use crate::ops::writing::{Unit, upsert};
use crate::store::member::Member;

/// That somebody left, and how.
#[derive(Debug, Clone)]
pub struct Leave {
    pub member_id: String,
    /// None where nobody read it before.
    pub expected_version: Option<i64>,
    pub reason: DepartureReason,
    pub left_on: NaiveDate,
    /// Of everything but death.
    pub decision: Option<CollectiveDecision>,
}

/// Which act a departure is: what a person in office records, or what a file says.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Acts {
    pub death: Action,
    pub departure: Action,
}

/// Records that a member left: memberships, posts and what they were expected at end with the day. The id of the member.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `COLLECTIVE_DECISION_REQUIRED`, `WRONG_STATE`, `CONFLICT`, bad dates, or the database is away.
#[tracing::instrument(name = "ops.people.roster.leave", skip_all)]
pub async fn leave(unit: &mut Unit, input: &Leave) -> Outcome<Vec<String>> {
    let acts = Acts {
        death: Action::RecordDeath,
        departure: Action::RecordDeparture,
    };
    leave_by(unit, input, acts).await
}

/// The same, by the right to one of these acts.
///
/// # Errors
/// As [`leave`].
pub(in crate::ops) async fn leave_by(unit: &mut Unit, input: &Leave, acts: Acts) -> Outcome<Vec<String>> {
    let before = member(unit, &input.member_id, "memberId").await?;
    let target = target_of(unit, &before).await?;
    let (action, target) = match (input.reason, &input.decision) {
        (DepartureReason::Deceased, _) => (acts.death, target),
        (_, Some(_)) => (acts.departure, target.decided_collectively()),
        (_, None) => (acts.departure, target),
    };
    let permit = unit.require(action, &target, "memberId")?;
    expect(before.version, input.expected_version)?;
    still_here(&before, "memberId")?;
    unit.rest_on(&permit, input.decision.as_ref()).await?;
    checked_date(input.left_on, unit.today, "leftOn")?;
    let running = unit.write.membership_of(&before.id).await?;
    let earliest = running.as_ref().map_or(before.joined_on, |running| running.from_on);
    if input.left_on < earliest {
        return Err(Problem::too_early("leftOn", earliest).into());
    }
    let mut row = before.clone();
    row.status = MemberStatus::Left.to_string();
    row.left_on = Some(input.left_on);
    row.left_reason = Some(input.reason.to_string());
    if let Some(running) = running {
        unit.write
            .turn_membership(&permit, running, input.left_on, None)
            .await?;
    }
    end_posts(unit, &permit, &row, input.left_on, None).await?;
    unit.write.close_accounts_of(&row.id, unit.now).await?;
    identity_change::withdraw(unit, &permit, &row.id, &target.org, None).await?;
    let row = keep(unit, &permit, &before, row, &["status", "leftOn"]).await?;
    let left_at = begins_at(input.left_on, unit.app.zone).min(unit.now);
    reseat_after(unit, std::slice::from_ref(&row.id), left_at).await?;
    let mut seats = vec![row.branch_id.clone()];
    seats.extend(row.group_id.clone());
    rejudge(unit, &seats, input.left_on).await?;
    Ok(vec![row.id])
}

/// Ends the posts of a member with the day: all of them, or those in some orgs.
pub(in crate::ops) async fn end_posts(
    unit: &mut Unit,
    permit: &Permit,
    row: &Member,
    on: NaiveDate,
    within: Option<&[String]>,
) -> Outcome<()> {
    let mut held = unit.write.posts_held(&row.id, on).await?;
    held.retain(|post| within.is_none_or(|orgs| orgs.contains(&post.organization_id)));
    let ids: Vec<String> = held.iter().map(|post| post.organization_id.clone()).collect();
    let found = orgs(unit, &ids).await?;
    for post in &held {
        let place = place_in(&found, &post.organization_id)?;
        let at = (place.id.as_str(), place.path.as_str());
        let mut event = upsert(EntityKind::Appointment, &post.id, post.version + 1, at, &["until"]);
        event.member_id = Some(row.id.clone());
        unit.ledger.events.push(event);
    }
    let ids: Vec<String> = held.into_iter().map(|post| post.id).collect();
    Ok(unit.write.end_appointments(permit, &ids, on).await?)
}
