use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::vocabulary::{EntityKind, Post};

use crate::graphql::account::object::{Account, AccountById};
use crate::graphql::loaders::{self, MemberById, OrganizationById};
use crate::graphql::organization::object::Organization;
use crate::graphql::page::{PageArguments, binding};
use crate::ops::people::reading::{About, AuditLine, Program};
use crate::{connection, loader, reads};

#[derive(Clone)]
pub struct TrailLine(pub AuditLine);

connection!(TrailConnection, TrailEdge, TrailLine);

loader!(
    /// Program by the id of its account.
    ProgramById => Program, |reading, ids| {
        let found = reading.programs(&ids).await?;
        Ok(found.into_iter().map(|program| (program.account_id.clone(), program)).collect())
    }
);

/// A program that acted.
pub struct TrailProgram(Program);

/// A program that acted, by its service account; named also after the account was closed.
#[Object]
impl TrailProgram {
    /// The user name of its account.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// The org whose subtree it serves.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.0.organization_id.clone() else {
            return Ok(None);
        };
        let found = loaders::load(ctx.data()?, OrganizationById(id)).await?;
        Ok(found.map(Organization))
    }
    /// Its account, for who looks after accounts there; null for everybody else.
    async fn account(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Account>> {
        loaders::load(ctx.data()?, AccountById(self.0.account_id.clone())).await
    }
}

/// One line of the trail: who did or saw what, in which post, for which org, what for. Never a value.
#[Object]
impl TrailLine {
    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
    /// The act, for example `REVEAL_PHONE`.
    async fn action(&self) -> &str {
        &self.0.action
    }
    /// Name of the member who acted; null where it was no person.
    async fn actor(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let Some(id) = self.0.member_id.clone() else {
            return Ok(None);
        };
        let found = loaders::load(ctx.data()?, MemberById(id)).await?;
        Ok(found.map(|seen| seen.row.name.clone()))
    }
    /// The program that acted, by a service account; null where it was a person.
    async fn program(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<TrailProgram>> {
        let program = self.0.account_id.clone().filter(|_| self.0.member_id.is_none());
        let Some(id) = program else { return Ok(None) };
        let found = loaders::load(ctx.data()?, ProgramById(id)).await?;
        Ok(found.map(TrailProgram))
    }
    /// The post in which it was done; null for acts in one's own right.
    async fn post(&self) -> Option<Post> {
        self.0.post.as_deref().and_then(|post| post.parse().ok())
    }
    /// The org of that post.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.0.organization_id.clone() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }
    /// Kind of what it is about.
    async fn subject_kind(&self) -> Option<EntityKind> {
        self.0.subject_kind.parse().ok()
    }
    /// Id of what it is about.
    async fn subject_id(&self) -> ID {
        ID(self.0.subject_id.clone())
    }
    /// Names of the fields that were changed or seen.
    async fn fields(&self) -> Vec<String> {
        serde_json::from_value(self.0.fields.clone()).unwrap_or_default()
    }
    /// What it was done for, where that had to be said; of an act on a collective decision its day, document number and meeting.
    async fn purpose(&self) -> Option<&str> {
        self.0.purpose.as_deref()
    }
    /// The request it came with.
    async fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }
}

/// A page of the trail about a member or an org, newest first.
pub async fn trail(ctx: &Context<'_>, about: About, page: PageArguments) -> async_graphql::Result<TrailConnection> {
    let (About::Member(id) | About::Organization(id)) = &about;
    let binding = binding("trail", id);
    let read = reads!(about => |reading, request| reading.trail(&about, &request));
    let values = |row: &AuditLine| vec![row.at.to_rfc3339(), row.id.clone()];
    TrailConnection::list(ctx, &binding, page, read, values, TrailLine).await
}
