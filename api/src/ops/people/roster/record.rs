//! What changes of a member: name, status, host branch, unit, sealed fields.

use domain::policy::Action;
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{MemberStatus, OrganizationKind, SealedField};

use super::super::reveal::field_name;
use super::super::{expect, member, orgs, still_here, target_of};
use super::sealing::{check_unknown, checked_value, put, require_entry};
use super::{NAME, checked_unit, keep, turn};
use crate::ops::obligation::rejudge::rejudge;
use crate::ops::outcome::Outcome;
use crate::ops::seating::reseat;
use crate::ops::structure::{checked_text, org};
use crate::ops::writing::Unit;
use crate::store::member::Member;
use crate::store::name_key::name_key;

/// What changes of a member; `None` leaves it, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub member_id: String,
    pub expected_version: i64,
    pub name: Option<String>,
    pub status: Option<MemberStatus>,
    /// Host branch of a floating member.
    pub host_branch_id: Option<Option<String>>,
    pub unit_tag: Option<Option<String>>,
    pub identity_number: Option<String>,
    pub address: Option<Option<String>>,
    pub phone: Option<Option<String>>,
}

/// Records changes of a member. The id of the member.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WRONG_STATE`, `CONFLICT`, `IDENTITY_NOT_ACCEPTED`, other bad input, or the database is away.
#[tracing::instrument(name = "ops.people.roster.record", skip_all)]
pub async fn record(unit: &mut Unit, input: &Change) -> Outcome<Vec<String>> {
    let before = member(unit, &input.member_id, "memberId").await?;
    let target = target_of(unit, &before).await?;
    let permit = unit.require(Action::RecordMember, &target, "memberId")?;
    expect(before.version, Some(input.expected_version))?;
    still_here(&before, "memberId")?;
    let (mut row, mut fields) = (before.clone(), Vec::new());
    if let Some(name) = &input.name {
        checked_text(name, "name", NAME)?;
        row.name = name.trim().to_owned();
        row.name_key = name_key(&row.name);
        fields.push("name");
    }
    restate(unit, input, &mut row, &mut fields).await?;
    let typed = [
        (SealedField::IdentityNumber, input.identity_number.clone().map(Some)),
        (SealedField::Address, input.address.clone()),
        (SealedField::Phone, input.phone.clone()),
    ];
    for (field, value) in typed.into_iter().filter_map(|(field, value)| Some((field, value?))) {
        require_entry(unit, field, &target)?;
        let value = value.map(|value| checked_value(field, &value)).transpose()?;
        if let (SealedField::IdentityNumber, Some(number)) = (field, &value) {
            check_unknown(unit, &permit, &row, number, &target.org).await?;
        }
        put(unit, &mut row, field, value.as_deref())?;
        fields.push(field_name(field));
    }
    if let Some(tag) = &input.unit_tag {
        let branch = orgs(unit, std::slice::from_ref(&row.branch_id)).await?;
        let branch = branch.first().ok_or_else(|| anyhow::anyhow!("a branch is missing"))?;
        row.unit_tag = checked_unit(branch, tag.as_deref())?;
        fields.push("unitTag");
    }
    if fields.is_empty() {
        return Err(Problem::at(ProblemCode::Required, "memberId")
            .with("reason", "NO_CHANGE")
            .into());
    }
    if row.unit_tag != before.unit_tag {
        turn(unit, &permit, &row, unit.today).await?;
    }
    let row = keep(unit, &permit, &before, row, &fields).await?;
    if (&row.status, &row.host_branch_id) != (&before.status, &before.host_branch_id) {
        reseat(unit, std::slice::from_ref(&row.id)).await?;
    }
    rejudge(unit, std::slice::from_ref(&row.branch_id), unit.today).await?;
    Ok(vec![row.id])
}

/// Floating, out of contact, active again; the host branch goes with floating.
async fn restate(unit: &Unit, input: &Change, row: &mut Member, fields: &mut Vec<&'static str>) -> Outcome<()> {
    if let Some(status) = input.status {
        let open = [MemberStatus::Active, MemberStatus::Floating, MemberStatus::OutOfContact];
        let present = row.status.parse().map_err(|_| anyhow::anyhow!("unknown status"))?;
        if !open.contains(&status) {
            return Err(Problem::not_offered("status", open).into());
        }
        if !open.contains(&present) {
            return Err(Problem::wrong_state("status", present).into());
        }
        row.status = status.to_string();
        fields.push("status");
    }
    let floating = row.status == MemberStatus::Floating.as_str();
    match &input.host_branch_id {
        Some(Some(host)) => {
            let branch = org(unit, host, "hostBranchId").await?;
            let fits = branch.kind == OrganizationKind::Branch.as_str()
                && branch.dissolved_on.is_none()
                && branch.id != row.branch_id;
            if !floating {
                return Err(Problem::invalid("hostBranchId", Flaw::Contradiction)
                    .with("with", "status")
                    .into());
            }
            if !fits {
                return Err(Problem::invalid("hostBranchId", Flaw::Elsewhere).into());
            }
            row.host_branch_id = Some(branch.id);
            fields.push("hostBranch");
        }
        Some(None) => {
            row.host_branch_id = None;
            fields.push("hostBranch");
        }
        None => {}
    }
    if !floating {
        row.host_branch_id = None;
    }
    Ok(())
}
