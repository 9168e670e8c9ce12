//! Rows of members 党员: entered and brought in line by the plan that `upsertMembers` has; transfers are asked for, departures
//! recorded, by the use cases that people have.

use domain::intake::rows::member::MemberRow;
use domain::intake::{Asked, By, RowAct, RowOutcome, asked};
use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::MemberStatus;
use futures_util::FutureExt as _;

use super::super::decision::CollectiveDecision;
use super::super::external_id::{self, Identified, Name};
use super::super::outcome::Outcome;
use super::super::people::member;
use super::super::people::roster::Typed;
use super::super::people::roster::leave::{Acts, Leave, leave_by};
use super::super::people::roster::upsert::{Entered, Row, RowResult, Seen, planned};
use super::super::transfer::{Request, request_by};
use super::super::writing::Unit;
use super::job::Departure;
use super::names::Names;
use super::{FieldChange, How, Numbered, RowTold};
use crate::store::member::Member;

/// A departure that a file says: recorded on a decision that was taken elsewhere (ADR 0102).
const BY_FILE: Acts = Acts {
    death: Action::ImportDeath,
    departure: Action::ImportDeparture,
};

/// Carries rows out. What each comes to, in their order; `seen` knows the rows of the file before them.
///
/// # Errors
/// The database is away, or somebody was faster with a member whom a row changes.
pub async fn apply(unit: &mut Unit, rows: &[Numbered<MemberRow>], how: &How, seen: &mut Seen) -> Outcome<Vec<RowTold>> {
    let names = Names::of(unit, &named_by(rows)).await?;
    let (mut plain, mut told) = (Vec::new(), Vec::new());
    for row in rows.iter().filter(|row| row.value.act == RowAct::Upsert) {
        match name_of_another(unit, &names, &row.value).await? {
            Some(problems) => told.push(RowTold::refused(row.row, problems)),
            None => plain.push(row),
        }
    }
    let taken: Vec<Row> = plain.iter().map(|row| row_of(&row.value)).collect();
    let (results, batch) = planned(unit, &taken, how.mode, seen).await?;
    // What the plan says holds: of a dry run nothing of it need be written.
    if !how.dry_run {
        batch.carry_out(unit).await?;
    }
    for (row, result) in plain.into_iter().zip(results) {
        let mut one = of(row.row, result, how.dry_run);
        named_too(unit, &names, &row.value, &mut one).await?;
        told.push(one);
    }
    for row in rows.iter().filter(|row| row.value.act != RowAct::Upsert) {
        told.push(act(unit, &names, row, how).await?);
    }
    told.sort_by_key(|row| row.row);
    Ok(told)
}

/// Enters rows that are plain ([`MemberRow::is_plain`]), and leaves what follows from them. What each comes to, in their order.
///
/// # Errors
/// As those of [`apply`].
pub async fn enter(
    unit: &mut Unit,
    rows: &[Numbered<MemberRow>],
    how: &How,
    seen: &mut Seen,
) -> Outcome<(Vec<RowTold>, Entered)> {
    let taken: Vec<Row> = rows.iter().map(|row| row_of(&row.value)).collect();
    let (results, batch) = planned(unit, &taken, how.mode, seen).await?;
    let entered = batch.enter(unit).await?;
    let told = rows.iter().zip(results);
    Ok((told.map(|(row, result)| of(row.row, result, false)).collect(), entered))
}

/// Names that rows mention beside the plan: of acts, and what somebody who is named by our id is to be called.
fn named_by(rows: &[Numbered<MemberRow>]) -> Vec<By> {
    let acts = rows.iter().filter(|row| row.value.act != RowAct::Upsert);
    let acts = acts.flat_map(|row| std::iter::once(&row.value.member).chain(&row.value.branch));
    let too = rows.iter().filter_map(|row| Some(external(row.value.named.as_ref()?)));
    acts.cloned().chain(too).collect()
}

fn external((system, value): &(String, String)) -> By {
    By::External {
        system: system.clone(),
        value: value.clone(),
    }
}

/// Why a row is refused as a whole that gives somebody the name which another member has: before anything of it is done. `None`: it
/// gives no such name.
async fn name_of_another(unit: &mut Unit, names: &Names, row: &MemberRow) -> Outcome<Option<Vec<Problem>>> {
    let (Some(named), By::Id(id)) = (&row.named, &row.member) else {
        return Ok(None);
    };
    match names.id(Identified::Member, &external(named)) {
        Some(other) if other != *id => Ok(assigned(unit, named, id).await?.err()),
        _ => Ok(None),
    }
}

/// Gives a member a name in another system, or says why not.
async fn assigned(unit: &mut Unit, named: &(String, String), id: &str) -> Outcome<Result<(), Vec<Problem>>> {
    let name = Name {
        of: Identified::Member,
        id: id.to_owned(),
        system: named.0.clone(),
        value: named.1.clone(),
    };
    let done = unit
        .attempt(move |unit| async move { external_id::assign(unit, &name).await }.boxed())
        .await?;
    let at_column = |mut problem: Problem| {
        for step in problem
            .path
            .iter_mut()
            .filter(|step| matches!(step.as_str(), "value" | "id"))
        {
            "externalId".clone_into(step);
        }
        problem
    };
    Ok(done
        .map(|_| ())
        .map_err(|problems| problems.into_iter().map(at_column).collect()))
}

fn row_of(row: &MemberRow) -> Row {
    Row {
        member: row.member.clone(),
        branch: row.branch.clone(),
        group: row.group.clone(),
        name: row.name.clone(),
        standing: row.standing,
        joined_on: row.joined_on,
        became_full_on: row.became_full_on,
        since: row.since,
        unit_tag: row.unit_tag.clone(),
        sealed: Typed {
            identity_number: row.identity_number.clone(),
            address: row.address.clone(),
            phone: row.phone.clone(),
        },
    }
}

fn of(row: u64, result: RowResult, dry_run: bool) -> RowTold {
    // Nobody has the id that a dry run would give.
    let given = !(dry_run && result.outcome == RowOutcome::Created);
    RowTold {
        row,
        outcome: result.outcome,
        entity_id: result.member_id.filter(|_| given),
        changes: result.changes,
        problems: result.problems,
    }
}

/// Of somebody whom the row names by our id: the name that another system is to have for them.
async fn named_too(unit: &mut Unit, names: &Names, row: &MemberRow, told: &mut RowTold) -> Outcome<()> {
    let (Some(named), Some(id)) = (&row.named, told.entity_id.clone()) else {
        return Ok(());
    };
    if matches!(told.outcome, RowOutcome::Rejected | RowOutcome::NotDone) {
        return Ok(());
    }
    if names.id(Identified::Member, &external(named)).as_ref() == Some(&id) {
        return Ok(());
    }
    match assigned(unit, named, &id).await? {
        Ok(()) => {
            told.outcome = RowOutcome::Changed;
            let name = format!("{}: {}", named.0, named.1);
            told.changes.push(FieldChange::to("externalIds", name));
        }
        // Nothing else came of the row: it is refused.
        Err(problems) if told.outcome == RowOutcome::Unchanged => *told = RowTold::refused(told.row, problems),
        // The name alone is refused: what else the row says is told as it was taken.
        Err(problems) => told.problems.extend(problems),
    }
    Ok(())
}

/// A row that asks for an act of its own.
async fn act(unit: &mut Unit, names: &Names, row: &Numbered<MemberRow>, how: &How) -> Outcome<RowTold> {
    let (value, how) = (row.value.clone(), *how);
    let member = names.id(Identified::Member, &value.member);
    let branch = value.branch.as_ref().map(|by| names.id(Identified::Organization, by));
    let done = unit
        .attempt(move |unit| {
            async move {
                let before = find(unit, member, &how).await?;
                if value.act == RowAct::Transfer {
                    transfer(unit, &value, (before, branch)).await
                } else {
                    depart(unit, &value, before).await
                }
            }
            .boxed()
        })
        .await?;
    Ok(of_act(row.row, done))
}

fn of_act(row: u64, done: Result<(String, Vec<FieldChange>), Vec<Problem>>) -> RowTold {
    match done {
        Ok((id, changes)) => RowTold {
            row,
            outcome: if changes.is_empty() {
                RowOutcome::Unchanged
            } else {
                RowOutcome::Changed
            },
            entity_id: Some(id),
            changes,
            problems: Vec::new(),
        },
        Err(problems) => RowTold::refused(row, problems),
    }
}

async fn find(unit: &Unit, id: Option<String>, how: &How) -> Outcome<Member> {
    let id = id.ok_or_else(|| Problem::at(ProblemCode::NotFound, "member"))?;
    let found = member(unit, &id, "member").await?;
    match asked(how.mode, true) {
        Ok(Asked::Change) => Ok(found),
        Ok(Asked::Creation) => Err(Problem::at(ProblemCode::AlreadyRecorded, "member").into()),
        Err(code) => Err(Problem::at(code, "member").into()),
    }
}

type Done = Outcome<(String, Vec<FieldChange>)>;

/// Asks for a transfer; the branch that it leads to decides. Who is there already, or on the way, stays as they are.
async fn transfer(unit: &mut Unit, row: &MemberRow, (before, to): (Member, Option<Option<String>>)) -> Done {
    let to = to.ok_or_else(|| Problem::at(ProblemCode::Required, "branch"))?;
    let to_id = to.ok_or_else(|| Problem::at(ProblemCode::NotFound, "branch"))?;
    let on_the_way = unit.write.pending_transfer(&before.id).await?;
    if before.branch_id == to_id || on_the_way.is_some_and(|transfer| transfer.to_id == to_id) {
        return Ok((before.id, Vec::new()));
    }
    let request = Request {
        member_id: Some(before.id.clone()),
        from_id: None,
        to_id: to_id.clone(),
        reason: row.reason.clone(),
    };
    request_by(unit, &request, Action::ImportTransfer).await?;
    let change = FieldChange {
        field: "transfer".to_owned(),
        before: Some(before.branch_id),
        after: Some(to_id),
    };
    Ok((before.id, vec![change]))
}

/// Records that somebody left; who left so already stays as they are.
async fn depart(unit: &mut Unit, row: &MemberRow, before: Member) -> Done {
    let required = |field: &str| Problem::at(ProblemCode::Required, field);
    let departure = Departure {
        reason: row.departure.ok_or_else(|| required("departureReason"))?,
        left_on: row.left_on.ok_or_else(|| required("leftOn"))?,
        decided_on: row.decided.as_ref().map(|decided| decided.on),
        document_number: row.decided.as_ref().map(|decided| decided.document_number.clone()),
    };
    go(unit, &departure, before).await
}

async fn go(unit: &mut Unit, departure: &Departure, before: Member) -> Done {
    let left = before.status == MemberStatus::Left.as_str();
    let so_already =
        before.left_on == Some(departure.left_on) && before.left_reason.as_deref() == Some(departure.reason.as_str());
    if left && so_already {
        return Ok((before.id, Vec::new()));
    }
    let decided = departure.decided_on.zip(departure.document_number.clone());
    let input = Leave {
        member_id: before.id.clone(),
        expected_version: None,
        reason: departure.reason,
        left_on: departure.left_on,
        decision: decided.map(|(decided_on, document_number)| CollectiveDecision {
            decided_on,
            document_number,
            meeting_id: None,
        }),
    };
    leave_by(unit, &input, BY_FILE).await?;
    let change = FieldChange {
        field: "status".to_owned(),
        before: Some(before.status),
        after: Some(MemberStatus::Left.to_string()),
    };
    Ok((before.id, vec![change]))
}

/// Lets somebody leave who is not in a mirrored file. It stands in no row.
///
/// # Errors
/// The database is away.
pub async fn let_go(unit: &mut Unit, id: &str, departure: &Departure) -> Outcome<RowTold> {
    let (member_id, departure) = (id.to_owned(), departure.clone());
    let done = unit
        .attempt(move |unit| {
            async move {
                let before = member(unit, &member_id, "member").await?;
                go(unit, &departure, before).await
            }
            .boxed()
        })
        .await?;
    Ok(RowTold {
        entity_id: Some(id.to_owned()),
        ..of_act(0, done)
    })
}
