use std::sync::Arc;

use async_graphql::{Context, ID, Json, Object, SimpleObject};
use chrono::NaiveDate;
use domain::policy::{Place, Target};
use domain::rulebook as book;
use domain::vocabulary::{Language, Modality, Origin, RuleForm};
use futures_util::FutureExt as _;

use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::page::{PageArguments, binding};
use crate::ops::organization::{Page, PageRequest, place_of};
use crate::ops::outcome::Failure;
use crate::{connection, loader, permission};

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
    /// Stable key.
    pub key: String,
    /// For example `G1.1a`.
    pub clause: String,
    /// Chinese heading of the clause.
    pub heading: String,
    /// Which of the nine forms.
    pub form: RuleForm,
    /// How strictly it is owed.
    pub modality: Modality,
    /// Where the rule comes from: the guideline, or the deployment.
    pub origin: Origin,
    /// Of a rule of the guideline, the parameters whose values are the deployment's own.
    pub of_deployment: Vec<String>,
    /// In the reader's language.
    pub label: String,
    /// What to do about it, in the reader's language.
    pub advice: String,
    /// The numbers of the rule; their shape follows from `form`.
    pub parameters: Json<serde_json::Value>,
    /// First day on which it holds.
    pub effective_from: Date,
    /// First day on which this version no longer holds.
    pub effective_to: Option<Date>,
}

permission! {
    /// What can be done with a rulebook.
    RulebookAction, RulebookPermission {
        /// Load a further version of it.
        LoadVersion => LoadRulebook,
        /// Put an org and everything below it under it.
        Assign => AssignRulebook,
    }
}

loader!(
    /// Where the tree begins; the key is always empty.
    Top => Arc<Place>, |reading, ids| {
        let top = reading.top().await?.map(Arc::new);
        Ok(ids.into_iter().filter_map(|id| Some((id, top.clone()?))).collect())
    }
);

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
    let all = entries.into_iter().enumerate().collect();
    Page::of_whole(all, request, |(at, _): &(usize, RulebookEntry), from| {
        let from = from.first().and_then(|at| at.parse::<usize>().ok());
        from.is_none_or(|from| if request.backward { *at < from } else { *at > from })
    })
}

/// A rulebook 规则: which numbers are judged by, and by which clause.
#[Object]
impl Rulebook {
    /// The same through all versions of the document, wherever it is in force.
    pub async fn id(&self) -> ID {
        ID(book::id_of(&self.book.key))
    }
    /// Stable key.
    async fn key(&self) -> &str {
        &self.book.key
    }
    /// Version of the document, from 1.
    async fn version(&self) -> u32 {
        self.book.version
    }
    /// What it is called.
    async fn title(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.book.title.text(ctx.operation()?.language).to_owned())
    }
    /// Who issued it, in the reader's language.
    async fn issuer(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.book.issuer.text(ctx.operation()?.language).to_owned())
    }
    /// The day of issue.
    async fn issued_on(&self) -> Date {
        Date(self.book.issued_on)
    }
    /// First day on which it holds.
    async fn effective_from(&self) -> Date {
        Date(self.book.effective_from)
    }
    /// What the reader may do with it now, with what stands against it. `organizationId`: the org that it would be assigned to,
    /// the top of the tree where it is left out; an org that the reader may not see gets no answer.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<RulebookAction>,
        organization_id: Option<ID>,
    ) -> async_graphql::Result<Vec<RulebookPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let place = match organization_id {
            Some(id) => match loaders::load(ctx.data()?, OrganizationById(id.0)).await? {
                Some(row) => Some(Arc::new(
                    place_of(&row).map_err(|error| to_error(&Failure::from(error)))?,
                )),
                None => None,
            },
            None => loaders::load(ctx.data()?, Top(String::new())).await?,
        };
        let Some(place) = place else {
            return Ok(Vec::new());
        };
        let target = Target::at((*place).clone());
        Ok(RulebookPermission::each(operation, &reading, actions, &target, |_| {
            None
        }))
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
        let page = PageArguments::new(first, after, last, before);
        let entries: Vec<RulebookEntry> = self
            .book
            .in_force(self.on)
            .map(|entry| entry_of(entry, operation.language))
            .collect();
        let read = move |_, request: PageRequest| {
            let page = cut(entries.clone(), &request);
            async move { Ok(page) }.boxed()
        };
        let values = |(at, _): &(usize, RulebookEntry)| vec![at.to_string()];
        RulebookEntryConnection::list(ctx, &binding, page, read, values, |(_, entry)| entry).await
    }
}
