//! Rows of members, memberships, exemptions, transfers, applicants and names in other systems.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use domain::vocabulary::ActivityUnitKind as Unit;
use domain::vocabulary::{ApplicantStage, DecisionState, EntityKind, MemberStatus, Standing, TransferState};
use entity::{activity_unit, applicant, exemption, external_id, member, membership, transfer};

use super::city::{Branch, City, Person};
use super::names;
use crate::store::name_key::name_key;

/// The other system whose numbers some members and orgs carry.
const SYSTEM: &str = "demo-registry";

impl City<'_> {
    pub(super) fn write_register(&mut self) -> anyhow::Result<()> {
        let branches = std::mem::take(&mut self.branches);
        for branch in &branches {
            for person in &branch.people {
                self.write_membership(branch, person);
                if !person.guest {
                    self.write_member(branch, person)?;
                    self.write_exemption(branch, person);
                }
            }
        }
        self.branches = branches;
        self.write_applicants();
        self.write_units();
        self.write_external_ids();
        Ok(())
    }

    fn write_member(&mut self, branch: &Branch, person: &Person) -> anyhow::Result<()> {
        let number = self.before.members + self.rows.member.len() + 1;
        let birth = self.birth(person.joined);
        let identity = names::identity_number(number, birth);
        let phone = names::phone(number);
        let address = format!("云泽市示例路{number}号");
        let keys = &self.app.keys;
        let seal = |column: &str, plain: &str| keys.seal(&format!("member.{column}:{}", person.id), plain.as_bytes());
        let standing = if person.probationary {
            Standing::Probationary
        } else {
            Standing::Full
        };
        let left = person.status == MemberStatus::Left;
        self.rows.member.push(member::Model {
            id: person.id.clone(),
            name: person.name.clone(),
            name_key: name_key(&person.name),
            standing: standing.to_string(),
            status: person.status.to_string(),
            joined_on: person.joined,
            became_full_on: (!person.probationary).then(|| person.joined + Months::new(12)),
            left_on: person.until.filter(|_| left),
            left_reason: person.left_reason.map(ToOwned::to_owned),
            branch_id: branch.node.id.clone(),
            group_id: person.group.clone(),
            host_branch_id: person.host.clone(),
            unit_tag: unit_tag(branch, number),
            identity_sealed: Some(seal("identity_number", &identity)?),
            identity_hash: Some(keys.search_hash("identity_number", &identity)),
            birth_sealed: Some(seal("birth_date", &birth.to_string())?),
            address_sealed: Some(seal("address", &address)?),
            phone_sealed: Some(seal("phone", &phone)?),
            phone_hash: Some(keys.search_hash("phone", &phone)),
            version: 1,
        });
        Ok(())
    }

    fn birth(&mut self, joined: NaiveDate) -> NaiveDate {
        let years = u32::try_from(self.dice.between(19, 34)).unwrap_or(20);
        let day = joined - Months::new(years * 12);
        day - Days::new(self.dice.below(u64::from(day.day())))
    }

    fn write_membership(&mut self, branch: &Branch, person: &Person) {
        self.rows.membership.push(membership::Model {
            id: self.app.ids.plain(),
            member_id: person.id.clone(),
            branch_id: branch.node.id.clone(),
            group_id: person.group.clone(),
            unit_tag: None,
            from_on: person.from,
            until_on: person.until,
        });
    }

    fn write_exemption(&mut self, branch: &Branch, person: &Person) {
        let Some((from_on, until_on)) = person.exempt else {
            return;
        };
        let number = self.rows.exemption.len() + 1;
        let category = if until_on > self.today { "OLD_AGE" } else { "ILLNESS" };
        self.rows.exemption.push(exemption::Model {
            id: self.app.ids.next(EntityKind::Exemption),
            member_id: person.id.clone(),
            branch_id: branch.node.id.clone(),
            category: category.to_owned(),
            from_on,
            until_on,
            state: DecisionState::Accepted.to_string(),
            decided_on: Some(from_on - Days::new(3)),
            document_number: Some(format!("示免〔{number}〕号")),
            version: 1,
        });
    }

    fn write_applicants(&mut self) {
        let branches: Vec<String> = self
            .branches
            .iter()
            .step_by(2)
            .map(|branch| branch.node.id.clone())
            .collect();
        for (place, branch_id) in branches.into_iter().enumerate() {
            let stage = match place % 4 {
                0 => ApplicantStage::Prospect,
                1 | 2 => ApplicantStage::Activist,
                3.. => ApplicantStage::Applicant,
            };
            let name = names::person(&mut self.dice);
            let days = 90 + self.dice.below(700);
            let since_on = self.days_ago(days);
            self.rows.applicant.push(applicant::Model {
                id: self.app.ids.next(EntityKind::Applicant),
                name_key: name_key(&name),
                name,
                stage: stage.to_string(),
                branch_id,
                since_on,
                activist_on: (stage != ApplicantStage::Applicant).then(|| since_on + Days::new(60)),
                prospect_on: (stage == ApplicantStage::Prospect).then(|| since_on + Days::new(90)),
                withdrawn_on: None,
                withdrawn_reason: None,
                member_id: None,
                version: 1,
            });
        }
    }

    fn write_units(&mut self) {
        let kinds = [Unit::Section, Unit::Workshop, Unit::ProjectSite, Unit::PioneerStation];
        let names = ["综合科", "一号窑班组", "新堤项目部", "便民先锋站"];
        for ((kind, name), branch) in kinds.iter().zip(names).zip(self.branches.iter().skip(16).step_by(3)) {
            self.rows.activity_unit.push(activity_unit::Model {
                id: self.app.ids.next(EntityKind::ActivityUnit),
                organization_id: branch.node.id.clone(),
                kind: kind.to_string(),
                name: name.to_owned(),
                name_key: name_key(name),
                opened_on: branch.node.founded,
                closed_on: None,
                version: 1,
            });
        }
    }

    fn write_external_ids(&mut self) {
        let members = self
            .rows
            .member
            .iter()
            .step_by(25)
            .map(|row| (EntityKind::Member, row.id.clone()));
        let orgs = self.rows.organization.iter().step_by(10);
        let orgs = orgs.map(|row| (EntityKind::Organization, row.id.clone()));
        for (number, (kind, entity_id)) in (self.before.external_ids..).zip(members.chain(orgs)) {
            self.rows.external_id.push(external_id::Model {
                system: SYSTEM.to_owned(),
                value: format!("D{number:05}"),
                entity_kind: kind.to_string(),
                entity_id,
            });
        }
    }

    /// Two transfers of the demo city wait for an answer, one of them at a branch that somebody signs in for; one was turned
    /// down.
    pub(super) fn request_some_transfers(&mut self) {
        self.request_transfers(&[
            (12, 30, 5, TransferState::Requested),
            (4, 0, 3, TransferState::Requested),
            (52, 60, 45, TransferState::Rejected),
        ]);
    }

    /// In a city at scale a few of each part.
    pub(super) fn request_transfers_at_scale(&mut self) {
        let branches = self.branches.len();
        let pairs: Vec<_> = (0..branches)
            .step_by(10)
            .map(|from| (from, (from + branches / 2) % branches))
            .filter(|(from, to)| from != to)
            .zip([TransferState::Requested, TransferState::Rejected].into_iter().cycle())
            .map(|((from, to), state)| (from, to, 5 + from as u64 % 40, state))
            .collect();
        self.request_transfers(&pairs);
    }

    fn request_transfers(&mut self, asked: &[(usize, usize, u64, TransferState)]) {
        for (from, to, days, state) in asked.iter().copied() {
            let (Some(old), Some(new)) = (self.branches.get(from), self.branches.get(to)) else {
                continue;
            };
            let is_plain =
                |person: &&Person| person.status == MemberStatus::Active && !person.has_post && !person.guest;
            let Some(person) = old.people.iter().find(is_plain) else {
                continue;
            };
            let requested_at = self.at(self.days_ago(days), 10, 0);
            let rejected = state == TransferState::Rejected;
            self.rows.transfer.push(transfer::Model {
                id: self.app.ids.next(EntityKind::Transfer),
                member_id: person.id.clone(),
                from_id: old.node.id.clone(),
                to_id: new.node.id.clone(),
                state: state.to_string(),
                requested_at,
                decided_at: rejected.then(|| self.later(requested_at, 72)),
                effective_on: None,
                reason: Some("工作调动".to_owned()),
                requested_by: None,
                requested_at_org: Some(old.node.id.clone()),
                answer: rejected.then(|| "工作单位尚未变更".to_owned()),
                version: 1,
            });
        }
    }

    pub(super) fn keep_accepted_transfer(&mut self, member: &str, from: &Branch, on: NaiveDate, to: &str) {
        let requested_at = self.at(on - Days::new(9), 10, 0);
        self.rows.transfer.push(transfer::Model {
            id: self.app.ids.next(EntityKind::Transfer),
            member_id: member.to_owned(),
            from_id: from.node.id.clone(),
            to_id: to.to_owned(),
            state: TransferState::Accepted.to_string(),
            requested_at,
            decided_at: Some(self.at(on, 9, 0)),
            effective_on: Some(on),
            reason: Some("工作调动".to_owned()),
            requested_by: None,
            requested_at_org: Some(from.node.id.clone()),
            answer: None,
            version: 2,
        });
    }
}

/// Members of a joint branch carry the unit that they come from.
fn unit_tag(branch: &Branch, number: usize) -> Option<String> {
    let units = ["晴川纺织厂", "晴川印染厂", "晴川制衣社"];
    let joint = branch.node.name.contains("联合");
    joint.then(|| {
        units
            .iter()
            .copied()
            .cycle()
            .nth(number % 3)
            .unwrap_or_default()
            .to_owned()
    })
}
