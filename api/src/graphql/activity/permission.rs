use domain::lifecycle::activity::{check_in_open, may_ask_leave, may_dispute, may_make_up};
use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{ActivityStatus, AttendanceState};

use crate::ops::activity::{Activity, Attendance};
use crate::permission;

permission! {
    /// What can be done with an activity.
    ActivityAction, ActivityPermission {
        /// Change time, place, mode or agenda.
        Reschedule,
        /// Call it off.
        Cancel,
        /// Record it as held.
        Record,
        /// Correct the record, or file the minutes.
        Correct,
        /// Make a code for checking in.
        IssueCheckInCode,
        /// Check in oneself.
        CheckIn,
        /// Ask for leave in person.
        AskLeave,
        /// Give it an id in another system.
        AssignExternalId,
    }
}

permission! {
    /// What can be done with one person's attendance.
    AttendanceAction, AttendancePermission {
        /// Dispute what was recorded of oneself.
        Dispute => DisputeAttendance,
        /// Decide a dispute.
        DecideDispute => DecideDispute,
        /// Accept that the member studied afterwards.
        AcceptMakeUpStudy => AcceptMakeUpStudy,
        /// Say of an open absence what it was, by correcting the record.
        Settle => SettleAttendance,
    }
}

permission! {
    /// What can be done with leave that was asked for.
    LeaveAction, LeavePermission {
        /// Grant or refuse it.
        Decide => DecideLeave,
    }
}

permission! {
    /// What can be done with a resolution.
    ResolutionAction, ResolutionPermission {
        /// Announce a committee's resolution to the members.
        Announce,
        /// Say that its follow-up is done.
        CompleteFollowUp,
    }
}

impl ActivityAction {
    /// The act of the policy behind it.
    #[must_use]
    pub fn act(self) -> Action {
        match self {
            Self::Reschedule => Action::RescheduleActivity,
            Self::Cancel => Action::CancelActivity,
            Self::Record => Action::RecordActivity,
            Self::Correct => Action::RecordAttendance,
            Self::IssueCheckInCode => Action::IssueCheckInCode,
            Self::CheckIn => Action::CheckIn,
            Self::AskLeave => Action::AskLeave,
            Self::AssignExternalId => Action::IdentifyActivity,
        }
    }

    /// What the present state says against it.
    #[must_use]
    pub fn against(
        self,
        activity: &Activity,
        mine: Option<&Attendance>,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Option<Problem> {
        let code = self.code_against(activity, mine, now)?;
        let problem = Problem::at(code, "activityId").with("state", &activity.status);
        let kind = activity.kind.parse().ok()?;
        Some(match crate::ops::activity::shipped_rule(kind, activity.local_date) {
            Some(entry) => problem.or_on(entry),
            None => problem,
        })
    }

    fn code_against(
        self,
        activity: &Activity,
        mine: Option<&Attendance>,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Option<ProblemCode> {
        let status = activity.status.parse::<ActivityStatus>().ok()?;
        let scheduled = status == ActivityStatus::Scheduled;
        let state = mine.and_then(|mine| mine.state.parse::<AttendanceState>().ok());
        let wrong = |fits: bool, code| (!fits).then_some(code);
        match self {
            Self::Reschedule | Self::Cancel | Self::IssueCheckInCode => wrong(scheduled, ProblemCode::WrongState),
            Self::Record if matches!(status, ActivityStatus::Held | ActivityStatus::Filed) => {
                Some(ProblemCode::AlreadyRecorded)
            }
            Self::Record => wrong(scheduled, ProblemCode::WrongState),
            Self::Correct => wrong(
                matches!(status, ActivityStatus::Held | ActivityStatus::Filed),
                ProblemCode::WrongState,
            ),
            Self::AssignExternalId => None,
            Self::CheckIn | Self::AskLeave if state.is_none() => Some(ProblemCode::NotExpected),
            Self::CheckIn => wrong(
                activity
                    .check_in_expires_at
                    .is_some_and(|until| check_in_open(status, activity.starts_at, until, now)),
                ProblemCode::CheckInClosed,
            ),
            Self::AskLeave => wrong(
                state.is_some_and(|state| may_ask_leave(status, state, activity.starts_at, now)),
                ProblemCode::WrongState,
            ),
        }
    }
}

impl AttendanceAction {
    /// What the present state says against it.
    #[must_use]
    pub fn against(self, attendance: &Attendance) -> Option<Problem> {
        let state = attendance.state.parse::<AttendanceState>().ok()?;
        let fits = match self {
            Self::Dispute => may_dispute(state),
            Self::DecideDispute => state == AttendanceState::Disputed,
            Self::AcceptMakeUpStudy => may_make_up(state),
            Self::Settle => matches!(state, AttendanceState::Unexplained | AttendanceState::Disputed),
        };
        (!fits).then(|| Problem::wrong_state("attendanceId", &attendance.state))
    }
}
