//! What is settled after the record: disputes 异议 and make-up studies 补学.

use domain::lifecycle::Step;
use domain::lifecycle::attendance::{Command, FOUND, mode_of, needs_no_leave, step};
use domain::policy::{Action, Permit, Subject};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::AttendanceState;

use super::super::inbox::standing::asked_at;
use super::super::obligation::rejudge::rejudge;
use super::super::outcome::Outcome;
use super::super::structure::checked_text;
use super::super::writing::Unit;
use super::check_in::own_target;
use super::judged::leaders_ask_in_person;
use super::leave::{moot, stands};
use super::people::{measured, people_of};
use super::{Attendance, Loaded, read};

/// Longest words of a dispute.
const WORDS: usize = 2000;

/// A member's words against what was recorded of them.
#[derive(Debug, Clone)]
pub struct Dispute {
    pub attendance_id: String,
    pub expected_version: Option<i64>,
    pub words: String,
}

/// An act on one person's attendance.
#[derive(Debug, Clone)]
pub struct Settle {
    pub attendance_id: String,
    pub expected_version: Option<i64>,
    /// What the attendance becomes.
    pub state: AttendanceState,
}

/// The member disputes; neutral until decided. The id of the attendance.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `REQUIRED`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.activity.dispute", skip_all)]
pub async fn dispute(unit: &mut Unit, input: &Dispute) -> Outcome<Vec<String>> {
    let words = input.words.trim();
    checked_text(words, "words", WORDS)?;
    let (loaded, mut row) = unit
        .attendance_at_version(&input.attendance_id, input.expected_version)
        .await?;
    let sight = unit.rows_of(Subject::Attendance);
    let target = own_target(unit, &loaded, &row).await?.shown_by(&sight);
    let permit = unit.require(Action::DisputeAttendance, &target, "attendanceId")?;
    let taken = step(&loaded.at(unit.now), read(&row.state)?, Command::Dispute);
    let step = unit.step("attendanceId", taken)?;
    let words = Some(words.to_owned());
    unit.change_one(&loaded, &mut row, step.state, None, words).await?;
    settled(unit, &permit, &loaded, (&row, &step)).await
}

/// Decides a dispute: the attendance becomes what was found. The id of the attendance.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `INVALID`, `CONFLICT`, `OWN_MATTER`, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.decide_dispute", skip_all)]
pub async fn decide_dispute(unit: &mut Unit, input: &Settle) -> Outcome<Vec<String>> {
    if !FOUND.contains(&input.state) {
        return Err(Problem::not_offered("state", FOUND).into());
    }
    if input.state == AttendanceState::OnLeave {
        refuse_leaders_leave(unit, &input.attendance_id).await?;
    }
    let command = Command::DecideDispute { found: input.state };
    decided(unit, input, Action::DecideDispute, command).await
}

/// A dispute is no way round the leader's own request for leave (G2.2a).
async fn refuse_leaders_leave(unit: &Unit, attendance_id: &str) -> Outcome<()> {
    let scope = unit.rows_of(Subject::Attendance);
    let Some(row) = unit.write.attendance(&scope, attendance_id).await? else {
        return Ok(());
    };
    let asked = unit.write.leaves_at(&row.activity_id).await?;
    let asked = asked
        .iter()
        .any(|leave| leave.member_id == row.member_id && stands(leave));
    let people = people_of(
        unit,
        read(&row.activity_kind)?,
        std::slice::from_ref(&row.organization_id),
        row.local_date,
    )
    .await?;
    let leads = people
        .iter()
        .any(|person| person.member_id == row.member_id && person.leads);
    if leads && !asked {
        return Err(leaders_ask_in_person("state", &row.member_id).into());
    }
    Ok(())
}

/// Accepts that a member studied afterwards. The id of the attendance.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `CONFLICT`, `OWN_MATTER`, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.accept_make_up_study", skip_all)]
pub async fn accept_make_up_study(unit: &mut Unit, id: &str, version: Option<i64>) -> Outcome<Vec<String>> {
    let input = Settle {
        attendance_id: id.to_owned(),
        expected_version: version,
        state: AttendanceState::MadeUpByStudy,
    };
    decided(unit, &input, Action::AcceptMakeUpStudy, Command::AcceptMakeUpStudy).await
}

async fn decided(unit: &mut Unit, input: &Settle, action: Action, command: Command<'_>) -> Outcome<Vec<String>> {
    let (loaded, mut row) = unit
        .attendance_at_version(&input.attendance_id, input.expected_version)
        .await?;
    let sight = unit.rows_of(Subject::Attendance);
    let target = own_target(unit, &loaded, &row).await?.shown_by(&sight);
    let permit = unit.require(action, &target, "attendanceId")?;
    let taken = step(&loaded.at(unit.now), read(&row.state)?, command);
    let step = unit.step("attendanceId", taken)?;
    let mode = mode_of(step.state, loaded.mode);
    unit.change_one(&loaded, &mut row, step.state, mode, None).await?;
    if needs_no_leave(step.state) {
        moot(unit, &loaded, std::slice::from_ref(&row.id)).await?;
    }
    settled(unit, &permit, &loaded, (&row, &step)).await
}

async fn settled(
    unit: &mut Unit,
    permit: &Permit,
    loaded: &Loaded,
    (row, step): (&Attendance, &Step<AttendanceState>),
) -> Outcome<Vec<String>> {
    unit.tell_attendance(permit, loaded, row, step.fields).await?;
    asked_at(unit, &loaded.row.id).await?;
    measured(unit, loaded, std::slice::from_ref(row)).await?;
    rejudge(unit, std::slice::from_ref(&row.organization_id), loaded.row.local_date).await?;
    Ok(vec![row.id.clone()])
}

impl Unit {
    /// An attendance that the actor sees, as they read it, with its activity.
    async fn attendance_at_version(&self, id: &str, version: Option<i64>) -> Outcome<(Loaded, Attendance)> {
        let scope = self.rows_of(Subject::Attendance);
        let row = self.write.attendance(&scope, id).await?;
        let row = row.ok_or_else(|| Problem::at(ProblemCode::NotFound, "attendanceId"))?;
        if version.is_some_and(|version| version != row.version) {
            return Err(Problem::conflict(row.version).into());
        }
        Ok((self.activity_behind(&row.activity_id).await?, row))
    }
}
