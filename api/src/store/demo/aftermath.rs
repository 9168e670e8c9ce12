//! What follows from meetings: runs of absence, leave, tallies, agenda, resolutions, minutes.

use std::collections::{BTreeMap, HashSet};

use chrono::{Datelike as _, Duration, NaiveDate};
use domain::activity_kind::capabilities;
use domain::vocabulary::{
    ActivityKind, ActivityStatus, AgendaItemKind, AttendanceMode, AttendanceState, DecisionState, EntityKind,
    LeaveCategory, MemberStatus, ResolutionKind,
};
use entity::{activity_organization, agenda_item, attendance, document, document_revision, leave_request, resolution};

use super::city::{City, Node};
use super::holders::is_shown;
use super::meeting::Meeting;
use crate::store::activity_minutes::minutes_place;

/// Occasions that lie back so little that nobody has decided on them yet.
const LATELY: usize = 4;

impl City<'_> {
    /// Gives some members one, two or three absences in a row: half of them at the end, half months ago. In the branches
    /// that an account is shown for there is one of each, and somebody who disputes what was recorded; in the groups, one
    /// absence that is for the leader.
    pub(super) fn let_some_stay_away(&mut self) {
        let occasions = self.occasions_of_plain_members();
        let here_and_there = occasions.values().step_by(45).filter(|days| days.len() > 10);
        let mut stays: Vec<_> = here_and_there
            .enumerate()
            .map(|(number, days)| (days, if number % 2 == 0 { 0 } else { 4 }, number % 3 + 1))
            .collect();
        let mut disputed: Vec<usize> = Vec::new();
        for branch in self.branches.iter().filter(|branch| is_shown(&branch.node.name)) {
            let people = branch.people.iter().filter_map(|person| occasions.get(&person.id));
            let mut people = people.filter(|days| days.len() > 10);
            stays.extend(
                people
                    .by_ref()
                    .zip([(0, 1), (0, 2), (4, 3)])
                    .map(|(days, (latest, length))| (days, latest, length)),
            );
            disputed.extend(
                people
                    .next()
                    .and_then(|days| days.values().next_back())
                    .into_iter()
                    .flatten(),
            );
        }
        stays.extend(self.groups_shown().filter_map(|group| {
            let people = self.branches.iter().flat_map(|branch| &branch.people).rev();
            let mut days = people
                .filter(|person| person.group.as_ref() == Some(&group.id))
                .filter_map(|person| occasions.get(&person.id));
            days.find_map(|days| Some((days, self.last_at_group(days)?, 1)))
        }));
        let (mut absent, mut present) = (Vec::new(), Vec::new());
        for (days, latest, length) in stays {
            let mut backwards = days.values().rev().skip(latest);
            absent.extend(backwards.by_ref().take(length).flatten().copied());
            present.extend(backwards.take(1).flatten().copied());
        }
        self.restate(&absent, AttendanceState::Unexcused, None);
        self.restate(&present, AttendanceState::Present, Some(AttendanceMode::OnSite));
        self.restate(&disputed, AttendanceState::Disputed, None);
        for place in disputed {
            if let Some(row) = self.rows.attendance.get_mut(place) {
                row.dispute = Some("当天在外地出差，会前已向支部请假。".to_owned());
            }
        }
    }

    /// Party groups whose leader signs in.
    fn groups_shown(&self) -> impl Iterator<Item = &Node> {
        let groups = self.branches.iter().flat_map(|branch| &branch.groups);
        groups.filter(|group| is_shown(&group.name))
    }

    /// How many occasions ago somebody came to a meeting of the group alone: that they had stayed away is for its leader.
    fn last_at_group(&self, days: &BTreeMap<NaiveDate, Vec<usize>>) -> Option<usize> {
        let at_group = |place: &usize| {
            self.rows.attendance.get(*place).is_some_and(|row| {
                row.activity_kind == ActivityKind::PartyGroupMeeting.as_str()
                    && row.state == AttendanceState::Present.as_str()
            })
        };
        let mut lately = days.values().rev().take(LATELY);
        lately.position(|rows| rows.iter().all(at_group))
    }

    /// Where the rows of attendance of each active member without a post stand, by member and day.
    fn occasions_of_plain_members(&self) -> BTreeMap<String, BTreeMap<NaiveDate, Vec<usize>>> {
        let people = self.branches.iter().flat_map(|branch| &branch.people);
        let plain: HashSet<&str> = people
            .filter(|person| person.status == MemberStatus::Active && !person.has_post && person.exempt.is_none())
            .map(|person| person.id.as_str())
            .collect();
        let mut occasions: BTreeMap<String, BTreeMap<NaiveDate, Vec<usize>>> = BTreeMap::new();
        for (place, row) in self.rows.attendance.iter().enumerate() {
            let of_committee = [ActivityKind::BranchCommitteeMeeting, ActivityKind::CommitteeMeeting];
            let counts = !of_committee.iter().any(|kind| row.activity_kind == kind.as_str())
                && row.state != AttendanceState::Expected.as_str()
                && row.state != AttendanceState::LeavePending.as_str();
            if counts && plain.contains(row.member_id.as_str()) {
                let days = occasions.entry(row.member_id.clone()).or_default();
                days.entry(row.local_date).or_default().push(place);
            }
        }
        occasions
    }

    fn restate(&mut self, places: &[usize], state: AttendanceState, mode: Option<AttendanceMode>) {
        for place in places {
            if let Some(row) = self.rows.attendance.get_mut(*place) {
                row.state = state.to_string();
                row.mode = mode.map(|mode| mode.to_string());
            }
        }
    }

    pub(super) fn draw_conclusions(&mut self) -> anyhow::Result<()> {
        let branches = std::mem::take(&mut self.branches);
        let probationary: HashSet<&str> = branches
            .iter()
            .flat_map(|branch| &branch.people)
            .filter(|person| person.probationary)
            .map(|person| person.id.as_str())
            .collect();
        for meeting in std::mem::take(&mut self.meetings) {
            self.write_tallies(&meeting);
            self.write_leave(&meeting);
            self.write_agenda(&meeting);
            if meeting.status == ActivityStatus::Filed {
                self.write_minutes(&meeting)?;
                let resolves = match meeting.kind {
                    ActivityKind::BranchGeneralMeeting => self.dice.permille(350),
                    ActivityKind::BranchCommitteeMeeting => self.dice.permille(120),
                    _ => false,
                };
                if resolves {
                    self.write_resolution(&meeting, &probationary);
                }
            }
        }
        self.number_registers();
        self.branches = branches;
        Ok(())
    }

    /// Each org's register numbers what it held, by day, from 1 in each year.
    fn number_registers(&mut self) {
        let held: BTreeMap<&str, NaiveDate> = self
            .rows
            .activity
            .iter()
            .filter(|row| ["HELD", "FILED"].contains(&row.status.as_str()))
            .map(|row| (row.id.as_str(), row.local_date))
            .collect();
        let mut entries: Vec<_> = self
            .rows
            .activity_organization
            .iter_mut()
            .filter_map(|row| Some((*held.get(row.activity_id.as_str())?, row)))
            .collect();
        entries.sort_by_key(|(day, row)| (row.organization_id.clone(), *day, row.activity_id.clone()));
        let mut last: Option<(String, i32, i64)> = None;
        for (day, row) in entries {
            let number = match &last {
                Some((org, year, number)) if *org == row.organization_id && *year == day.year() => number + 1,
                Some(_) | None => 1,
            };
            row.register_number = Some(number);
            last = Some((row.organization_id.clone(), day.year(), number));
        }
    }

    fn write_tallies(&mut self, meeting: &Meeting) {
        let held = matches!(meeting.status, ActivityStatus::Held | ActivityStatus::Filed);
        for (org, range) in &meeting.tallies {
            let rows = self.rows.attendance.get(range.clone()).unwrap_or_default();
            let count = |state: AttendanceState| count(rows, |row| row.state == state.as_str());
            let exempt = count(AttendanceState::Exempt);
            self.rows.activity_organization.push(activity_organization::Model {
                activity_id: meeting.id.clone(),
                organization_id: org.clone(),
                named_at: meeting.noticed_at,
                confirmed_at: held.then(|| self.later(meeting.starts_at, 3)),
                confirmed_by: None,
                expected: i64::try_from(rows.len()).unwrap_or(0) - exempt,
                present: count(AttendanceState::Present),
                online: self::count(rows, |row| row.mode.as_deref() == Some(AttendanceMode::Online.as_str())),
                made_up_by_study: count(AttendanceState::MadeUpByStudy),
                on_leave: count(AttendanceState::OnLeave),
                unexcused: count(AttendanceState::Unexcused),
                unexplained: count(AttendanceState::Unexplained),
                exempt,
                register_number: None,
                joins: *org != meeting.host,
            });
        }
    }

    fn write_leave(&mut self, meeting: &Meeting) {
        for (org, range) in &meeting.tallies {
            let rows = self.rows.attendance.get(range.clone()).unwrap_or_default();
            for row in rows {
                let pending = row.state == AttendanceState::LeavePending.as_str();
                if !pending && row.state != AttendanceState::OnLeave.as_str() {
                    continue;
                }
                let category = match self.dice.below(5) {
                    0 => LeaveCategory::Illness,
                    1 | 2 => LeaveCategory::Work,
                    3 => LeaveCategory::Travel,
                    4.. => LeaveCategory::Care,
                };
                let state = if pending {
                    DecisionState::Open
                } else {
                    DecisionState::Accepted
                };
                let asked_at = self.later(meeting.noticed_at, 4);
                self.rows.leave_request.push(leave_request::Model {
                    reason_sealed: None,
                    id: self.app.ids.next(EntityKind::Leave),
                    activity_id: meeting.id.clone(),
                    member_id: row.member_id.clone(),
                    organization_id: org.clone(),
                    state: state.to_string(),
                    category: category.to_string(),
                    asked_at,
                    asked_by: row.member_id.clone(),
                    decided_at: (!pending).then(|| asked_at + Duration::hours(3)),
                    decided_by: meeting.chair.clone().filter(|_| !pending),
                    version: 1,
                });
            }
        }
    }

    fn write_agenda(&mut self, meeting: &Meeting) {
        for (position, (kind, title)) in (1i64..).zip(agenda(meeting.kind)) {
            self.rows.agenda_item.push(agenda_item::Model {
                id: self.app.ids.plain(),
                activity_id: meeting.id.clone(),
                position,
                kind: kind.to_string(),
                title: title.to_owned(),
            });
        }
    }

    fn write_minutes(&mut self, meeting: &Meeting) -> anyhow::Result<()> {
        let days = self.dice.between(1, 6);
        let filed_at = self.later(meeting.starts_at, days * 24);
        let id = self.app.ids.plain();
        let seals = capabilities(meeting.kind).seals_minutes;
        self.rows.document.push(document::Model {
            id: id.clone(),
            owner_id: meeting.host.clone(),
            subject_kind: EntityKind::Activity.to_string(),
            subject_id: meeting.id.clone(),
            class: "MINUTES".to_owned(),
            sealed: seals,
            created_at: filed_at,
        });
        let topics: Vec<&str> = agenda(meeting.kind).iter().map(|(_, title)| *title).collect();
        let text = format!(
            "{}。议程：{}。会议按议程进行，与会人员发言讨论。",
            meeting.title,
            topics.join("；")
        );
        let corrected = self.dice.permille(15);
        let revision = document_revision::Model {
            document_id: id,
            revision: 1,
            id: self.app.ids.plain(),
            text: Some(text),
            text_sealed: None,
            author_id: meeting.recorder.clone(),
            reason: None,
            filed_at,
        };
        if corrected {
            let text = revision.text.as_deref().unwrap_or_default();
            let second = document_revision::Model {
                revision: 2,
                id: self.app.ids.plain(),
                text: Some(format!("{text}补记：发言一人。")),
                reason: Some("补记遗漏的发言".to_owned()),
                filed_at: self.later(filed_at, 30),
                ..revision.clone()
            };
            self.keep_revision(second, seals)?;
        }
        self.keep_revision(revision, seals)
    }

    /// Minutes of a committee are sealed, as they are when they are filed.
    fn keep_revision(&mut self, mut row: document_revision::Model, seals: bool) -> anyhow::Result<()> {
        if let Some(text) = row.text.take_if(|_| seals) {
            let place = minutes_place(&row.id);
            row.text_sealed = Some(self.app.keys.seal(&place, text.as_bytes())?);
        }
        self.rows.document_revision.push(row);
        Ok(())
    }

    /// A vote: full members only, and every vote of those present is counted. A committee's is announced later, mostly.
    fn write_resolution(&mut self, meeting: &Meeting, probationary: &HashSet<&str>) {
        let Some((_, range)) = meeting.tallies.first() else {
            return;
        };
        let rows = self.rows.attendance.get(range.clone()).unwrap_or_default();
        let votes = |row: &attendance::Model| !probationary.contains(row.member_id.as_str());
        let due = count(rows, |row| votes(row) && row.state != AttendanceState::Exempt.as_str());
        let present = count(rows, |row| votes(row) && row.state == AttendanceState::Present.as_str());
        let noes = self.dice.between(0, 1).min(present);
        let abstentions = self.dice.between(0, 1).min(present - noes);
        let ayes = present - noes - abstentions;
        let of_committee = meeting.kind == ActivityKind::BranchCommitteeMeeting;
        let announced = of_committee && self.dice.permille(750);
        let (kind, title) = match self.dice.below(3) {
            _ if of_committee => (ResolutionKind::Other, "安排下季度学习和值班"),
            0 => (ResolutionKind::Commendation, "表彰优秀志愿服务党员"),
            1 => (ResolutionKind::MajorMatter, "通过支部年度工作计划"),
            2.. => (ResolutionKind::Other, "确定结对帮扶事项"),
        };
        self.rows.resolution.push(resolution::Model {
            id: self.app.ids.next(EntityKind::Resolution),
            activity_id: meeting.id.clone(),
            position: 1,
            title: title.to_owned(),
            kind: kind.to_string(),
            due,
            present,
            ayes,
            noes,
            abstentions,
            passed: present * 2 > due && ayes * 2 > due,
            excluded: serde_json::json!([]),
            quorum_needed: (due + 1) / 2,
            ayes_needed: due / 2 + 1,
            rulebook_id: "jiaxing-2015@1".to_owned(),
            rule_key: "vote-general".to_owned(),
            follow_up_owner_id: meeting.chair.clone(),
            follow_up_on: Some(meeting.day + chrono::Days::new(60)),
            done_on: Some(meeting.day + chrono::Days::new(40)).filter(|day| *day < self.today),
            announced_at: announced.then(|| self.later(meeting.starts_at, 48)),
            version: 1,
        });
    }
}

fn count(rows: &[attendance::Model], holds: impl Fn(&attendance::Model) -> bool) -> i64 {
    i64::try_from(rows.iter().filter(|row| holds(row)).count()).unwrap_or(0)
}

fn agenda(kind: ActivityKind) -> [(AgendaItemKind, &'static str); 2] {
    use AgendaItemKind as Item;
    match kind {
        ActivityKind::BranchGeneralMeeting => [(Item::Study, "学习党章"), (Item::ReviewWork, "审议支部工作")],
        ActivityKind::BranchCommitteeMeeting | ActivityKind::CommitteeMeeting => [
            (Item::Directive, "传达上级要求"),
            (Item::OrganizationalLife, "研究组织生活安排"),
        ],
        ActivityKind::PartyGroupMeeting => [(Item::Exchange, "思想交流"), (Item::PublicOpinion, "了解群众意见")],
        ActivityKind::PartyLecture => [
            (Item::LectureBasics, "党的基本知识"),
            (Item::LectureSituation, "当前形势和任务"),
        ],
    }
}
