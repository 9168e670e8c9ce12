use std::sync::Arc;

use async_graphql::{Context, ID, Json, Object, SimpleObject};
use chrono::NaiveDate;
use domain::rulebook as book;
use domain::vocabulary::{Language, Modality, Origin, RuleForm};

use crate::connection;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::page::{PageArguments, binding};
use crate::ops::organization::{Page, PageRequest};

/// A rulebook 规则 in the version in force.
pub struct Rulebook {
    pub book: book::Rulebook,
    pub on: NaiveDate,
}

impl From<(Arc<book::Rulebook>, NaiveDate)> for Rulebook {
    fn from((book, on): (Arc<book::Rulebook>, NaiveDate)) -> Self {
        Self {
            book: book::Rulebook::clone(&book),
            on,
        }
    }
}

/// One rule with its clause.
#[derive(SimpleObject, Clone)]
pub struct RulebookEntry {
    pub key: String,
    /// For example `G1.1a`.
    pub clause: String,
    /// Chinese heading of the clause.
    pub heading: String,
    pub form: RuleForm,
    pub modality: Modality,
    /// Where the rule comes from.
    pub origin: Origin,
    /// Of a rule of the guideline, the parameters whose values are the deployment's own.
    pub of_deployment: Vec<String>,
    pub label: String,
    pub advice: String,
    /// The numbers of the rule; their shape follows from `form`.
    pub parameters: Json<serde_json::Value>,
    pub effective_from: Date,
    /// First day on which this version no longer holds.
    pub effective_to: Option<Date>,
}

connection!(RulebookEntryConnection, RulebookEntryEdge, RulebookEntry);

fn entry_of(entry: &book::Entry, language: Language) -> RulebookEntry {
    RulebookEntry {
        key: entry.key.clone(),
        clause: entry.clause.clone(),
        heading: entry.heading.clone(),
        form: entry.form_kind(),
        modality: entry.modality,
        origin: entry.origin,
        of_deployment: entry.of_deployment.clone(),
        label: entry.label.text(language).to_owned(),
        advice: entry.advice.text(language).to_owned(),
        parameters: Json(entry.parameters()),
        effective_from: entry.effective_from.into(),
        effective_to: entry.effective_to.map(Date),
    }
}

/// A page of entries in the document's order; the cursor's value is the place in the document.
fn cut(entries: Vec<RulebookEntry>, request: &PageRequest) -> Page<(usize, RulebookEntry)> {
    let from = request
        .from
        .as_ref()
        .and_then(|values| values.first()?.parse::<usize>().ok());
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX).saturating_add(1);
    let numbered = entries.into_iter().enumerate();
    let rows = if request.backward {
        let before = numbered.filter(|(at, _)| from.is_none_or(|from| *at < from));
        let mut rows: Vec<_> = before.collect();
        rows.reverse();
        rows.truncate(limit);
        rows
    } else {
        numbered
            .filter(|(at, _)| from.is_none_or(|from| *at > from))
            .take(limit)
            .collect()
    };
    Page::cut(rows, request)
}

/// A rulebook 规则: which numbers are judged by, and by which clause.
#[Object]
impl Rulebook {
    /// The same through all versions of the document, wherever it is in force.
    pub async fn id(&self) -> ID {
        ID(book::id_of(&self.book.key))
    }
    async fn key(&self) -> &str {
        &self.book.key
    }
    /// Version of the document, from 1.
    async fn version(&self) -> u32 {
        self.book.version
    }
    async fn title(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.book.title.text(ctx.operation()?.language).to_owned())
    }
    async fn issuer(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.book.issuer.text(ctx.operation()?.language).to_owned())
    }
    async fn issued_on(&self) -> Date {
        Date(self.book.issued_on)
    }
    async fn effective_from(&self) -> Date {
        Date(self.book.effective_from)
    }
    /// The entries in force on the day asked for, in the document's order.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn entries(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<RulebookEntryConnection> {
        let operation = ctx.operation()?;
        let binding = binding("entries", &(&self.book.key, self.book.version, self.on));
        let request = PageArguments::new(first, after, last, before).request(&operation.app.keys, &binding)?;
        let entries = self
            .book
            .in_force(self.on)
            .map(|entry| entry_of(entry, operation.language))
            .collect();
        RulebookEntryConnection::of(
            &operation.app.keys,
            &binding,
            cut(entries, &request),
            |(at, _)| vec![at.to_string()],
            |(_, entry)| entry,
        )
    }
}
