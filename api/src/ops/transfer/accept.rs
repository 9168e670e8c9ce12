//! Acceptance: the day of the transfer belongs to the new branch.

use chrono::Months;
use domain::audience::Audience;
use domain::lifecycle::measure::{self as life, DeciderPost};
use domain::lifecycle::transfer::{Command, status_after};
use domain::policy::{Action, Permit};
use domain::problem::Problem;
use domain::vocabulary::{DecisionState, EntityKind, InboxKind, MemberStatus};

use super::super::activity::read;
use super::super::admission::end_with_membership;
use super::super::affiliation::moved;
use super::super::measure::{metric, rejudge_since as rejudge_measures};
use super::super::obligation::rejudge::rejudge;
use super::super::organization::{Organization, place_of};
use super::super::outcome::Outcome;
use super::super::people::{identity_change, roster};
use super::super::seating::reseat;
use super::super::structure::DISSOLVED;
use super::super::writing::Unit;
use super::{Answer, close, load, next};
use crate::store::figure::Delta;
use crate::store::member::Member;

/// How far ahead exemptions are looked for.
const AHEAD: Months = Months::new(120);

/// The side it leads to, or a level above both, takes the member in. The id of the transfer.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `WRONG_STATE`, `ALREADY_DECIDED`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.transfer.accept", skip_all)]
pub async fn accept(unit: &mut Unit, input: &Answer) -> Outcome<Vec<String>> {
    let loaded = load(unit, &input.transfer_id).await?;
    let permit = unit.require(Action::AcceptTransfer, &loaded.target, "transferId")?;
    next(unit, &loaded.row, input, Command::Accept)?;
    let wrong = |state: &str| Problem::wrong_state("transferId", state);
    let member = unit.write.hold_member(&loaded.row.member_id).await?;
    let member = member.ok_or_else(|| wrong(MemberStatus::Left.as_str()))?;
    if member.status == MemberStatus::Left.as_str() {
        return Err(wrong(&member.status).into());
    }
    if member.branch_id != loaded.from.id {
        return Err(wrong("ELSEWHERE").into());
    }
    if loaded.to.dissolved_on.is_some() {
        return Err(wrong(DISSOLVED).into());
    }
    let (from, to) = (loaded.from.clone(), loaded.to.clone());
    let ids = close(unit, &permit, loaded, input, Command::Accept).await?;
    change_branch(unit, &permit, member, &from, &to).await?;
    Ok(ids)
}

async fn change_branch(
    unit: &mut Unit,
    permit: &Permit,
    before: Member,
    from: &Organization,
    to: &Organization,
) -> Outcome<()> {
    let mut orgs = unit.write.with_groups(&from.id).await?;
    roster::leave::end_posts(unit, permit, &before, unit.today, Some(&orgs)).await?;
    let member = Member {
        branch_id: to.id.clone(),
        group_id: None,
        host_branch_id: None,
        unit_tag: None,
        status: status_after(read(&before.status)?).to_string(),
        ..before.clone()
    };
    roster::turn(unit, permit, &member, unit.today).await?;
    let fields = ["branch", "group", "hostBranch", "status"];
    let member = roster::keep(unit, permit, &before, member, &fields).await?;
    if let Some(event) = unit.ledger.events.last_mut() {
        event.old_path = Some(from.path.clone());
    }
    hand_over_exemptions(unit, permit, &member, (from, to)).await?;
    hand_over_measures(unit, permit, &member, (from, to)).await?;
    identity_change::hand_over(unit, permit, &member.id, &place_of(to)?, &from.path).await?;
    end_with_membership(unit, permit, &member.id, from).await?;
    reseat(unit, std::slice::from_ref(&member.id)).await?;
    orgs.push(to.id.clone());
    rejudge(unit, &orgs, unit.today).await?;
    rejudge_measures(unit, std::slice::from_ref(&member.id), unit.today).await?;
    Ok(())
}

/// Running exemptions, and drafts of them, go with the member.
async fn hand_over_exemptions(
    unit: &mut Unit,
    permit: &Permit,
    member: &Member,
    (from, to): (&Organization, &Organization),
) -> Outcome<()> {
    let last = unit.today.checked_add_months(AHEAD).unwrap_or(unit.today);
    let rows = unit.write.exemptions_between(&member.id, unit.today, last).await?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    unit.write.hand_over_exemptions(permit, &ids, &to.id).await?;
    for row in &rows {
        let mut event = moved(EntityKind::Exemption, &row.id, row.version + 1, to, from);
        event.member_id = Some(member.id.clone());
        unit.note(permit, event);
        if row.state == DecisionState::Open.as_str() {
            let params = serde_json::json!({"memberId": member.id, "category": row.category});
            readdress(
                unit,
                InboxKind::ExemptionToDecide,
                (EntityKind::Exemption, &row.id),
                to,
                params,
            );
        }
    }
    Ok(())
}

/// Measures that wait for somebody go with the member: the head of the new branch decides them.
async fn hand_over_measures(
    unit: &mut Unit,
    permit: &Permit,
    member: &Member,
    (from, to): (&Organization, &Organization),
) -> Outcome<()> {
    let waits = |state: &str| {
        let state = state.parse().ok();
        state.is_some_and(|state| life::step(Some(state), life::Command::HandOver).is_ok())
    };
    let mut rows = unit.write.measures_of(std::slice::from_ref(&member.id)).await?;
    rows.retain(|row| waits(&row.state));
    for row in &mut rows {
        row.branch_id.clone_from(&to.id);
        row.decider_id.clone_from(&to.id);
        row.decider_post = DeciderPost::Secretary.to_string();
        row.version += 1;
        let (metric, period) = metric(&row.kind, &row.state, row.last_absence_on);
        for (org, value) in [(from, -1), (to, 1)] {
            unit.ledger.figures.push(Delta {
                path: org.path.clone(),
                metric: metric.clone(),
                period: period.clone(),
                value,
            });
        }
        let mut event = moved(EntityKind::Measure, &row.id, row.version, to, from);
        event.member_id = Some(member.id.clone());
        unit.note(permit, event);
        let params = serde_json::json!({"kind": row.kind, "state": row.state, "memberId": member.id});
        readdress(
            unit,
            InboxKind::MeasureToDecide,
            (EntityKind::Measure, &row.id),
            to,
            params,
        );
    }
    unit.write.put_measures(&rows).await?;
    Ok(())
}

/// The line of who decides goes to the head of the new branch.
fn readdress(
    unit: &mut Unit,
    kind: InboxKind,
    subject: (EntityKind, &str),
    to: &Organization,
    params: serde_json::Value,
) {
    unit.settle(subject.1, &[kind]);
    unit.raise(kind, Audience::Head(to.id.clone()), subject, &to.id, (params, None));
}
