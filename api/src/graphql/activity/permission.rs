use domain::lifecycle::activity;
use domain::lifecycle::attendance::{self, At, is_unsettled};
use domain::lifecycle::document::{self, Class};
use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{ActivityStatus, AttendanceState};

use crate::ops::activity::{Activity, Attendance, confirm, shipped_rule};
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
    /// What can be done with the part that one org takes in an activity.
    ParticipationAction, ParticipationPermission {
        /// Confirm its people, or put right what it confirmed, with a reason.
        Confirm => RecordAttendance,
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

/// Rests on the rule by which activities of its kind are owed.
fn by_kind(problem: Problem, activity: &Activity) -> Problem {
    let kind = activity.kind.parse().ok();
    match kind.and_then(|kind| shipped_rule(kind, activity.local_date)) {
        Some(entry) => problem.or_on(entry),
        None => problem,
    }
}

impl ParticipationAction {
    /// What the present state says against it.
    #[must_use]
    pub fn against(self, activity: &Activity) -> Option<Problem> {
        let status = activity.status.parse().ok()?;
        match self {
            Self::Confirm => confirm::against(status).map(|problem| by_kind(problem, activity)),
        }
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
        Some(by_kind(problem, activity))
    }

    fn code_against(
        self,
        activity: &Activity,
        mine: Option<&Attendance>,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Option<ProblemCode> {
        use activity::Command as C;
        let status = activity.status.parse::<ActivityStatus>().ok()?;
        let state = mine.and_then(|mine| mine.state.parse::<AttendanceState>().ok());
        let against = |command| activity::step(status, command).err().map(|refused| refused.code);
        let starts_at = activity.starts_at;
        let at = At { status, starts_at, now };
        match self {
            Self::Reschedule => against(C::Reschedule),
            Self::Cancel => against(C::Cancel),
            Self::IssueCheckInCode => against(C::IssueCode),
            Self::Record => against(C::Record { with_minutes: true }),
            // What is filed may be filed again, with a reason.
            Self::Correct => against(C::Correct { with_minutes: true }).or_else(|| {
                let latest = (status == ActivityStatus::Filed).then_some(1);
                let filed = document::step(Class::Minutes, latest, document::Command::File { reasoned: true });
                filed.err().map(|refused| refused.code)
            }),
            Self::AssignExternalId => None,
            Self::CheckIn => match mine {
                None => Some(ProblemCode::NotExpected),
                Some(mine) => attendance::against_check_in(&at, activity.check_in_expires_at, mine.wrong_codes),
            },
            Self::AskLeave => match state {
                None => Some(ProblemCode::NotExpected),
                Some(state) => {
                    let taken = attendance::step(&at, state, attendance::Command::AskLeave);
                    taken.err().map(|refused| refused.code)
                }
            },
        }
    }
}

impl AttendanceAction {
    /// What the present state says against it.
    #[must_use]
    pub fn against(self, row: &Attendance) -> Option<Problem> {
        let state = row.state.parse::<AttendanceState>().ok()?;
        // What is recorded of a person was held.
        let at = At {
            status: ActivityStatus::Held,
            starts_at: chrono::DateTime::UNIX_EPOCH,
            now: chrono::DateTime::UNIX_EPOCH,
        };
        let command = match self {
            Self::Dispute => attendance::Command::Dispute,
            Self::DecideDispute => attendance::Command::DecideDispute {
                found: AttendanceState::Present,
            },
            Self::AcceptMakeUpStudy => attendance::Command::AcceptMakeUpStudy,
            Self::Settle if is_unsettled(state) => return None,
            Self::Settle => return Some(Problem::wrong_state("attendanceId", &row.state)),
        };
        let refused = attendance::step(&at, state, command).err()?;
        Some(refused.at("attendanceId"))
    }
}
