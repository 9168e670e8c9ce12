//! What the command line does before anybody can sign in: the first committee, the first person, accounts. Whoever may
//! run it holds the database and the keys, so it asks no rights; each act stands in the trail without an account.

use chrono::NaiveDate;
use domain::organization_facts::organ_name;
use domain::place::child_path;
use domain::policy::{Ancestor, Permit, Place, SystemScope};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{
    AccountKind, EntityKind, Language, MemberStatus, OrganKind, OrganizationKind, Post, Sector, ServiceScope, Standing,
};

use super::organization::Organization;
use super::outcome::{Failure, Outcome};
use super::people::account::{Link, UNUSABLE, fresh_link};
use super::people::service_account::fresh_secret;
use super::structure::{checked_date, checked_text};
use super::writing::upsert;
use crate::app::App;
use crate::secrets::password;
use crate::store::account::Account;
use crate::store::deployment::{AppointmentRow, AssignmentRow, FirstPerson, MemberRow, MembershipRow, OrganRow};
use crate::store::name_key::name_key;
use crate::store::rulebook::StoredRulebook;
use crate::store::structure::Grounds;
use crate::store::transaction::{Event, Ledger, Trail, Write};

/// Shortest password that a person may bring.
const SHORTEST: usize = 12;

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

/// Who an account is for.
#[derive(Debug, Clone)]
pub enum Bearer {
    Administrator,
    Member(String),
    Service {
        organization_id: String,
        scopes: Vec<ServiceScope>,
    },
}

/// One write of the command line: rows, events and trail in one transaction.
struct Act<'a> {
    app: &'a App,
    write: Write,
    permit: Permit,
    ledger: Ledger,
}

impl<'a> Act<'a> {
    async fn begin(app: &'a App) -> Outcome<Self> {
        Ok(Self {
            app,
            write: app.database.write().await?,
            permit: Permit::system(SystemScope::Import),
            ledger: Ledger::default(),
        })
    }

    fn tell(&mut self, action: &str, event: Event) {
        let trail = Trail {
            action: action.to_owned(),
            subject_kind: event.kind.to_string(),
            subject_id: event.id.clone(),
            subject_org_id: event.organization_id.clone(),
            fields: event.fields.iter().map(ToString::to_string).collect(),
            ..Trail::default()
        };
        self.ledger.trail.push((self.app.ids.plain(), trail));
        self.ledger.events.push(event);
    }

    async fn end(self) -> Outcome<()> {
        self.write.finish(self.ledger, self.app.clock.now()).await?;
        Ok(())
    }

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
    let book = super::rulebook::shipped().ok_or_else(|| anyhow::anyhow!("the shipped rulebook does not load"))?;
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

async fn hashed(text: &str) -> Outcome<String> {
    if text.chars().count() < SHORTEST {
        return Err(Problem::at(ProblemCode::Invalid, "password")
            .with("min", SHORTEST)
            .into());
    }
    let text = text.to_owned();
    let hash = tokio::task::spawn_blocking(move || password::hash(&text)).await;
    Ok(hash.map_err(anyhow::Error::from)??)
}

async fn keep_account(act: &mut Act<'_>, username: &str, password_hash: String, bearer: &Bearer) -> Outcome<String> {
    checked_text(username, "username", 64)?;
    if act.write.account_named(username).await?.is_some() {
        return Err(Problem::at(ProblemCode::AlreadyRecorded, "username").into());
    }
    let (kind, member_id, organization_id, scopes) = match bearer {
        Bearer::Administrator => (AccountKind::Administrator, None, None, Vec::new()),
        Bearer::Member(id) => (AccountKind::Person, Some(id.clone()), None, Vec::new()),
        Bearer::Service {
            organization_id,
            scopes,
        } => (
            AccountKind::Service,
            None,
            Some(organization_id.clone()),
            scopes.clone(),
        ),
    };
    let root = act.write.root().await?;
    let at = match &organization_id {
        Some(id) => act.write.paths().await?.into_iter().find(|(org, _)| org == id),
        None => root.map(|row| (row.id, row.path)),
    };
    let (org, path) = at.ok_or_else(|| Problem::at(ProblemCode::NotFound, "organization"))?;
    if let Some(id) = &member_id
        && !act.write.has_member(id).await?
    {
        return Err(Problem::at(ProblemCode::NotFound, "member").into());
    }
    let id = act.app.ids.next(EntityKind::Account);
    let row = Account {
        id: id.clone(),
        username: username.to_owned(),
        kind: kind.to_string(),
        password_hash,
        member_id,
        applicant_id: None,
        language: Language::ZhCn.to_string(),
        organization_id,
        scopes: serde_json::json!(scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>()),
        disabled_at: None,
        auth_epoch: 0,
        version: 1,
    };
    act.write.begin_account(&act.permit, row).await?;
    act.tell(
        "OPEN_ACCOUNT",
        upsert(EntityKind::Account, &id, 1, (&org, &path), &["username"]),
    );
    Ok(id)
}

/// Opens an account for an administrator or a member. Returns its id.
///
/// # Errors
/// The user name is taken, the password is short, the member is unknown; the database is away.
pub async fn open_account(app: &App, username: &str, password: &str, bearer: &Bearer) -> Outcome<String> {
    let hash = hashed(password).await?;
    let mut act = Act::begin(app).await?;
    let id = keep_account(&mut act, username, hash, bearer).await?;
    act.end().await?;
    Ok(id)
}

/// Opens a service account: its client id, and its secret, which is stored as a hash and never told again.
///
/// # Errors
/// The user name is taken, the org is unknown; the database is away.
pub async fn open_service(app: &App, username: &str, bearer: &Bearer) -> Outcome<(String, String)> {
    let mut act = Act::begin(app).await?;
    let id = keep_account(&mut act, username, UNUSABLE.to_owned(), bearer).await?;
    let secret = fresh_secret(&act.write, app, &act.permit, &id, app.clock.now()).await?;
    act.end().await?;
    Ok((id, secret))
}

/// What happens to an account that is there.
#[derive(Debug, Clone)]
pub enum AccountChange {
    /// A one-time link for a new password (spec 3); until it is used nobody signs in.
    Link,
    /// A fresh secret of a service account; those until now end at once.
    Secret,
    Disable,
    Enable,
}

/// What is told of a changed account, this once.
#[derive(Debug, Default)]
pub struct Fresh {
    pub link: Option<Link>,
    pub secret: Option<String>,
}

/// Changes an account and ends all its sessions at once. The link or the secret that was asked for.
///
/// # Errors
/// There is no such account, or not of that kind; the database is away.
pub async fn change_account(app: &App, username: &str, change: &AccountChange) -> Outcome<Fresh> {
    let mut act = Act::begin(app).await?;
    let found = act.write.account_named(username).await?;
    let mut row = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "username"))?;
    let service = row.kind == AccountKind::Service.as_str();
    let fits = match change {
        AccountChange::Link => !service,
        AccountChange::Secret => service,
        AccountChange::Disable | AccountChange::Enable => true,
    };
    if !fits {
        return Err(Problem::wrong_state("username", &row.kind).into());
    }
    let now = app.clock.now();
    match change {
        AccountChange::Disable => row.disabled_at = Some(now),
        AccountChange::Enable => row.disabled_at = None,
        AccountChange::Link => row.password_hash = UNUSABLE.to_owned(),
        AccountChange::Secret => {}
    }
    row.auth_epoch += 1;
    row.version += 1;
    let root = act.write.root().await?.ok_or(Failure::from(ProblemCode::NotFound))?;
    let (id, version) = (row.id.clone(), row.version);
    act.write.change_account(&act.permit, row, now).await?;
    let mut fresh = Fresh::default();
    match change {
        AccountChange::Link => fresh.link = Some(fresh_link(&act.write, app, &id, now).await?),
        AccountChange::Secret => {
            act.write.end_secrets(&id, now).await?;
            fresh.secret = Some(fresh_secret(&act.write, app, &act.permit, &id, now).await?);
        }
        AccountChange::Disable | AccountChange::Enable => {}
    }
    let at = (root.id.as_str(), child_path(None, &root.id));
    act.tell(
        "CHANGE_ACCOUNT",
        upsert(
            EntityKind::Account,
            &id,
            version,
            (at.0, &at.1),
            &["credentials", "disabledAt"],
        ),
    );
    act.end().await?;
    Ok(fresh)
}
