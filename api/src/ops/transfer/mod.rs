//! Affiliation transfer 组织关系转接: asked for, then accepted, rejected or withdrawn. Until acceptance the old branch
//! stays responsible.

mod accept;
pub mod reading;

pub use self::accept::accept;

use domain::audience::Audience;
use domain::lifecycle::transfer::{Command, may_lead_to, step};
use domain::lifecycle::{Fields, Step};
use domain::policy::{Action, Permit, Subject, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{EntityKind, InboxKind, MemberStatus, OrganizationKind, TransferState};

use super::activity::read;
use super::measure::rejudge_since;
use super::organization::{Organization, place_of};
use super::outcome::Outcome;
use super::structure::{DISSOLVED, checked_text, org};
use super::writing::{Unit, upsert};
pub use crate::store::transfer::Transfer;

/// Longest reason.
const REASON: usize = 500;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// `None`: the member behind the account.
    pub member_id: Option<String>,
    /// The branch that the member is believed to be in.
    pub from_id: Option<String>,
    pub to_id: String,
    pub reason: Option<String>,
}

/// An answer to a transfer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub transfer_id: String,
    pub expected_version: Option<i64>,
    pub reason: Option<String>,
}

/// A transfer inside a write, with both sides.
struct Loaded {
    row: Transfer,
    from: Organization,
    to: Organization,
    target: Target,
}

/// Asks for a transfer. The id of the transfer.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `KIND_NOT_ALLOWED_HERE`, `INVALID`, `WRONG_STATE`, `CONFLICT`, `TRANSFER_PENDING`,
/// `TOO_LONG`, or the database is away.
#[tracing::instrument(name = "ops.transfer.request", skip_all)]
pub async fn request(unit: &mut Unit, input: &Request) -> Outcome<Vec<String>> {
    request_by(unit, input, Action::RequestTransfer).await
}

/// The same, by the right to an act: a person's own, or one that an import has.
///
/// # Errors
/// As [`request`].
pub(in crate::ops) async fn request_by(unit: &mut Unit, input: &Request, act: Action) -> Outcome<Vec<String>> {
    let missing = || Problem::at(ProblemCode::NotFound, "memberId");
    let own = unit.actor.member_id().map(ToOwned::to_owned);
    let id = input.member_id.clone().or(own).ok_or_else(missing)?;
    let sight = unit.rows_of(Subject::Roster);
    let seen = unit.write.members(&sight, &[id]).await?;
    let member = seen.into_iter().next().ok_or_else(missing)?;
    let from = org(unit, &member.branch_id, "memberId").await?;
    let to = org(unit, &input.to_id, "toId").await?;
    let target = target_of(unit, &member.id, &from, &to).await?.shown_by(&sight);
    let permit = unit.require(act, &target, "memberId")?;
    if let Some(reason) = &input.reason {
        checked_text(reason, "reason", REASON)?;
    }
    let kind: OrganizationKind = read(&to.kind)?;
    may_lead_to(kind, to.dissolved_on.is_some(), to.id == from.id).map_err(|code| match code {
        ProblemCode::Invalid => Problem::invalid("toId", Flaw::Contradiction).with("with", "memberId"),
        ProblemCode::WrongState => Problem::wrong_state("toId", DISSOLVED),
        _ => Problem::at(code, "toId")
            .with("kind", kind)
            .with("allowed", OrganizationKind::Branch),
    })?;
    // From here on two requests about one person go one after the other.
    let member = unit.write.hold_member(&member.id).await?.ok_or_else(missing)?;
    if member.branch_id != from.id || input.from_id.as_ref().is_some_and(|id| *id != from.id) {
        return Err(Problem::at(ProblemCode::Conflict, "fromId").into());
    }
    if member.status == MemberStatus::Left.as_str() {
        return Err(Problem::wrong_state("memberId", &member.status).into());
    }
    let waits = unit.write.is_transferring(&member.id).await?;
    let asked = unit.step(
        "memberId",
        step(waits.then_some(TransferState::Requested), Command::Request),
    )?;
    let row = Transfer {
        id: unit.app.ids.next(EntityKind::Transfer),
        member_id: member.id,
        from_id: from.id.clone(),
        to_id: to.id.clone(),
        state: asked.state.to_string(),
        requested_at: unit.now,
        decided_at: None,
        effective_on: None,
        reason: input.reason.clone(),
        requested_by: Some(unit.actor.account_id.clone()),
        requested_at_org: permit.post().map(|post| post.org_id.clone()),
        answer: None,
        version: 1,
    };
    unit.write.insert_transfer(&permit, row.clone()).await?;
    tell(unit, &permit, (&row, asked.fields), &from);
    unit.raise(
        InboxKind::TransferToDecide,
        Audience::Head(to.id.clone()),
        (EntityKind::Transfer, &row.id),
        &to.id,
        (serde_json::json!({"memberId": row.member_id, "fromId": from.id}), None),
    );
    Ok(vec![row.id])
}

/// Either side refuses, with a reason. The id of the transfer.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `REQUIRED`, `TOO_LONG`, `ALREADY_DECIDED`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.transfer.reject", skip_all)]
pub async fn reject(unit: &mut Unit, input: &Answer) -> Outcome<Vec<String>> {
    let loaded = load(unit, &input.transfer_id).await?;
    let permit = unit.require(Action::RejectTransfer, &loaded.target, "transferId")?;
    checked_text(input.reason.as_deref().unwrap_or_default(), "reason", REASON)?;
    close(unit, &permit, loaded, input, Command::Reject).await
}

/// Who asked takes it back. The id of the transfer.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `TOO_LONG`, `ALREADY_DECIDED`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.transfer.withdraw", skip_all)]
pub async fn withdraw(unit: &mut Unit, input: &Answer) -> Outcome<Vec<String>> {
    let loaded = load(unit, &input.transfer_id).await?;
    let permit = unit.require(Action::WithdrawTransfer, &loaded.target, "transferId")?;
    if let Some(reason) = &input.reason {
        checked_text(reason, "reason", REASON)?;
    }
    if !is_asked_by(&loaded.row, permit.account_id(), permit.post().map(|post| &post.org_id)) {
        return Err(Problem::at(ProblemCode::Forbidden, "transferId")
            .with("right", "TRANSFER:ASK")
            .with("reason", "ASKED_BY_ANOTHER")
            .into());
    }
    let (member, since) = (loaded.row.member_id.clone(), loaded.row.requested_at);
    let ids = close(unit, &permit, loaded, input, Command::Withdraw).await?;
    // Absences count again: nobody asks for a transfer to stay away.
    let since = domain::period::local_date(since, unit.app.zone);
    rejudge_since(unit, &[member], since).await?;
    Ok(ids)
}

/// Whether this account asked for it, or somebody in a post at one of these orgs.
#[must_use]
pub fn is_asked_by<'a>(row: &Transfer, account: Option<&str>, orgs: impl IntoIterator<Item = &'a String>) -> bool {
    let at = row.requested_at_org.as_ref();
    (row.requested_by.is_some() && row.requested_by.as_deref() == account)
        || (at.is_some() && orgs.into_iter().any(|org| Some(org) == at))
}

async fn load(unit: &Unit, id: &str) -> Outcome<Loaded> {
    let sight = unit.rows_of(Subject::Transfer);
    let found = unit.write.transfer(&sight, id).await?;
    let row = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "transferId"))?;
    let from = org(unit, &row.from_id, "transferId").await?;
    let to = org(unit, &row.to_id, "transferId").await?;
    let target = target_of(unit, &row.member_id, &from, &to).await?.shown_by(&sight);
    Ok(Loaded { row, from, to, target })
}

async fn target_of(unit: &Unit, member: &str, from: &Organization, to: &Organization) -> Outcome<Target> {
    let heads = unit.write.headships(member, unit.today).await?;
    let mut target = Target::at(place_of(from)?).about(member).leading_to(place_of(to)?);
    target.heads = heads;
    Ok(target)
}

/// What a command makes of a transfer that the client read at a version.
fn next(unit: &Unit, row: &Transfer, input: &Answer, command: Command) -> Outcome<Step<TransferState>> {
    if input.expected_version.is_some_and(|version| version != row.version) {
        return Err(Problem::conflict(row.version).into());
    }
    unit.step("transferId", step(Some(read(&row.state)?), command))
}

/// Writes the outcome and tells whom it concerns.
async fn close(
    unit: &mut Unit,
    permit: &Permit,
    loaded: Loaded,
    input: &Answer,
    command: Command,
) -> Outcome<Vec<String>> {
    let Loaded { mut row, from, to, .. } = loaded;
    let step = next(unit, &row, input, command)?;
    let state = step.state;
    row.state = state.to_string();
    row.decided_at = Some(unit.now);
    row.answer.clone_from(&input.reason);
    if state == TransferState::Accepted {
        row.effective_on = Some(unit.today);
    }
    if !unit.write.update_transfer(permit, &mut row).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    tell(unit, permit, (&row, step.fields), &from);
    unit.settle(&row.id, &[InboxKind::TransferToDecide]);
    if state != TransferState::Withdrawn {
        for audience in [Audience::Member(row.member_id.clone()), Audience::Head(from.id.clone())] {
            let params = serde_json::json!({"memberId": row.member_id, "toId": to.id, "state": row.state});
            let subject = (EntityKind::Transfer, row.id.as_str());
            unit.raise(InboxKind::TransferDecided, audience, subject, &from.id, (params, None));
        }
    }
    Ok(vec![row.id])
}

/// One event at the branch that it leads from; readers of the log know the other side by the transfer.
fn tell(unit: &mut Unit, permit: &Permit, (row, fields): (&Transfer, Fields), from: &Organization) {
    let at = (from.id.as_str(), from.path.as_str());
    let mut event = upsert(EntityKind::Transfer, &row.id, row.version, at, fields);
    event.member_id = Some(row.member_id.clone());
    unit.note(permit, event);
}
