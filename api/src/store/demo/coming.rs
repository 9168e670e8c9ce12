//! What is to come: whoever signs in finds a lecture of their branch within two weeks, and those who decide find what waits.

use chrono::Days;
use domain::vocabulary::{ActivityKind, ActivityStatus, AttendanceMode, AttendanceState, MemberStatus};
use entity::activity_invitation;

use super::calendar::Planned;
use super::city::{Branch, City, Node};
use super::holders::is_shown;

/// Days within which each branch has called its next lecture.
const SOON: u64 = 13;

impl City<'_> {
    /// Calls a lecture in each branch, and a meeting in each group that somebody signs in for, where none is called for the
    /// next two weeks; activists are invited. It throws a copy of the dice: what was told so far stays as it is.
    pub(super) fn call_what_comes(&mut self) {
        let dice = self.dice.clone();
        let branches = std::mem::take(&mut self.branches);
        for (place, branch) in branches.iter().enumerate() {
            let ahead = 3 + u64::try_from(place % 9).unwrap_or(0);
            if !self.is_called(ActivityKind::PartyLecture, branch, &branch.node) {
                self.call_in(ahead, ActivityKind::PartyLecture, branch, None);
            }
            if is_shown(&branch.node.name) {
                self.let_one_ask_leave(branch, &branch.node);
            }
            for group in branch.groups.iter().filter(|group| is_shown(&group.name)) {
                if !self.is_called(ActivityKind::PartyGroupMeeting, branch, group) {
                    self.call_in(ahead + 2, ActivityKind::PartyGroupMeeting, branch, Some(group));
                }
                self.let_one_ask_leave(branch, group);
            }
        }
        self.branches = branches;
        self.dice = dice;
        self.invite_activists();
    }

    /// Whether the org has called a meeting of that kind in which all of the branch can take part.
    fn is_called(&self, kind: ActivityKind, branch: &Branch, host: &Node) -> bool {
        let remote = AttendanceMode::Hybrid.as_str();
        let rows = self.rows.activity.iter();
        let mut called = rows
            .filter(|row| row.host_id == host.id && row.kind == kind.as_str())
            .filter(|row| self.today < row.local_date && row.local_date <= self.today + Days::new(SOON));
        called.any(|row| !has_floating(branch) || row.mode == remote)
    }

    fn call_in(&mut self, days: u64, kind: ActivityKind, branch: &Branch, group: Option<&Node>) {
        let planned = Planned {
            kind,
            day: self.today + Days::new(days),
            make_up_for: None,
        };
        self.call(&planned, group.unwrap_or(&branch.node), branch, group);
    }

    /// Somebody without a post asks for leave from the last meeting that the org has called.
    fn let_one_ask_leave(&mut self, branch: &Branch, host: &Node) {
        let called = |meeting: &&super::meeting::Meeting| {
            meeting.host == host.id
                && meeting.status == ActivityStatus::Scheduled
                && meeting.kind != ActivityKind::BranchCommitteeMeeting
        };
        let Some((_, rows)) = self
            .meetings
            .iter()
            .rev()
            .find(called)
            .and_then(|found| found.tallies.first())
        else {
            return;
        };
        let plain = |id: &str| {
            let person = branch.people.iter().find(|person| person.id == id);
            person.is_some_and(|person| !person.has_post && person.status == MemberStatus::Active)
        };
        let rows = self.rows.attendance.get_mut(rows.clone()).unwrap_or_default();
        let expected = AttendanceState::Expected.as_str();
        let last = rows
            .iter_mut()
            .rev()
            .find(|row| row.state == expected && plain(&row.member_id));
        if let Some(row) = last {
            row.state = AttendanceState::LeavePending.to_string();
        }
    }

    /// Activists hear the lectures that their branch has called.
    fn invite_activists(&mut self) {
        let lectures = self.meetings.iter().filter(|meeting| {
            meeting.status == ActivityStatus::Scheduled && meeting.kind == ActivityKind::PartyLecture
        });
        for lecture in lectures {
            let at_branch = self.rows.applicant.iter().filter(|row| row.branch_id == lecture.host);
            let activists = at_branch.filter(|row| row.activist_on.is_some() && row.member_id.is_none());
            self.rows
                .activity_invitation
                .extend(activists.map(|row| activity_invitation::Model {
                    activity_id: lecture.id.clone(),
                    applicant_id: row.id.clone(),
                    organization_id: row.branch_id.clone(),
                    state: "INVITED".to_owned(),
                }));
        }
    }
}

/// Whether somebody of the branch lives elsewhere.
pub(super) fn has_floating(branch: &Branch) -> bool {
    branch
        .people
        .iter()
        .any(|person| person.status == MemberStatus::Floating)
}
