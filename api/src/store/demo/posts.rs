//! Posts: in branches and groups, in committees above them, in organs. Some ended, one is vacant, one is held for the time being.

use chrono::{Days, Months, NaiveDate};
use domain::vocabulary::{EntityKind, OrganKind, OrganizationKind, Post};
use entity::appointment;
use serde_json::json;

use super::city::{Branch, City, Holder, Person};
use super::plan;

/// Posts of a branch committee besides the secretary.
const COMMITTEE: [Post; 4] = [
    Post::DeputySecretary,
    Post::OrganizationCommitteeMember,
    Post::PublicityCommitteeMember,
    Post::DisciplineInspectionCommitteeMember,
];
/// Places in the plan of the branches whose secretary's post is vacant, or held for the time being.
const VACANT: usize = 11;
const ACTING: usize = 22;

impl City<'_> {
    pub(super) fn fill_posts(&mut self) {
        let mut branches = std::mem::take(&mut self.branches);
        for branch in &mut branches {
            self.fill_secretary(branch);
            let wanted = match (branch.node.has_committee, branch.people.len()) {
                (true, _) => 4,
                (false, 0..6) => 0,
                (false, _) => 1,
            };
            for post in COMMITTEE.iter().take(wanted) {
                self.fill_one(branch, &branch.node.id.clone(), *post, None);
            }
            if branch.oddity.is_some_and(|place| place % 6 == 1) {
                self.fill_one(branch, &branch.node.id.clone(), Post::PartyAffairsClerk, None);
            }
            for group in branch.groups.clone() {
                self.fill_one(branch, &group.id, Post::GroupLeader, Some(&group.id));
            }
        }
        for committee in self.committees.clone() {
            self.fill_committee(
                &mut branches,
                &committee.id,
                committee.kind,
                &committee.name,
                &committee.path,
            );
        }
        self.branches = branches;
    }

    fn fill_secretary(&mut self, branch: &mut Branch) {
        let org = branch.node.id.clone();
        let changed = self.from + Days::new(60 + self.dice.below(200));
        let Some(first) = free(&mut branch.people, None) else {
            return;
        };
        let since = self.long_ago(branch.node.founded);
        if branch.oddity == Some(VACANT) {
            self.appoint(&first, &org, Post::Secretary, since, Some(self.days_ago(40)));
        } else if branch.oddity == Some(ACTING) {
            self.appoint(&first, &org, Post::Secretary, since, Some(self.days_ago(30)));
            if let Some(next) = free(&mut branch.people, None) {
                self.appoint(&next, &org, Post::Secretary, self.days_ago(30), None);
                self.make_acting();
            }
        } else if branch.oddity.is_some_and(|place| place % 8 == 3) && since < changed {
            self.appoint(&first, &org, Post::Secretary, since, Some(changed));
            if let Some(next) = free(&mut branch.people, None) {
                self.appoint(&next, &org, Post::Secretary, changed, None);
            }
        } else {
            self.appoint(&first, &org, Post::Secretary, since, None);
        }
    }

    fn make_acting(&mut self) {
        let ends = self.today + Days::new(60);
        if let Some(row) = self.rows.appointment.last_mut() {
            row.acting = true;
            row.until = Some(ends);
            row.term_ends_on = Some(ends);
        }
    }

    fn fill_one(&mut self, branch: &mut Branch, org: &str, post: Post, group: Option<&str>) {
        let since = self.long_ago(branch.node.founded);
        if let Some(member) = free(&mut branch.people, group) {
            self.appoint(&member, org, post, since, None);
        }
    }

    fn fill_committee(&mut self, branches: &mut [Branch], org: &str, kind: OrganizationKind, name: &str, path: &str) {
        let place = name.trim_start_matches("中共").trim_end_matches("委员会");
        let of_area = matches!(
            kind,
            OrganizationKind::CityCommittee | OrganizationKind::CountyCommittee
        );
        let home = match (of_area, kind) {
            (true, _) => format!("{place}委办公室"),
            (false, OrganizationKind::LeadingPartyMembersGroup) if name == plan::LEADING_GROUP => {
                plan::LEADING_HOME.to_owned()
            }
            (false, OrganizationKind::LeadingPartyMembersGroup) => {
                format!("{}机关第一", place.trim_end_matches("党组"))
            }
            (false, _) => String::new(),
        };
        let mut posts = vec![Post::Secretary];
        posts.extend(COMMITTEE);
        if !matches!(
            kind,
            OrganizationKind::GeneralBranch | OrganizationKind::LeadingPartyMembersGroup
        ) {
            posts.push(Post::CommitteeOfficeClerk);
        }
        for post in posts {
            self.fill_from(branches, org, post, &home, path);
        }
        if of_area {
            self.fill_organs(branches, org, place, path);
        }
    }

    fn fill_organs(&mut self, branches: &mut [Branch], org: &str, place: &str, path: &str) {
        let organs = [
            (
                OrganKind::OrganizationDepartment,
                Post::OrganizationDepartmentStaff,
                "委组织部",
            ),
            (
                OrganKind::DisciplineInspectionCommission,
                Post::DisciplineInspectionStaff,
                "纪委机关",
            ),
        ];
        for (organ, post, home) in organs {
            for _ in 0..3 {
                self.fill_from(branches, org, post, &format!("{place}{home}"), path);
                self.name_organ(org, organ);
            }
        }
    }

    /// Takes the holder from the branches of that name, or from the first branch below the org that has somebody free.
    fn fill_from(&mut self, branches: &mut [Branch], org: &str, post: Post, home: &str, path: &str) {
        let fits = |branch: &&mut Branch| match home {
            "" => branch.node.path.starts_with(path) && !branch.is_tiny(),
            home => branch.node.name.starts_with(home),
        };
        let found = branches
            .iter_mut()
            .filter(fits)
            .find_map(|branch| free(&mut branch.people, None).map(|member| (member, branch.node.founded)));
        if let Some((member, founded)) = found {
            let since = self.long_ago(founded);
            self.appoint(&member, org, post, since, None);
        }
    }

    fn name_organ(&mut self, org: &str, kind: OrganKind) {
        let organ = self
            .rows
            .organ
            .iter()
            .find(|organ| organ.organization_id == org && organ.kind == kind.as_str())
            .map(|organ| organ.id.clone());
        if let Some(row) = self.rows.appointment.last_mut() {
            row.organ_id = organ;
        }
    }

    fn long_ago(&mut self, founded: NaiveDate) -> NaiveDate {
        (self.from - Days::new(30 + self.dice.below(600))).max(founded)
    }

    fn appoint(&mut self, member: &str, org: &str, post: Post, since: NaiveDate, until: Option<NaiveDate>) {
        let number = self.rows.appointment.len() + 1;
        self.rows.appointment.push(appointment::Model {
            id: self.app.ids.next(EntityKind::Appointment),
            member_id: member.to_owned(),
            organization_id: org.to_owned(),
            organ_id: None,
            post: post.to_string(),
            since,
            until,
            term_ends_on: post.is_officer().then(|| since + Months::new(36)),
            acting: false,
            portfolio: json!([]),
            decision: Some(json!({"decidedOn": since, "documentNumber": format!("云示任〔{number}〕号")})),
            version: 1,
        });
        self.holders.entry(org.to_owned()).or_default().push(Holder {
            member: member.to_owned(),
            post,
            since,
            until,
        });
    }

    /// Gives the deputies of larger committees the orgs directly below them to look after.
    pub(super) fn share_portfolios(&mut self) {
        for row in &mut self.rows.appointment {
            if row.post != Post::DeputySecretary.as_str() || row.until.is_some() {
                continue;
            }
            let children: Vec<&str> = self
                .rows
                .organization
                .iter()
                .filter(|org| org.parent_id.as_deref() == Some(row.organization_id.as_str()))
                .filter(|org| org.kind != OrganizationKind::PartyGroup.as_str())
                .map(|org| org.id.as_str())
                .take(3)
                .collect();
            row.portfolio = json!(children);
        }
    }
}

/// The next full member without a post; from then on they have one.
fn free(people: &mut [Person], group: Option<&str>) -> Option<String> {
    let person = people
        .iter_mut()
        .filter(|person| !person.has_post && !person.probationary)
        .find(|person| group.is_none() || person.group.as_deref() == group)?;
    person.has_post = true;
    Some(person.id.clone())
}
