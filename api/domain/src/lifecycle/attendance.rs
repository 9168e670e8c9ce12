//! The life of one member's attendance 出勤: what the member does, and what is decided on it after the record.

use chrono::{DateTime, Utc};

use super::activity::check_in_open;
use super::{Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::{ActivityStatus, AttendanceMode, AttendanceState};

/// Entry on absences: leave, disputes and make-up studies are about what it counts (G2.5a).
const LADDER: &str = "absence-ladder";

/// After so many wrong codes none is taken any more from the member, the right one neither, until a new one is made (ADR 0089).
pub const MOST_WRONG_CODES: i64 = 5;

/// What a dispute may find.
pub const FOUND: [AttendanceState; 4] = [
    AttendanceState::Present,
    AttendanceState::OnLeave,
    AttendanceState::Unexcused,
    AttendanceState::Unexplained,
];

/// The activity that it is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    pub status: ActivityStatus,
    pub starts_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// What is done to an attendance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command<'a> {
    /// `code`: the one that holds, and until when; `wrong`: how many others the member has typed since it was made.
    CheckIn {
        code: Option<(&'a str, DateTime<Utc>)>,
        given: &'a str,
        wrong: i64,
    },
    AskLeave,
    GrantLeave,
    RefuseLeave,
    /// The member says otherwise.
    Dispute,
    /// One of [`FOUND`].
    DecideDispute {
        found: AttendanceState,
    },
    AcceptMakeUpStudy,
}

/// The step of an attendance.
///
/// # Errors
/// `CHECK_IN_CLOSED`, `CHECK_IN_BLOCKED`, `CHECK_IN_CODE_WRONG`, `INVALID` or `WRONG_STATE`.
pub fn step(at: &At, state: AttendanceState, command: Command<'_>) -> Taken<AttendanceState> {
    use AttendanceState as S;
    let refused = |code, state| Err(Refused::new(code, state).by(LADDER));
    let to = |state, fields| Ok(Step::to(state, fields).by(LADDER));
    let held = matches!(at.status, ActivityStatus::Held | ActivityStatus::Filed);
    match (command, state) {
        (Command::CheckIn { code, given, wrong }, _) => check_in(at, state, code, (given, wrong)),
        (Command::AskLeave, S::Expected) if at.status == ActivityStatus::Scheduled && at.now < at.starts_at => {
            to(S::LeavePending, &["state", "leave"])
        }
        (Command::AskLeave, _) => refused(ProblemCode::WrongState, at.status.as_str()),
        (Command::GrantLeave, S::LeavePending) => to(S::OnLeave, &["state", "leave"]),
        // Leave refused after the record leaves the absence to the secretary.
        (Command::RefuseLeave, S::LeavePending) if at.status == ActivityStatus::Scheduled => {
            to(S::Expected, &["state", "leave"])
        }
        (Command::RefuseLeave, S::LeavePending) => to(S::Unexplained, &["state", "leave"]),
        // Who was there, or is exempt by now, stays so.
        (Command::GrantLeave | Command::RefuseLeave, state) => to(state, &["leave"]),
        (Command::Dispute, S::Unexcused | S::Unexplained) => to(S::Disputed, &["state", "mode"]),
        (Command::DecideDispute { found }, S::Disputed) if held => {
            if FOUND.contains(&found) {
                to(found, &["state", "mode"])
            } else {
                refused(ProblemCode::Invalid, found.as_str())
            }
        }
        (Command::AcceptMakeUpStudy, S::OnLeave | S::LeavePending | S::Unexcused | S::Unexplained | S::Disputed)
            if held =>
        {
            to(S::MadeUpByStudy, &["state", "mode"])
        }
        (Command::Dispute | Command::DecideDispute { .. } | Command::AcceptMakeUpStudy, state) => {
            refused(ProblemCode::WrongState, state.as_str())
        }
    }
}

/// What stands against checking in before a code is typed: until when the present one holds, and how many wrong ones came.
#[must_use]
pub fn against_check_in(at: &At, until: Option<DateTime<Utc>>, wrong: i64) -> Option<ProblemCode> {
    match until {
        Some(until) if check_in_open(at.status, at.starts_at, until, at.now) => {
            (wrong >= MOST_WRONG_CODES).then_some(ProblemCode::CheckInBlocked)
        }
        _ => Some(ProblemCode::CheckInClosed),
    }
}

fn check_in(
    at: &At,
    state: AttendanceState,
    code: Option<(&str, DateTime<Utc>)>,
    (given, wrong): (&str, i64),
) -> Taken<AttendanceState> {
    let refused = |code| Err(Refused::new(code, at.status.as_str()));
    if let Some(against) = against_check_in(at, code.map(|(_, until)| until), wrong) {
        return refused(against);
    }
    match code {
        Some((code, _)) if code != given.trim() => refused(ProblemCode::CheckInCodeWrong),
        None => refused(ProblemCode::CheckInClosed),
        Some(_) if state == AttendanceState::Present => Ok(Step::to(state, &[])),
        Some(_) => Ok(Step::to(AttendanceState::Present, &["state", "mode"])),
    }
}

/// How somebody took part of whom this is decided after the record; `None`: not at all.
#[must_use]
pub fn mode_of(found: AttendanceState, offered: AttendanceMode) -> Option<AttendanceMode> {
    use AttendanceState as S;
    match found {
        S::MadeUpByStudy => Some(AttendanceMode::MakeUpStudy),
        S::Present if offered == AttendanceMode::Online => Some(AttendanceMode::Online),
        S::Present => Some(AttendanceMode::OnSite),
        S::Expected | S::OnLeave | S::LeavePending | S::Unexcused | S::Unexplained | S::Exempt | S::Disputed => None,
    }
}

/// Whether a request for leave comes to nothing: who was there, or studied afterwards, needs none.
#[must_use]
pub fn needs_no_leave(state: AttendanceState) -> bool {
    matches!(state, AttendanceState::Present | AttendanceState::MadeUpByStudy)
}

/// Whether an absence waits for the secretary.
#[must_use]
pub fn is_unsettled(state: AttendanceState) -> bool {
    matches!(state, AttendanceState::Unexplained | AttendanceState::Disputed)
}
