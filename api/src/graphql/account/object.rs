use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::vocabulary::{AccountKind, Language};

use crate::graphql::activity::object::ActivityConnection;
use crate::graphql::activity::upcoming;
use crate::graphql::applicant::object::{Applicant, ApplicantById};
use crate::graphql::appointment::Appointment;
use crate::graphql::inbox::{InboxConnection, inbox};
use crate::graphql::loaders::{self, PostsOf};
use crate::graphql::member::object::Member;
use crate::graphql::page::PageArguments;
use crate::loader;
use crate::ops::reading::Reading;

/// The account behind the request.
#[derive(SimpleObject, Clone)]
pub struct Account {
    #[graphql(owned)]
    pub id: ID,
    /// Raised with every change; bring it back as `expectedVersion`.
    pub version: i64,
    pub username: String,
    /// `zh-CN` or `en`.
    pub language: String,
    pub kind: AccountKind,
}

/// Who asks: the account, the member behind it, posts and scopes. Its id is its own, not the account's.
pub struct Viewer(pub Arc<Reading>);

loader!(
    /// The reader's own account; no other is shown.
    OwnAccount => Account, |reading, ids| {
        let own = Account::of(&reading);
        Ok(own.filter(|own| ids.contains(&own.id.0)).map(|own| (own.id.0.clone(), own)).into_iter().collect())
    }
);

impl Account {
    fn of(reading: &Reading) -> Option<Self> {
        let bearer = reading.bearer.as_ref()?;
        Some(Self {
            id: ID(bearer.actor.account_id.clone()),
            version: bearer.version,
            username: bearer.username.clone(),
            language: match bearer.language {
                Language::ZhCn => "zh-CN".to_owned(),
                Language::En => "en".to_owned(),
            },
            kind: bearer.actor.kind,
        })
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
        Account::of(&self.0)
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
