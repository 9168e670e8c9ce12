//! Accounts for the holders of spec 3 at several levels. Passwords are random and exist only in the answer of the fill.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64URL;
use domain::vocabulary::{AccountKind, EntityKind, Language, MemberStatus, Post, ServiceScope};
use entity::{account, applicant, service_secret};
use serde_json::json;

use super::DemoAccount;
use super::city::City;
use super::holders::{COUNTY, HOLDERS, Holding};
use crate::secrets::{random, token};

/// Stored where no password may ever fit.
const UNUSABLE: &str = "!";

/// The county whose subtree the service account may read.
const SERVICE_AT: &str = "中共青禾县委员会";

impl City<'_> {
    /// Writes the accounts and returns them with their passwords.
    pub(super) async fn open_accounts(&mut self) -> anyhow::Result<Vec<DemoAccount>> {
        let mut accounts = Vec::new();
        for (role, username, org, post) in HOLDERS {
            accounts.push(self.for_holder(role, username, org, *post)?);
        }
        accounts.push(self.for_member("member", "member", MemberStatus::Active)?);
        accounts.push(self.for_member("floating member", "floating-member", MemberStatus::Floating)?);
        accounts.push(self.for_applicant("activist", &["ACTIVIST", "PROSPECT"], &accounts)?);
        accounts.push(self.for_applicant("applicant", &["APPLICANT"], &accounts)?);
        let root = self.rows.organization.first().context("no city")?.id.clone();
        accounts.push(self.open("administrator", "administrator", root, None, AccountKind::Administrator)?);
        self.hash(&accounts).await?;
        let county = self.committee(SERVICE_AT).context("no county")?.id.clone();
        accounts.push(self.open_service(county)?);
        Ok(accounts)
    }

    /// Accounts of a part of a city at scale: one for each sort of holder of whom none has one yet.
    pub(super) async fn open_accounts_of_part(
        &mut self,
        wanted: &mut Vec<&'static Holding>,
    ) -> anyhow::Result<Vec<DemoAccount>> {
        let mut accounts = Vec::new();
        let mut left = Vec::new();
        for one in std::mem::take(wanted) {
            match self.holder_of(one) {
                Some((org, member)) => {
                    accounts.push(self.open(one.role, one.username, org, Some(member), AccountKind::Person)?);
                }
                None => left.push(one),
            }
        }
        *wanted = left;
        if self.before.branches == 0 {
            accounts.push(self.for_member("member", "member", MemberStatus::Active)?);
            let root = self.rows.organization.first().context("no city")?.id.clone();
            accounts.push(self.open("administrator", "administrator", root, None, AccountKind::Administrator)?);
        }
        self.hash(&accounts).await?;
        let county = accounts.iter().find(|account| account.username == COUNTY);
        if let Some(county) = county.map(|account| account.organization_id.clone()) {
            accounts.push(self.open_service(county)?);
        }
        Ok(accounts)
    }

    /// The first org of the kind with somebody in the post: (org, member).
    fn holder_of(&self, wanted: &Holding) -> Option<(String, String)> {
        let branches = self.branches.iter();
        let below = branches.flat_map(|branch| branch.groups.iter().chain([&branch.node]));
        let mut orgs = self
            .committees
            .iter()
            .chain(below)
            .filter(|node| node.kind == wanted.kind);
        orgs.find_map(|node| {
            let member = self.holder(&node.id, wanted.post, self.today)?;
            Some((node.id.clone(), member.to_owned()))
        })
    }

    /// As many hashes as there are cores are computed side by side.
    async fn hash(&mut self, accounts: &[DemoAccount]) -> anyhow::Result<()> {
        let hash = |account: &DemoAccount| {
            let (passwords, plain) = (self.app.passwords.clone(), account.password.clone());
            tokio::spawn(async move { passwords.hash(plain).await })
        };
        let hashing: Vec<_> = accounts.iter().map(hash).collect();
        for (row, hash) in self.rows.account.iter_mut().zip(hashing) {
            row.password_hash = hash.await??;
        }
        Ok(())
    }

    fn for_holder(&mut self, role: &str, username: &str, org: &str, post: Post) -> anyhow::Result<DemoAccount> {
        let missing = || format!("nobody is {post} of {org}");
        let row = self
            .rows
            .organization
            .iter()
            .find(|row| row.name == org)
            .with_context(missing)?;
        let id = row.id.clone();
        let member = self.holder(&id, post, self.today).with_context(missing)?.to_owned();
        self.open(role, username, id, Some(member), AccountKind::Person)
    }

    /// The first plain member of that status.
    fn for_member(&mut self, role: &str, username: &str, status: MemberStatus) -> anyhow::Result<DemoAccount> {
        let (branch, person) = self
            .branches
            .iter()
            .flat_map(|branch| branch.people.iter().map(move |person| (branch, person)))
            .find(|(_, person)| person.status == status && !person.has_post && !person.guest && person.exempt.is_none())
            .context("no such member")?;
        let (org, member) = (branch.node.id.clone(), person.id.clone());
        self.open(role, username, org, Some(member), AccountKind::Person)
    }

    /// Somebody who applied and has come to one of these stages, of a branch whose secretary has an account too where there
    /// is one.
    fn for_applicant(&mut self, role: &str, stages: &[&str], known: &[DemoAccount]) -> anyhow::Result<DemoAccount> {
        let further = || {
            let rows = self.rows.applicant.iter();
            rows.filter(|row| stages.contains(&row.stage.as_str()) && row.member_id.is_none())
        };
        let near = |row: &&applicant::Model| {
            known
                .iter()
                .any(|one| one.role.contains("secretary") && one.organization_id == row.branch_id)
        };
        let found = further().find(near).or_else(|| further().next());
        let (id, branch) = found
            .map(|row| (row.id.clone(), row.branch_id.clone()))
            .with_context(|| format!("no {role}"))?;
        let account = self.open(role, role, branch, None, AccountKind::Person)?;
        if let Some(row) = self.rows.account.last_mut() {
            row.applicant_id = Some(id);
        }
        Ok(account)
    }

    /// The county whose subtree the service account may read is given.
    fn open_service(&mut self, org: String) -> anyhow::Result<DemoAccount> {
        let scopes = [
            ServiceScope::OrgsRead,
            ServiceScope::MembersRead,
            ServiceScope::ActivitiesRead,
            ServiceScope::EventsRead,
            ServiceScope::ExportsRun,
        ];
        let mut account = self.open(
            "service account",
            "county-service",
            org.clone(),
            None,
            AccountKind::Service,
        )?;
        account.password.clear();
        let secret = token::opaque("ols")?;
        if let Some(row) = self.rows.account.last_mut() {
            row.organization_id = Some(org);
            row.scopes = json!(scopes.map(ServiceScope::as_str));
        }
        self.rows.service_secret.push(service_secret::Model {
            id: self.app.ids.plain(),
            account_id: account.account_id.clone(),
            secret_hash: token::stored_secret(&secret),
            created_at: self.app.clock.now(),
            expires_at: None,
            last_used_at: None,
        });
        account.client_secret = Some(secret);
        Ok(account)
    }

    fn open(
        &mut self,
        role: &str,
        username: &str,
        organization_id: String,
        member_id: Option<String>,
        kind: AccountKind,
    ) -> anyhow::Result<DemoAccount> {
        let org = self.rows.organization.iter().find(|row| row.id == organization_id);
        let org = org.map(|row| row.name.clone()).unwrap_or_default();
        let id = self.app.ids.next(EntityKind::Account);
        self.rows.account.push(account::Model {
            id: id.clone(),
            username: username.to_owned(),
            kind: kind.to_string(),
            password_hash: UNUSABLE.to_owned(),
            member_id,
            applicant_id: None,
            language: Language::ZhCn.to_string(),
            organization_id: None,
            scopes: json!([]),
            disabled_at: None,
            auth_epoch: 0,
            version: 1,
        });
        Ok(DemoAccount {
            role: role.to_owned(),
            org,
            organization_id,
            username: username.to_owned(),
            password: B64URL.encode(random::<12>()?),
            client_secret: None,
            account_id: id,
        })
    }
}
