//! Check-in 签到 with a short-lived code; nobody is forced to use it.

use chrono::{DateTime, Utc};
use domain::lifecycle::activity::{Command, code_expires_at};
use domain::lifecycle::attendance::{self, At, MOST_WRONG_CODES};
use domain::policy::{Action, Permit, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{AttendanceMode, AttendanceState, EntityKind};

use super::super::inbox::standing::asked_at;
use super::super::outcome::Outcome;
use super::super::writing::{Unit, upsert};
use super::leave::moot;
use super::people::count;
use super::{Attendance, Loaded, read};
use crate::store::activity_write::Change;

/// A new code of six digits.
pub(super) fn issue() -> Outcome<String> {
    let bits = u64::from_be_bytes(crate::secrets::random::<8>()?);
    Ok(format!("{:06}", bits % 1_000_000))
}

/// Makes a new code for an activity; the one before no longer works. The id of the activity.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WRONG_STATE`, `CONFLICT`, or the database is away.
pub async fn issue_code(unit: &mut Unit, id: &str, version: Option<i64>) -> Outcome<Vec<String>> {
    let mut loaded = unit.activity(id).await?;
    let permit = unit.require(Action::IssueCheckInCode, &loaded.target(), "activityId")?;
    loaded.expect(version)?;
    let step = loaded.step(Command::IssueCode)?;
    loaded.row.check_in_code = Some(issue()?);
    loaded.row.check_in_expires_at = Some(code_expires_at(unit.now, loaded.row.starts_at));
    unit.write.forget_wrong_codes(&loaded.row.id).await?;
    unit.keep(&permit, &mut loaded, step.fields).await?;
    Ok(vec![loaded.row.id])
}

/// What a member types to check in.
#[derive(Debug, Clone)]
pub struct CheckIn {
    pub activity_id: String,
    pub code: String,
    pub mode: AttendanceMode,
}

/// The member behind the account is present. The id of the attendance.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CHECK_IN_CLOSED`, `CHECK_IN_BLOCKED`, `CHECK_IN_CODE_WRONG`, or the database is away.
pub async fn check_in(unit: &mut Unit, input: &CheckIn) -> Outcome<Vec<String>> {
    let (loaded, mut row, permit) = unit.own_attendance(&input.activity_id, Action::CheckIn).await?;
    let code = loaded.row.check_in_code.as_deref().zip(loaded.row.check_in_expires_at);
    let state: AttendanceState = read(&row.state)?;
    let (given, wrong) = (input.code.as_str(), row.wrong_codes);
    let command = attendance::Command::CheckIn { code, given, wrong };
    let step = match attendance::step(&loaded.at(unit.now), state, command) {
        Ok(step) => step,
        Err(refused) if refused.code == ProblemCode::CheckInCodeWrong => {
            return Err(wrong_code(unit, &permit, &loaded, &row).await?.into());
        }
        Err(refused) => return Err(refused.at("code").into()),
    };
    let modes = [AttendanceMode::OnSite, AttendanceMode::Online];
    if !modes.contains(&input.mode) {
        return Err(Problem::not_offered("mode", modes).into());
    }
    if !step.fields.is_empty() {
        unit.change_one(&loaded, &mut row, step.state, Some(input.mode), None)
            .await?;
        unit.tell_attendance(&permit, &loaded, &row, step.fields).await?;
        if state == AttendanceState::LeavePending {
            moot(unit, &loaded, std::slice::from_ref(&row.id)).await?;
            asked_at(unit, &loaded.row.id).await?;
        }
    }
    Ok(vec![row.id])
}

/// Counts a wrong code, which stays counted although the write is refused. Whoever has typed the last one leaves a trace.
async fn wrong_code(unit: &mut Unit, permit: &Permit, loaded: &Loaded, row: &Attendance) -> Outcome<Problem> {
    let place = own_target(unit, loaded, row).await?.org;
    unit.write.count_wrong_code(&row.id).await?;
    unit.keep_refused();
    let left = MOST_WRONG_CODES - row.wrong_codes - 1;
    if left <= 0 {
        let at = (place.id.as_str(), place.path.as_str());
        let mut event = upsert(EntityKind::Attendance, &row.id, row.version, at, &["checkIn"]);
        event.member_id = Some(row.member_id.clone());
        unit.trail_refusal(permit, &event, "REFUSED: CHECK_IN_BLOCKED");
    }
    Ok(Problem::at(ProblemCode::CheckInCodeWrong, "code").with("left", left.max(0)))
}

impl Loaded {
    /// Where the activity stands, for what is done to an attendance there.
    pub(super) fn at(&self, now: DateTime<Utc>) -> At {
        At {
            status: self.status,
            starts_at: self.row.starts_at,
            now,
        }
    }
}

/// A row of attendance as a target of acts: at its own org, about its member.
pub(super) async fn own_target(unit: &Unit, loaded: &Loaded, row: &Attendance) -> Outcome<Target> {
    let org = if row.organization_id == loaded.host.id {
        loaded.host.clone()
    } else {
        unit.any_place(&row.organization_id).await?
    };
    let mut target = Target::at(org).about(row.member_id.clone());
    target.heads = unit.write.headships(&row.member_id, unit.today).await?;
    Ok(target)
}

impl Unit {
    /// The activity and the attendance there of the member behind the account, for an act on it. Who sees the activity
    /// without being expected has nothing there to act on.
    pub(super) async fn own_attendance(&self, activity: &str, action: Action) -> Outcome<(Loaded, Attendance, Permit)> {
        let loaded = self.activity_behind(activity).await?;
        let Some(row) = loaded.own.clone() else {
            let loaded = self.activity(activity).await?;
            self.require(action, &loaded.target(), "activityId")?;
            return Err(Problem::at(ProblemCode::NotExpected, "activityId").into());
        };
        let permit = self.require(action, &own_target(self, &loaded, &row).await?, "activityId")?;
        Ok((loaded, row, permit))
    }

    pub(super) async fn any_place(&self, id: &str) -> Outcome<domain::policy::Place> {
        let scope = domain::policy::Scope::system(domain::policy::SystemScope::Rights);
        let found = self.write.organizations(&scope, &[id.to_owned()]).await?;
        let row = found.first().ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
        Ok(super::super::organization::place_of(row)?)
    }

    /// Changes one row and the counts of its activity.
    pub(super) async fn change_one(
        &mut self,
        loaded: &Loaded,
        row: &mut Attendance,
        state: AttendanceState,
        mode: Option<AttendanceMode>,
        dispute: Option<String>,
    ) -> Outcome<()> {
        let (ids, at) = (vec![row.id.clone()], self.now);
        self.write
            .change_attendance(&Change {
                ids,
                state,
                mode,
                at,
                dispute,
            })
            .await?;
        row.state = state.to_string();
        row.mode = mode.map(|mode| mode.to_string());
        row.version += 1;
        let rows = self.write.attendance_at(&loaded.row.id).await?;
        count(self, loaded, &rows, &[]).await
    }

    /// Tells the log of one person's attendance.
    pub(super) async fn tell_attendance(
        &mut self,
        permit: &Permit,
        loaded: &Loaded,
        row: &Attendance,
        fields: &[&'static str],
    ) -> Outcome<()> {
        let place = own_target(self, loaded, row).await?.org;
        let mut event = upsert(
            EntityKind::Attendance,
            &row.id,
            row.version,
            (&place.id, &place.path),
            fields,
        );
        event.member_id = Some(row.member_id.clone());
        self.note(permit, event);
        Ok(())
    }
}
