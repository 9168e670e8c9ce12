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
use super::super::people::roster::upsert::{Row, RowResult, Seen, planned};
use super::super::transfer::{Request, request_by};
use super::super::writing::Unit;
use super::job::Departure;
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
    let plain = rows.iter().filter(|row| row.value.act == RowAct::Upsert);
    let (numbers, taken): (Vec<u64>, Vec<Row>) = plain.clone().map(|row| (row.row, row_of(&row.value))).unzip();
    let (results, batch) = planned(unit, &taken, how.mode, seen).await?;
    // What the plan says holds: of a dry run nothing of it need be written.
    if !how.dry_run {
        batch.carry_out(unit).await?;
    }
    let told = numbers.into_iter().zip(results);
    let mut told: Vec<RowTold> = told.map(|(row, result)| of(row, result, how.dry_run)).collect();
    for (row, told) in plain.zip(&mut told) {
        named_too(unit, &row.value, told).await?;
    }
    for row in rows.iter().filter(|row| row.value.act != RowAct::Upsert) {
        told.push(act(unit, row, how).await?);
    }
    told.sort_by_key(|row| row.row);
    Ok(told)
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
async fn named_too(unit: &mut Unit, row: &MemberRow, told: &mut RowTold) -> Outcome<()> {
    let (Some((system, value)), Some(id)) = (&row.named, &told.entity_id) else {
        return Ok(());
    };
    if matches!(told.outcome, RowOutcome::Rejected | RowOutcome::NotDone) {
        return Ok(());
    }
    let known = unit.write.external_id(system, value, Identified::Member).await?;
    if known.is_some_and(|known| known.entity_id == *id) {
        return Ok(());
    }
    let name = Name {
        of: Identified::Member,
        id: id.clone(),
        system: system.clone(),
        value: value.clone(),
    };
    let done = unit
        .attempt(move |unit| async move { external_id::assign(unit, &name).await }.boxed())
        .await?;
    match done {
        Ok(_) => {
            told.outcome = RowOutcome::Changed;
            told.changes.push(FieldChange {
                field: "externalIds".to_owned(),
                before: None,
                after: Some(format!("{system}: {value}")),
            });
        }
        // The name alone is refused: what else the row says is told as it was taken.
        Err(problems) => told.problems.extend(problems),
    }
    Ok(())
}

/// A row that asks for an act of its own.
async fn act(unit: &mut Unit, row: &Numbered<MemberRow>, how: &How) -> Outcome<RowTold> {
    let (value, how) = (row.value.clone(), *how);
    let done = unit
        .attempt(move |unit| {
            async move {
                let before = find(unit, &value.member, &how).await?;
                if value.act == RowAct::Transfer {
                    transfer(unit, &value, before).await
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

async fn id_of(unit: &Unit, by: &By, of: Identified, field: &str) -> Outcome<String> {
    match by {
        By::Id(id) => Ok(id.clone()),
        By::External { system, value } => {
            let row = unit.write.external_id(system, value, of).await?;
            Ok(row.ok_or_else(|| Problem::at(ProblemCode::NotFound, field))?.entity_id)
        }
    }
}

async fn find(unit: &Unit, by: &By, how: &How) -> Outcome<Member> {
    let id = id_of(unit, by, Identified::Member, "member").await?;
    let found = member(unit, &id, "member").await?;
    match asked(how.mode, true) {
        Ok(Asked::Change) => Ok(found),
        Ok(Asked::Creation) => Err(Problem::at(ProblemCode::AlreadyRecorded, "member").into()),
        Err(code) => Err(Problem::at(code, "member").into()),
    }
}

type Done = Outcome<(String, Vec<FieldChange>)>;

/// Asks for a transfer; the branch that it leads to decides. Who is there already, or on the way, stays as they are.
async fn transfer(unit: &mut Unit, row: &MemberRow, before: Member) -> Done {
    let to = row
        .branch
        .as_ref()
        .ok_or_else(|| Problem::at(ProblemCode::Required, "branch"))?;
    let to_id = id_of(unit, to, Identified::Organization, "branch").await?;
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
