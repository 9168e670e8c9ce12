//! Admissions: two proposed by their branches, one approved.

use std::collections::HashSet;

use chrono::Days;
use domain::vocabulary::{ActivityKind, ActivityStatus, AdmissionKind, AdmissionState, EntityKind, ResolutionKind};
use entity::{admission, resolution};
use serde_json::json;

use super::city::{City, Person};
use crate::store::name_key::name_key;

impl City<'_> {
    /// The branch's latest vote becomes the vote on the prospect.
    pub(super) fn write_admissions(&mut self) {
        let prospects: Vec<(String, String)> = self
            .rows
            .applicant
            .iter()
            .filter(|row| row.stage == "PROSPECT")
            .map(|row| (row.id.clone(), row.branch_id.clone()))
            .collect();
        let mut approved = false;
        let mut proposed = 0;
        for (applicant, branch) in prospects {
            let admitted = self.newcomer(&branch).filter(|_| !approved);
            if admitted.is_none() && proposed == 2 {
                continue;
            }
            let before = admitted.as_ref().map_or(self.today, |person| person.joined);
            if let Some((resolution, on)) = self.vote_on(&branch, before) {
                approved |= admitted.is_some();
                proposed += i32::from(admitted.is_none());
                self.propose(applicant, branch, resolution, on, admitted);
            }
        }
    }

    /// A probationary member who joined late enough that the vote lies within the time that is told.
    fn newcomer(&self, branch: &str) -> Option<Person> {
        let branch = self.branches.iter().find(|found| found.node.id == branch)?;
        let after = self.from + Days::new(120);
        let mut people = branch.people.iter();
        people
            .find(|person| person.probationary && person.joined > after)
            .cloned()
    }

    /// A resolution at the branch's last filed general meeting; votes add up over those present.
    fn vote_on(&mut self, branch: &str, before: chrono::NaiveDate) -> Option<(String, chrono::NaiveDate)> {
        let meeting = self
            .rows
            .activity
            .iter()
            .filter(|row| row.host_id == branch && row.kind == ActivityKind::BranchGeneralMeeting.as_str())
            .filter(|row| row.status == ActivityStatus::Filed.as_str() && row.local_date < before)
            .max_by_key(|row| row.local_date)?;
        let (activity_id, day, chair) = (meeting.id.clone(), meeting.local_date, meeting.chair_id.clone());
        let (due, present) = self.full_members_at(&activity_id);
        self.rows.resolution.retain(|row| row.activity_id != activity_id);
        let id = self.app.ids.next(EntityKind::Resolution);
        self.rows.resolution.push(resolution::Model {
            id: id.clone(),
            activity_id,
            position: 1,
            title: "接收预备党员".to_owned(),
            kind: ResolutionKind::Admission.to_string(),
            due,
            present,
            ayes: present,
            noes: 0,
            abstentions: 0,
            passed: present * 2 > due,
            excluded: serde_json::json!([]),
            quorum_needed: (due + 1) / 2,
            ayes_needed: due / 2 + 1,
            rulebook_id: "jiaxing-2015@1".to_owned(),
            rule_key: "vote-admission".to_owned(),
            follow_up_owner_id: chair,
            follow_up_on: Some(day + Days::new(30)),
            done_on: None,
            announced_at: None,
            version: 1,
        });
        Some((id, day))
    }

    /// Full members due and present at a meeting of one branch.
    fn full_members_at(&self, activity: &str) -> (i64, i64) {
        let people = self.branches.iter().flat_map(|branch| &branch.people);
        let probationary: HashSet<&str> = people
            .filter(|person| person.probationary)
            .map(|person| person.id.as_str())
            .collect();
        let (mut due, mut present) = (0, 0);
        for row in self.rows.attendance.iter().filter(|row| row.activity_id == activity) {
            if row.state != "EXEMPT" && !probationary.contains(row.member_id.as_str()) {
                due += 1;
                present += i64::from(row.state == "PRESENT");
            }
        }
        (due, present)
    }

    fn propose(
        &mut self,
        applicant_id: String,
        branch_id: String,
        resolution: String,
        on: chrono::NaiveDate,
        admitted: Option<Person>,
    ) {
        let branch = self.branches.iter().find(|branch| branch.node.id == branch_id);
        let approver_id = branch
            .and_then(|branch| branch.node.approver.clone())
            .unwrap_or_default();
        let member = admitted.map(|person| (person.id, person.name));
        let approved = member.is_some();
        let row = self.rows.applicant.iter_mut().find(|row| row.id == applicant_id);
        if let (Some(row), Some((id, name))) = (row, &member) {
            row.member_id = Some(id.clone());
            row.name_key = name_key(name);
            row.name.clone_from(name);
        }
        let member_id = member.map(|(id, _)| id);
        let proposed_at = self.later(self.at(on, 18, 0), 20);
        let state = if approved {
            AdmissionState::Approved
        } else {
            AdmissionState::Proposed
        };
        self.rows.admission.push(admission::Model {
            id: self.app.ids.next(EntityKind::Admission),
            kind: AdmissionKind::Admission.to_string(),
            applicant_id: Some(applicant_id),
            branch_id,
            approver_id,
            resolution_id: Some(resolution),
            state: state.to_string(),
            proposed_at,
            decided_at: approved.then(|| self.later(proposed_at, 72)),
            decision: approved.then(|| json!({"decidedOn": on + Days::new(3), "documentNumber": "云示发〔3〕号"})),
            voted_on: Some(on),
            rulebook_id: "jiaxing-2015@1".to_owned(),
            rule_key: "vote-admission".to_owned(),
            branch_decision: None,
            reason: None,
            extended_until: None,
            opinions: json!([]),
            member_id,
            version: 1,
        });
    }
}
