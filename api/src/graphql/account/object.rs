use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::policy::{Action, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{AccountKind, Language};

use crate::graphql::activity::object::ActivityConnection;
use crate::graphql::activity::upcoming;
use crate::graphql::applicant::object::{Applicant, ApplicantById};
use crate::graphql::appointment::Appointment;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::inbox::{InboxConnection, inbox};
use crate::graphql::loaders::{self, OrganizationById, PostsOf};
use crate::graphql::member::object::{Member, member_target};
use crate::graphql::organization::object::Organization;
use crate::graphql::page::PageArguments;
use crate::graphql::people::service_account::{SecretsOf, ServiceSecret};
use crate::ops::organization::place_of;
use crate::ops::people::reading::Account as Row;
use crate::ops::reading::Reading;
use crate::{loader, permission};

permission! {
    /// What can be done with an account.
    AccountAction, AccountPermission {
        /// One's own: choose the language of messages and labels.
        SetLanguage => SetLanguage,
        /// Close it: sessions and tokens end at once.
        Close => CloseAccount,
        /// Issue a one-time link for a new password.
        IssueResetLink => IssueResetLink,
        /// Of a service account: give it other scopes.
        SetScopes => ChangeServiceAccount,
        /// Of a service account: make a new secret.
        RotateSecret => RotateServiceSecret,
    }
}

/// An account: one's own, or as it stands to who looks after the accounts of an org.
#[derive(Clone)]
pub struct Account {
    id: String,
    version: i64,
    username: String,
    language: Language,
    kind: Option<AccountKind>,
    member_id: Option<String>,
    organization_id: Option<String>,
    scopes: Vec<String>,
    disabled_at: Option<DateTime<Utc>>,
}

/// Who asks: the account, the member behind it, posts and scopes. Its id is its own, not the account's.
pub struct Viewer(pub Arc<Reading>);

loader!(
    /// Account by id: the reader's own, and those that they look after.
    AccountById => Account, |reading, ids| {
        let own = Account::own(&reading);
        let rest: Vec<String> = ids.iter().filter(|id| own.as_ref().is_none_or(|own| own.id != **id)).cloned().collect();
        let mut found: Vec<Account> = own.filter(|own| ids.contains(&own.id)).into_iter().collect();
        if !rest.is_empty() {
            found.extend(reading.accounts_of_people(&rest).await?.into_iter().map(Account::from));
        }
        Ok(found.into_iter().map(|account| (account.id.clone(), account)).collect())
    }
);

impl Account {
    fn own(reading: &Reading) -> Option<Self> {
        let bearer = reading.bearer.as_ref()?;
        Some(Self {
            id: bearer.actor.account_id.clone(),
            version: bearer.version,
            username: bearer.username.clone(),
            language: bearer.language,
            kind: Some(bearer.actor.kind),
            member_id: bearer.actor.member_id().map(ToOwned::to_owned),
            organization_id: bearer.actor.service.as_ref().map(|grant| grant.org.id.clone()),
            scopes: bearer.service_scopes.iter().map(ToString::to_string).collect(),
            disabled_at: None,
        })
    }

    fn is_service(&self) -> bool {
        self.kind == Some(AccountKind::Service)
    }

    /// The act of the policy behind an action: of a program's account everything is a change of it.
    fn act(&self, action: AccountAction) -> Action {
        if self.is_service() && action == AccountAction::Close {
            return Action::ChangeServiceAccount;
        }
        action.act()
    }

    /// What rights are asked about: the member behind it, or the org that the program serves.
    async fn target(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Target>> {
        if let Some(id) = &self.member_id {
            return member_target(ctx, id).await;
        }
        let Some(id) = self.organization_id.clone().filter(|_| self.is_service()) else {
            return Ok(None);
        };
        let org = loaders::load(ctx.data()?, OrganizationById(id)).await?;
        org.map(|org| {
            place_of(&org)
                .map(Target::at)
                .map_err(|failure| to_error(&failure.into()))
        })
        .transpose()
    }

    fn against(&self, action: AccountAction, reading: &Reading) -> Option<Problem> {
        let own = reading.actor.account_id == self.id;
        if action == AccountAction::SetLanguage && (!own || reading.actor.service.is_some()) {
            return Some(Problem::new(ProblemCode::Forbidden).with("right", "OWN_ACCOUNT:W"));
        }
        let fits = match action {
            AccountAction::SetScopes | AccountAction::RotateSecret => self.is_service(),
            AccountAction::IssueResetLink => !self.is_service(),
            AccountAction::SetLanguage | AccountAction::Close => true,
        };
        if !fits {
            return Some(Problem::wrong_state(
                "accountId",
                self.kind.map_or("", AccountKind::as_str),
            ));
        }
        self.disabled_at.map(|_| Problem::wrong_state("accountId", "CLOSED"))
    }
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            language: row.language.parse().unwrap_or(Language::ZhCn),
            kind: row.kind.parse().ok(),
            id: row.id,
            version: row.version,
            username: row.username,
            member_id: row.member_id,
            organization_id: row.organization_id,
            scopes: serde_json::from_value(row.scopes).unwrap_or_default(),
            disabled_at: row.disabled_at,
        }
    }
}

/// An account: one's own, or as it stands to who looks after the accounts of an org.
#[Object]
impl Account {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.version
    }
    /// What one signs in with.
    async fn username(&self) -> &str {
        &self.username
    }
    /// `zh-CN` or `en`.
    async fn language(&self) -> &'static str {
        self.language.as_str()
    }
    /// A person's, a service's or an administrator's.
    async fn kind(&self) -> Option<AccountKind> {
        self.kind
    }
    /// Whose account it is; null of services and administrators.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match &self.member_id {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }
    /// The org whose subtree a service account may reach; null of people and administrators.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.organization_id.clone() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }
    /// What a service account may do there, for example `members:read`; empty for people.
    async fn scopes(&self) -> &[String] {
        &self.scopes
    }
    /// Secrets of a service account that still work, the oldest first, without the secrets; empty for people.
    async fn secrets(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ServiceSecret>> {
        if self.kind != Some(AccountKind::Service) {
            return Ok(Vec::new());
        }
        Ok(loaders::load(ctx.data()?, SecretsOf(self.id.clone()))
            .await?
            .unwrap_or_default())
    }
    /// When it was closed.
    async fn disabled_at(&self) -> Option<DateTime<Utc>> {
        self.disabled_at
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<AccountAction>,
    ) -> async_graphql::Result<Vec<AccountPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let target = self.target(ctx).await?;
        let answer = |action: AccountAction| {
            // One's own language is always one's own to choose; of other accounts without a person nobody decides here.
            let refusals = match &target {
                Some(target) if action != AccountAction::SetLanguage => reading.against(self.act(action), target),
                _ => Vec::new(),
            };
            let unheld = target.is_none() && action != AccountAction::SetLanguage;
            let refused = || Problem::new(ProblemCode::Forbidden).with("right", "ACCOUNTS:A");
            let against = unheld.then(refused).or_else(|| self.against(action, &reading));
            AccountPermission::of(action, &refusals, against, operation.language)
        };
        Ok(actions.into_iter().map(answer).collect())
    }
}

impl Viewer {
    /// Made from the account's id.
    #[must_use]
    pub fn own_id(&self) -> String {
        format!("viewer_{}", self.0.actor.account_id.trim_start_matches("acc_"))
    }
}

/// Who asks: the account, the member behind it, posts and scopes. Its id is its own, not the account's.
#[Object]
impl Viewer {
    /// Stable id of the viewer, made from the account's.
    pub async fn id(&self) -> ID {
        ID(self.own_id())
    }

    /// The account signed in with.
    async fn account(&self) -> Option<Account> {
        Account::own(&self.0)
    }

    /// Scopes of a service account, for example `members:read`; empty for people.
    async fn scopes(&self) -> Vec<String> {
        self.0
            .bearer
            .as_ref()
            .map_or_else(Vec::new, |b| b.service_scopes.iter().map(ToString::to_string).collect())
    }

    /// The member behind the account.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match self.0.actor.member_id() {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }

    /// The applicant behind the account, until they are a member.
    async fn applicant(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Applicant>> {
        let Some(id) = self.0.actor.applicant_id.clone() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, ApplicantById(id)).await?.map(Applicant))
    }

    /// Posts held today, organ staff included.
    async fn posts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Appointment>> {
        let Some(id) = self.0.actor.member_id() else {
            return Ok(Vec::new());
        };
        let found = loaders::load(ctx.data()?, PostsOf(id.to_owned()))
            .await?
            .unwrap_or_default();
        Ok(found.into_iter().map(Appointment).collect())
    }

    /// What waits for the viewer: addressed to them, to the places they hold now, or to vacant places below. Latest first.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn inbox(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<InboxConnection> {
        inbox(ctx, PageArguments::new(first, after, last, before)).await
    }

    /// Activities to come at which the viewer is expected, or that their orgs hold.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn upcoming(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ActivityConnection> {
        upcoming(ctx, PageArguments::new(first, after, last, before)).await
    }
}
