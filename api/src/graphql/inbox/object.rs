use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, NaiveDate, Utc};
use domain::policy::Target;
use domain::problem::Problem;
use domain::vocabulary::InboxKind;

use super::subject::{Subject, subject};
use super::title::title;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::Basis;
use crate::graphql::page::{PageArguments, binding};
use crate::graphql::rulebook::query::library;
use crate::ops::inbox::InboxRow;
use crate::ops::inbox::acknowledge::only_tells;
use crate::ops::rulebook::ground;
use crate::{connection, loader, permission, reads};

loader!(
    /// Line by id, as long as it waits for the reader.
    WaitingLineById => Arc<InboxRow>, |reading, ids| {
        let rows = reading.waiting_lines(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

permission! {
    /// What can be done with a line of the inbox.
    InboxItemAction, InboxItemPermission {
        /// Take it out, where it only tells something.
        Acknowledge => AcknowledgeInbox,
    }
}

/// One line of the inbox 待办: something that waits for the reader, or tells them something.
pub struct InboxItem(pub Arc<InboxRow>);

impl InboxItem {
    fn param(&self, name: &str) -> Option<&str> {
        self.0.params.get(name).and_then(serde_json::Value::as_str)
    }
}

/// One line of the inbox 待办: something that waits for the reader, or tells them something.
#[Object]
impl InboxItem {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Which kind it is.
    async fn kind(&self) -> Option<InboxKind> {
        self.0.kind.parse().ok()
    }
    /// In the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        let language = ctx.operation()?.language;
        let kind = self.0.kind.parse::<InboxKind>();
        Ok(kind.map_or_else(|_| self.0.kind.clone(), |kind| title(kind, &self.0.params, language)))
    }
    /// When it was raised.
    async fn raised_at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }
    /// The day by which it is due.
    async fn due_on(&self) -> Option<Date> {
        self.0.due_on.map(Date)
    }
    /// What it is about; null where the reader may not see that.
    async fn subject(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Subject>> {
        subject(ctx, &self.0.subject_id).await
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<InboxItemAction>,
    ) -> async_graphql::Result<Vec<InboxItemPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(member) = &reading.actor.member else {
            return Ok(Vec::new());
        };
        let target = Target::at(member.branch.clone()).about(member.member_id.clone());
        let tells = self.0.kind.parse().is_ok_and(only_tells);
        let waits = || Problem::wrong_state("itemIds", "WAITS_FOR_DECISION").with("kind", &self.0.kind);
        let against = |_| (!tells).then(waits);
        Ok(InboxItemPermission::each(
            operation, &reading, actions, &target, against,
        ))
    }
    /// The clause behind it; null where it rests on none.
    async fn basis(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Basis>> {
        let (Some(rulebook), Some(rule)) = (self.param("rulebook"), self.param("rule")) else {
            return Ok(None);
        };
        let language = ctx.operation()?.language;
        let library = library(ctx).await?;
        let found = library.entry_of(rulebook, rule, NaiveDate::MAX);
        Ok(found.map(|(book, entry)| ground(book, entry, language).into()))
    }
}

connection!(InboxConnection, InboxEdge, InboxItem);

/// A page of what waits for the reader.
pub async fn inbox(ctx: &Context<'_>, page: PageArguments) -> async_graphql::Result<InboxConnection> {
    let reading = ctx.operation()?.reading().await?;
    let binding = binding("inbox", &reading.actor.account_id);
    let read = reads!(=> |reading, request| reading.inbox(&request));
    let values = |row: &InboxRow| vec![row.raised_at.to_rfc3339(), row.id.clone()];
    InboxConnection::list(ctx, &binding, page, read, values, |row| InboxItem(Arc::new(row))).await
}
