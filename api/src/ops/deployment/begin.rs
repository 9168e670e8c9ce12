//! The city as it begins: its first committees, their rules, and the person who signs in first.

use chrono::NaiveDate;
use domain::organization_facts::organ_name;
use domain::policy::{Ancestor, Place};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{EntityKind, Language, MemberStatus, OrganKind, OrganizationKind, Post, Sector, Standing};

use super::super::organization::Organization;
use super::super::outcome::Outcome;
use super::super::structure::{checked_date, checked_text};
use super::super::writing::upsert;
use super::Act;
use super::account::{Bearer, hashed, keep_account};
use crate::app::App;
use crate::store::deployment::{AppointmentRow, AssignmentRow, FirstPerson, MemberRow, MembershipRow, OrganRow};
use crate::store::name_key::name_key;
use crate::store::rulebook::StoredRulebook;
use crate::store::structure::Grounds;

/// The city as it begins.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// Name of the city committee.
    pub city: String,
    /// Name of the working committee of the city's organs.
    pub working_committee: String,
    /// Name of the branch that the first person belongs to.
    pub branch: String,
    /// Name of the city committee's secretary.
    pub secretary: String,
    pub username: String,
    pub founded_on: NaiveDate,
    pub joined_on: NaiveDate,
}

impl Act<'_> {
    async fn found(
        &mut self,
        above: &[Organization],
        kind: OrganizationKind,
        name: &str,
        on: NaiveDate,
    ) -> Outcome<Organization> {
        let ancestors = above.iter().map(ancestor).collect::<Outcome<Vec<_>>>()?;
        let id = self.app.ids.next(EntityKind::Organization);
        let place = Place::below(&ancestors, &id, kind, None);
        let committee = kind != OrganizationKind::Branch;
        let row = Organization {
            id: id.clone(),
            name: name.to_owned(),
            name_key: name_key(name),
            kind: kind.to_string(),
            sector: Sector::Organ.to_string(),
            parent_id: place.parent_id.clone(),
            depth: i64::try_from(place.depth()).unwrap_or_default(),
            next_from_depth: i64::try_from(place.next_from_depth).unwrap_or_default(),
            approver_id: place.approver_id.clone(),
            path: place.path.clone(),
            guided_by: None,
            approves: committee,
            has_committee: committee,
            holds_democratic_life_meeting: kind == OrganizationKind::CityCommittee,
            joint: false,
            temporary: false,
            law_enforcement: false,
            service_window: false,
            service_trade: false,
            founded_on: on,
            dissolved_on: None,
            version: 1,
        };
        let grounds = Grounds {
            reason: "初始建立".to_owned(),
            decided_on: None,
            document_number: None,
            meeting_id: None,
        };
        let now = (self.app.clock.now(), self.app.ids.plain());
        self.write.found(&self.permit, row.clone(), &grounds, now).await?;
        let at = (row.id.as_str(), row.path.as_str());
        self.tell(
            "CREATE_ORGANIZATION",
            upsert(EntityKind::Organization, &id, 1, at, &["name", "kind", "parent"]),
        );
        Ok(row)
    }
}

fn ancestor(row: &Organization) -> Outcome<Ancestor> {
    let kind = row.kind.parse().map_err(|_| anyhow::anyhow!("unknown kind of org"))?;
    Ok(Ancestor {
        id: row.id.clone(),
        kind,
        approves: row.approves,
    })
}

/// Begins a city in an empty database: the city committee with its organs and the shipped rulebook, a branch for its
/// first person, who is its secretary and gets an account. Returns the ids of committee and member.
///
/// # Errors
/// `WRONG_STATE` where an org is there already; what is wrong with the input; the database is away.
pub async fn begin(app: &App, input: &Beginning, password: &str) -> Outcome<(String, String)> {
    let today = app.today();
    for (text, field) in [
        (&input.city, "city"),
        (&input.working_committee, "workingCommittee"),
        (&input.branch, "branch"),
        (&input.secretary, "secretary"),
    ] {
        checked_text(text, field, 100)?;
    }
    checked_date(input.founded_on, today, "foundedOn")?;
    checked_date(input.joined_on, today, "joinedOn")?;
    let hash = hashed(password).await?;
    let mut act = Act::begin(app).await?;
    if act.write.root().await?.is_some() {
        return Err(Problem::new(ProblemCode::WrongState).with("state", "BEGUN").into());
    }
    let city = act
        .found(&[], OrganizationKind::CityCommittee, &input.city, input.founded_on)
        .await?;
    let above = [city.clone()];
    let working = act
        .found(
            &above,
            OrganizationKind::WorkingCommittee,
            &input.working_committee,
            input.founded_on,
        )
        .await?;
    let above = [city.clone(), working];
    let branch = act
        .found(&above, OrganizationKind::Branch, &input.branch, input.founded_on)
        .await?;
    put_under_rules(&mut act, &city).await?;
    let first = first_person(app, input, &city.id, &branch.id);
    let member = first.member.id.clone();
    act.write.begin_person(&act.permit, first).await?;
    let at = (branch.id.as_str(), branch.path.as_str());
    act.tell(
        "ENTER_MEMBER",
        upsert(EntityKind::Member, &member, 1, at, &["name", "branch"]),
    );
    keep_account(&mut act, &input.username, hash, &Bearer::Member(member.clone())).await?;
    act.end().await?;
    Ok((city.id, member))
}

/// Organs and rulebook of the first committee.
async fn put_under_rules(act: &mut Act<'_>, city: &Organization) -> Outcome<()> {
    let app = act.app;
    let book =
        super::super::rulebook::shipped().ok_or_else(|| anyhow::anyhow!("the shipped rulebook does not load"))?;
    let stored = act.write.rulebooks().await?.texts;
    if !stored.iter().any(|(key, ..)| *key == book.key) {
        let row = StoredRulebook {
            id: app.ids.next(EntityKind::Rulebook),
            key: book.key.clone(),
            version: i64::from(book.version),
            title: book.title.text(Language::ZhCn).to_owned(),
            issued_on: book.issued_on,
            effective_from: book.effective_from,
            text: domain::rulebook::JIAXING_2015.to_owned(),
            loaded_at: app.clock.now(),
        };
        act.write.keep_rulebook(&act.permit, row).await?;
    }
    let organ = |kind: &OrganKind| OrganRow {
        id: app.ids.plain(),
        organization_id: city.id.clone(),
        kind: kind.to_string(),
        name: organ_name(&city.name, *kind),
    };
    let organs = OrganKind::ALL.iter().map(organ).collect();
    let assigned = AssignmentRow {
        id: app.ids.plain(),
        organization_id: city.id.clone(),
        rulebook_key: book.key.clone(),
        from_on: city.founded_on.max(book.effective_from),
    };
    act.write.begin_committee(&act.permit, organs, assigned).await?;
    Ok(())
}

fn first_person(app: &App, input: &Beginning, city: &str, branch: &str) -> FirstPerson {
    let id = app.ids.next(EntityKind::Member);
    FirstPerson {
        member: MemberRow {
            id: id.clone(),
            name: input.secretary.clone(),
            name_key: name_key(&input.secretary),
            standing: Standing::Full.to_string(),
            status: MemberStatus::Active.to_string(),
            joined_on: input.joined_on,
            became_full_on: None,
            left_on: None,
            left_reason: None,
            branch_id: branch.to_owned(),
            group_id: None,
            host_branch_id: None,
            unit_tag: None,
            identity_sealed: None,
            identity_hash: None,
            birth_sealed: None,
            address_sealed: None,
            phone_sealed: None,
            phone_hash: None,
            version: 1,
        },
        membership: MembershipRow {
            id: app.ids.plain(),
            member_id: id.clone(),
            branch_id: branch.to_owned(),
            group_id: None,
            unit_tag: None,
            from_on: input.founded_on.max(input.joined_on),
            until_on: None,
        },
        appointment: AppointmentRow {
            id: app.ids.next(EntityKind::Appointment),
            member_id: id,
            organization_id: city.to_owned(),
            organ_id: None,
            post: Post::Secretary.to_string(),
            since: app.today(),
            until: None,
            term_ends_on: None,
            acting: false,
            portfolio: serde_json::json!([]),
            decision: None,
            version: 1,
        },
    }
}
