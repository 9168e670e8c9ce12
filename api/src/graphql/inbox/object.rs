use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::vocabulary::InboxKind;

use super::subject::{Subject, subject};
use super::title::title;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::{Basis, to_error};
use crate::graphql::page::{Count, CountMode, PageArguments, PageInfo, binding, frame};
use crate::graphql::rulebook::query::library;
use crate::loader;
use crate::ops::inbox::InboxRow;
use crate::ops::rulebook::ground;

loader!(
    /// Line by id, as long as it waits for the reader.
    WaitingLineById => Arc<InboxRow>, |reading, ids| {
        let rows = reading.waiting_lines(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

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
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    async fn kind(&self) -> Option<InboxKind> {
        self.0.kind.parse().ok()
    }
    /// In the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        let language = ctx.operation()?.language;
        let kind = self.0.kind.parse::<InboxKind>();
        Ok(kind.map_or_else(|_| self.0.kind.clone(), |kind| title(kind, &self.0.params, language)))
    }
    async fn raised_at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }
    async fn due_on(&self) -> Option<Date> {
        self.0.due_on.map(Date)
    }
    /// What it is about; null where the reader may not see that.
    async fn subject(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Subject>> {
        subject(ctx, &self.0.subject_id).await
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

#[derive(SimpleObject)]
pub struct InboxEdge {
    pub cursor: String,
    pub node: InboxItem,
}

/// A page of the inbox.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct InboxConnection {
    pub edges: Vec<InboxEdge>,
    pub nodes: Vec<InboxItem>,
    pub page_info: PageInfo,
    /// The whole list, where this page is all of it.
    #[graphql(skip)]
    all: Option<u64>,
}

#[ComplexObject]
impl InboxConnection {
    /// How many there are, counted only when asked.
    async fn total_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "CountMode::Capped")] mode: CountMode,
    ) -> async_graphql::Result<Count> {
        if let Some(all) = self.all {
            return Ok(Count::of(all, mode));
        }
        let reading = ctx.operation()?.reading().await?;
        let counted = reading.count_inbox(Count::cap(mode)).await;
        Ok(Count::of(counted.map_err(|f| to_error(&f))?, mode))
    }
}

/// A page of what waits for the reader.
pub async fn inbox(ctx: &Context<'_>, page: PageArguments) -> async_graphql::Result<InboxConnection> {
    let operation = ctx.operation()?;
    let reading = operation.reading().await?;
    let binding = binding("inbox", &reading.actor.account_id);
    let request = page.request(&operation.app.keys, &binding)?;
    let page = reading.inbox(&request).await.map_err(|f| to_error(&f))?;
    let (page_info, cursors) = frame(&operation.app.keys, &binding, &page, |row| {
        vec![row.raised_at.to_rfc3339(), row.id.clone()]
    })?;
    let whole = !page.has_more && !page.has_start;
    let all = whole.then(|| u64::try_from(page.rows.len()).unwrap_or_default());
    let rows: Vec<Arc<InboxRow>> = page.rows.into_iter().map(Arc::new).collect();
    let edges = rows.iter().cloned().zip(cursors);
    Ok(InboxConnection {
        edges: edges
            .map(|(row, cursor)| InboxEdge {
                cursor,
                node: InboxItem(row),
            })
            .collect(),
        nodes: rows.into_iter().map(InboxItem).collect(),
        page_info,
        all,
    })
}
