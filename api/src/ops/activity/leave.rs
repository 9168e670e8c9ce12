//! Leave 请假: a member asks in person, the branch or group decides.

use domain::lifecycle::Fields;
use domain::lifecycle::attendance;
use domain::lifecycle::leave::{self as life, Command};
use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{DecisionState, EntityKind, LeaveCategory};

use super::super::inbox::standing::asked_at;
use super::super::obligation::rejudge::rejudge;
use super::super::outcome::Outcome;
use super::super::writing::{Unit, upsert};
use super::check_in::own_target;
use super::people::measured;
use super::{Attendance, Leave, Loaded, limit, read};
use domain::policy::{Permit, Subject};

/// A member's request for leave.
#[derive(Debug, Clone)]
pub struct Ask {
    pub activity_id: String,
    pub category: LeaveCategory,
    /// In the member's own words.
    pub reason: Option<String>,
}

/// Longest reason.
const REASON: usize = 500;

/// Where the sealed reason of a leave stands.
pub(in crate::ops) fn reason_place(id: &str) -> String {
    format!("leave_request.reason:{id}")
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Decide {
    pub leave_id: String,
    pub expected_version: Option<i64>,
    pub accept: bool,
}

/// The member behind the account asks for leave (G2.2a: in person). The id of the leave.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WRONG_STATE`, or the database is away.
#[tracing::instrument(name = "ops.activity.leave.ask", skip_all)]
pub async fn ask(unit: &mut Unit, input: &Ask) -> Outcome<Vec<String>> {
    let reason = input
        .reason
        .as_deref()
        .map(str::trim)
        .filter(|reason| !reason.is_empty());
    limit(reason, REASON, "reason")?;
    let (loaded, mut row, permit) = unit.own_attendance(&input.activity_id, Action::AskLeave).await?;
    let seat = attendance::step(&loaded.at(unit.now), read(&row.state)?, attendance::Command::AskLeave);
    let seat = seat.map_err(|refused| refused.at("activityId").with("attendance", &row.state))?;
    let earlier = unit.write.leaves_at(&loaded.row.id).await?;
    let earlier = earlier.into_iter().find(|leave| leave.member_id == row.member_id);
    let asked = earlier.as_ref().map(|leave| read(&leave.state)).transpose()?;
    let asked = unit.step("activityId", life::step(asked, Command::Ask))?;
    let mut leave = Leave {
        id: unit.app.ids.next(EntityKind::Leave),
        activity_id: loaded.row.id.clone(),
        member_id: row.member_id.clone(),
        organization_id: row.organization_id.clone(),
        state: asked.state.to_string(),
        category: input.category.to_string(),
        reason_sealed: None,
        asked_at: unit.now,
        asked_by: row.member_id.clone(),
        decided_at: None,
        decided_by: None,
        version: 1,
    };
    let id = earlier.as_ref().map_or(&leave.id, |earlier| &earlier.id).clone();
    let seal = |reason: &str| unit.app.keys.seal(&reason_place(&id), reason.as_bytes());
    leave.reason_sealed = reason.map(seal).transpose()?;
    match earlier {
        // What was withdrawn with an earlier seat is asked for anew.
        Some(earlier) => {
            leave.id = id;
            leave.version = earlier.version;
            unit.write.update_leave(&mut leave).await?;
        }
        None => unit.write.insert_leaves(vec![leave.clone()]).await?,
    }
    unit.change_one(&loaded, &mut row, seat.state, None, None).await?;
    tell(unit, &permit, (&loaded, &row, seat.fields), (&leave, asked.fields)).await?;
    asked_at(unit, &loaded.row.id).await?;
    Ok(vec![leave.id])
}

/// Whether a request counts; one that was withdrawn is as if it had not been made.
pub(super) fn stands(leave: &Leave) -> bool {
    leave.state.parse().is_ok_and(life::stands)
}

/// Requests of people who were there all the same, or made up for it, come to nothing.
///
/// # Errors
/// The database is away.
pub(super) async fn moot(unit: &mut Unit, loaded: &Loaded, attendance: &[String]) -> Outcome<()> {
    if attendance.is_empty() {
        return Ok(());
    }
    let waits: Vec<DecisionState> = life::fitting(Command::BecomeNeedless).collect();
    for leave in unit.write.withdraw_leave(attendance, &waits, unit.now).await? {
        let place = std::iter::once(&loaded.host)
            .chain(&loaded.others)
            .find(|place| place.id == leave.organization_id)
            .unwrap_or(&loaded.host);
        let at = (place.id.as_str(), place.path.as_str());
        let mut event = upsert(EntityKind::Leave, &leave.id, leave.version, at, &["state"]);
        event.member_id = Some(leave.member_id.clone());
        unit.ledger.events.push(event);
    }
    Ok(())
}

async fn tell(
    unit: &mut Unit,
    permit: &Permit,
    (loaded, row, seat): (&Loaded, &Attendance, Fields),
    (leave, fields): (&Leave, Fields),
) -> Outcome<()> {
    unit.tell_attendance(permit, loaded, row, seat).await?;
    let place = own_target(unit, loaded, row).await?.org;
    let mut event = upsert(
        EntityKind::Leave,
        &leave.id,
        leave.version,
        (&place.id, &place.path),
        fields,
    );
    event.member_id = Some(leave.member_id.clone());
    unit.ledger.events.push(event);
    Ok(())
}

/// Decides on leave. The id of the leave.
///
/// # Errors
/// `NOT_FOUND`, `ALREADY_DECIDED`, `CONFLICT`, `OWN_MATTER`, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.leave.decide", skip_all)]
pub async fn decide(unit: &mut Unit, input: &Decide) -> Outcome<Vec<String>> {
    let missing = || Problem::at(ProblemCode::NotFound, "leaveId");
    let scope = unit.rows_of(Subject::Attendance);
    let mut leave = unit.write.leave(&scope, &input.leave_id).await?.ok_or_else(missing)?;
    let loaded = unit.activity_behind(&leave.activity_id).await?;
    let row = unit.write.attendance_of(&leave.member_id, &leave.activity_id).await?;
    let mut row = row.ok_or_else(missing)?;
    let target = own_target(unit, &loaded, &row).await?.shown_by(&scope);
    let permit = unit.require(Action::DecideLeave, &target, "leaveId")?;
    if input.expected_version.is_some_and(|version| version != leave.version) {
        return Err(Problem::conflict(leave.version).into());
    }
    let (command, of_seat) = if input.accept {
        (Command::Grant, attendance::Command::GrantLeave)
    } else {
        (Command::Refuse, attendance::Command::RefuseLeave)
    };
    let decided = unit.step("leaveId", life::step(Some(read(&leave.state)?), command))?;
    let seat = unit.step(
        "leaveId",
        attendance::step(&loaded.at(unit.now), read(&row.state)?, of_seat),
    )?;
    leave.state = decided.state.to_string();
    leave.decided_at = Some(unit.now);
    leave.decided_by = unit.actor.member.as_ref().map(|member| member.member_id.clone());
    if !unit.write.update_leave(&mut leave).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    if seat.state.as_str() != row.state {
        unit.change_one(&loaded, &mut row, seat.state, None, None).await?;
    }
    tell(unit, &permit, (&loaded, &row, seat.fields), (&leave, decided.fields)).await?;
    asked_at(unit, &loaded.row.id).await?;
    measured(unit, &loaded, std::slice::from_ref(&row)).await?;
    rejudge(unit, std::slice::from_ref(&row.organization_id), loaded.row.local_date).await?;
    Ok(vec![leave.id])
}
