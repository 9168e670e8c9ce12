//! One meeting: the activity and who came.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::vocabulary::{
    ActivityKind, ActivityStatus, AttendanceMode, AttendanceState, EntityKind, MemberStatus, Post,
};
use entity::{activity, attendance};

use super::calendar::Planned;
use super::city::{Branch, City, Node, Person};
use super::coming::has_floating;

/// A meeting with the rows of its attendance, for what is derived from them later.
pub(super) struct Meeting {
    pub(super) id: String,
    pub(super) kind: ActivityKind,
    pub(super) status: ActivityStatus,
    pub(super) title: String,
    pub(super) day: NaiveDate,
    pub(super) starts_at: DateTime<Utc>,
    pub(super) noticed_at: DateTime<Utc>,
    pub(super) host: String,
    /// Participating orgs, the host first, each with its rows in `attendance`.
    pub(super) tallies: Vec<(String, std::ops::Range<usize>)>,
    pub(super) chair: Option<String>,
    pub(super) recorder: Option<String>,
}

/// How a meeting went as a whole.
struct Course {
    status: ActivityStatus,
    remote: bool,
    /// Notice went out too late to hold an absence against anybody.
    late_notice: bool,
    /// Too few came.
    thin: bool,
}

impl City<'_> {
    pub(super) fn hold(&mut self, planned: &Planned, host: &Node, branches: &[&Branch], group: Option<&Node>) {
        let anybody = |branch: &&&Branch| {
            let expected = |person: &Person| self.is_expected(planned.kind, branch, group, person, planned.day);
            branch.people.iter().any(expected)
        };
        let Some(branch) = branches.iter().find(anybody).copied() else {
            return;
        };
        let course = self.course(planned, branch);
        let meeting = self.write_activity(planned, host, branch, &course, branches.len() > 1);
        self.write_attendance(meeting, &course, branches, group);
    }

    /// Calls a meeting to come; who lives elsewhere may take part from there.
    pub(super) fn call(&mut self, planned: &Planned, host: &Node, branch: &Branch, group: Option<&Node>) {
        let course = Course {
            status: ActivityStatus::Scheduled,
            remote: has_floating(branch),
            late_notice: false,
            thin: false,
        };
        let meeting = self.write_activity(planned, host, branch, &course, false);
        self.write_attendance(meeting, &course, &[branch], group);
    }

    fn course(&mut self, planned: &Planned, branch: &Branch) -> Course {
        let floating = has_floating(branch);
        let status = if planned.day >= self.today {
            ActivityStatus::Scheduled
        } else if self.dice.permille(5) {
            ActivityStatus::Cancelled
        } else if self.is_unfiled(planned.day, branch.lapses) {
            ActivityStatus::Held
        } else {
            ActivityStatus::Filed
        };
        Course {
            status,
            remote: planned.kind != ActivityKind::BranchCommitteeMeeting && floating && self.dice.permille(800),
            late_notice: self.dice.permille(20),
            thin: self.dice.permille(8),
        }
    }

    /// Minutes of the last days are often still to come; a lax branch forgets some for good.
    fn is_unfiled(&mut self, day: NaiveDate, lapses: u64) -> bool {
        match (self.today - day).num_days() {
            ..2 => true,
            2..7 => self.dice.permille(400),
            7.. => self.dice.permille(lapses / 4),
        }
    }

    fn write_activity(
        &mut self,
        planned: &Planned,
        host: &Node,
        branch: &Branch,
        course: &Course,
        joint: bool,
    ) -> Meeting {
        let (hour, title) = words(planned.kind, joint);
        let starts_at = self.at(planned.day, hour, 0);
        let (chair, recorder) = self.chair_and_recorder(host, branch, planned.day);
        let meeting = Meeting {
            id: self.app.ids.next(EntityKind::Activity),
            kind: planned.kind,
            status: course.status,
            title: title.to_owned(),
            day: planned.day,
            starts_at,
            noticed_at: self.notice(starts_at, course),
            host: host.id.clone(),
            tallies: Vec::new(),
            chair,
            recorder,
        };
        let scheduled = course.status == ActivityStatus::Scheduled;
        let code = scheduled.then(|| format!("{:06}", self.dice.below(1_000_000)));
        let mut row = activity_row(&meeting, course);
        row.place = Some(format!("{}活动室", branch.node.name.trim_end_matches("党支部")));
        row.check_in_expires_at = code.is_some().then(|| starts_at + Duration::hours(2));
        row.check_in_code = code;
        row.make_up_for.clone_from(&planned.make_up_for);
        self.rows.activity.push(row);
        meeting
    }

    fn notice(&mut self, starts_at: DateTime<Utc>, course: &Course) -> DateTime<Utc> {
        let hours = if course.late_notice {
            10
        } else {
            self.dice.between(30, 120)
        };
        let noticed_at = starts_at - Duration::hours(hours);
        if course.status == ActivityStatus::Scheduled {
            noticed_at.min(self.morning() - Duration::hours(14))
        } else {
            noticed_at
        }
    }

    /// The group's leader or the branch's secretary, else the deputy; the publicity member writes, else the deputy.
    fn chair_and_recorder(&self, host: &Node, branch: &Branch, day: NaiveDate) -> (Option<String>, Option<String>) {
        let holder = |org: &str, post: Post| self.holder(org, post, day).map(ToOwned::to_owned);
        let deputy = holder(&branch.node.id, Post::DeputySecretary);
        let chair = holder(&host.id, Post::GroupLeader)
            .or_else(|| holder(&branch.node.id, Post::Secretary))
            .or_else(|| deputy.clone());
        let recorder = holder(&branch.node.id, Post::PublicityCommitteeMember)
            .or(deputy)
            .or_else(|| chair.clone());
        (chair, recorder)
    }

    fn write_attendance(&mut self, mut meeting: Meeting, course: &Course, branches: &[&Branch], group: Option<&Node>) {
        for branch in branches {
            let org = group.map_or(&branch.node.id, |group| &group.id).clone();
            let first = self.rows.attendance.len();
            for person in &branch.people {
                if !self.is_expected(meeting.kind, branch, group, person, meeting.day) {
                    continue;
                }
                if let Some((state, mode)) = self.came(person, meeting.day, course) {
                    let row = self.attendance(&meeting, person, &org, state, mode);
                    self.rows.attendance.push(row);
                }
            }
            meeting.tallies.push((org, first..self.rows.attendance.len()));
        }
        self.meetings.push(meeting);
    }

    fn attendance(
        &self,
        meeting: &Meeting,
        person: &Person,
        org: &str,
        state: AttendanceState,
        mode: Option<AttendanceMode>,
    ) -> attendance::Model {
        let recorded = !matches!(state, AttendanceState::Expected | AttendanceState::Exempt);
        attendance::Model {
            id: self.app.ids.next(EntityKind::Attendance),
            activity_id: meeting.id.clone(),
            member_id: person.id.clone(),
            organization_id: org.to_owned(),
            activity_kind: meeting.kind.to_string(),
            local_date: meeting.day,
            state: state.to_string(),
            mode: mode.map(|mode| mode.to_string()),
            recorded_at: recorded.then(|| self.later(meeting.starts_at, 2)),
            dispute: None,
            wrong_codes: 0,
            version: 1,
        }
    }

    /// Whether and how somebody took part; `None`: not expected at all.
    fn came(
        &mut self,
        person: &Person,
        day: NaiveDate,
        course: &Course,
    ) -> Option<(AttendanceState, Option<AttendanceMode>)> {
        use AttendanceState as State;
        let floating = person.status == MemberStatus::Floating;
        // Neither a remote mode nor a suspended membership can be held against anybody.
        if person.status == MemberStatus::Suspended || (floating && !course.remote) {
            return None;
        }
        let luck = self.dice.below(1000);
        let mode = if floating {
            AttendanceMode::Online
        } else {
            AttendanceMode::OnSite
        };
        let state = match (course.status, luck) {
            _ if person.is_exempt_on(day) => State::Exempt,
            (ActivityStatus::Scheduled, 0..25) => State::LeavePending,
            (ActivityStatus::Scheduled | ActivityStatus::Cancelled, _) => State::Expected,
            _ if person.status == MemberStatus::OutOfContact => State::Unexcused,
            (ActivityStatus::Held | ActivityStatus::Filed, 0..600) if course.thin => State::OnLeave,
            (ActivityStatus::Held | ActivityStatus::Filed, 0..2) => State::Unexcused,
            (ActivityStatus::Held | ActivityStatus::Filed, 2..40) if course.late_notice => State::Unexplained,
            (ActivityStatus::Held | ActivityStatus::Filed, 2..40) => State::OnLeave,
            (ActivityStatus::Held | ActivityStatus::Filed, 40..55) => {
                return Some((State::MadeUpByStudy, Some(AttendanceMode::MakeUpStudy)));
            }
            (ActivityStatus::Held | ActivityStatus::Filed, _) => return Some((State::Present, Some(mode))),
        };
        Some((state, None))
    }
}

fn activity_row(meeting: &Meeting, course: &Course) -> activity::Model {
    let mode = if course.remote {
        AttendanceMode::Hybrid
    } else {
        AttendanceMode::OnSite
    };
    let cancelled = course.status == ActivityStatus::Cancelled;
    activity::Model {
        id: meeting.id.clone(),
        kind: meeting.kind.to_string(),
        title: meeting.title.clone(),
        status: course.status.to_string(),
        host_id: meeting.host.clone(),
        unit_id: None,
        starts_at: meeting.starts_at,
        ends_at: Some(meeting.starts_at + Duration::minutes(90)),
        local_date: meeting.day,
        place: None,
        mode: mode.to_string(),
        online_address: course.remote.then(|| "https://meeting.example/room".to_owned()),
        noticed_at: Some(meeting.noticed_at),
        chair_id: meeting.chair.clone(),
        recorder_id: meeting.recorder.clone(),
        lecturer: None,
        links: None,
        check_in_code: None,
        check_in_expires_at: None,
        for_year: None,
        make_up_for: None,
        cancel_reason: cancelled.then(|| "台风天气，会议取消".to_owned()),
        version: 1,
    }
}

fn words(kind: ActivityKind, joint: bool) -> (u32, &'static str) {
    match kind {
        ActivityKind::BranchGeneralMeeting => (14, "支部党员大会"),
        ActivityKind::BranchCommitteeMeeting => (9, "支部委员会会议"),
        ActivityKind::CommitteeMeeting => (9, "党委会议"),
        ActivityKind::PartyGroupMeeting => (19, "党小组会"),
        ActivityKind::PartyLecture if joint => (15, "联合党课"),
        ActivityKind::PartyLecture => (15, "党课"),
    }
}
