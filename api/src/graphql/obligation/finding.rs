use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::responsibility::Responsible as Answer;
use domain::vocabulary::ShortcomingKind;

use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::{Basis, to_error};
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::member::object::Member;
use crate::graphql::organization::object::Organization;
use crate::graphql::page::{PageArguments, binding};
use crate::graphql::rulebook::query::library;
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::obligation::reading::Bundle;
use crate::ops::obligation::shortcoming::OrganizationFinding as Row;
use crate::ops::rulebook::ground;
use crate::{connection, loader, reads};

loader!(
    /// Who answers for the org with a path.
    ResponsibleFor => Answer, |reading, paths| reading.responsible(&paths).await
);

loader!(
    /// When an org last had organizational life on its agenda.
    LastOnAgenda => chrono::NaiveDate, |reading, ids| Ok(reading.last_on_agenda(&ids).await?.into_iter().collect())
);

/// Who answers for an org (一岗双责, G3.1a).
#[derive(SimpleObject, Default)]
pub struct Responsible {
    /// The first responsible person 第一责任人: the secretary; in a vacancy the acting holder, the deputy, the superior's.
    pub first: Option<Member>,
    /// Where that person was found: the org itself, or in a vacancy the nearest level above with somebody.
    pub first_at: Option<Organization>,
    /// The directly responsible person 直接责任人: the officer whose portfolio covers the org.
    pub direct: Option<Member>,
}

/// Who answers for the org with this path.
pub async fn responsible_for(ctx: &Context<'_>, path: &str) -> async_graphql::Result<Responsible> {
    let found = loaders::load(ctx.data()?, ResponsibleFor(path.to_owned()))
        .await?
        .unwrap_or_default();
    let at = match found.first_at {
        Some(id) => loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization),
        None => None,
    };
    Ok(Responsible {
        first: named(ctx, found.first).await?,
        first_at: at,
        direct: named(ctx, found.direct).await?,
    })
}

async fn named(ctx: &Context<'_>, id: Option<String>) -> async_graphql::Result<Option<Member>> {
    match id {
        Some(id) => Member::named(ctx, &id).await,
        None => Ok(None),
    }
}

/// When an org last had organizational life on its agenda.
pub async fn last_on_agenda(ctx: &Context<'_>, id: &str) -> async_graphql::Result<Option<Date>> {
    Ok(loaders::load(ctx.data()?, LastOnAgenda(id.to_owned())).await?.map(Date))
}

#[derive(Clone)]
pub struct OrganizationFinding(pub Arc<Row>);

connection!(
    OrganizationFindingConnection,
    OrganizationFindingEdge,
    OrganizationFinding
);

/// Something amiss with an org that is no obligation: derived from facts whenever it is read.
#[Object]
impl OrganizationFinding {
    /// Which kind it is.
    async fn kind(&self) -> ShortcomingKind {
        self.0.found.kind
    }
    /// The org it is about.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.organization_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// The org that has to act: itself, or the level above.
    async fn addressee(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.addressee_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// How many members it is about; 0 where it is about the org.
    async fn count(&self) -> u32 {
        self.0.found.count
    }
    /// Since when, where a day is known.
    async fn since(&self) -> Option<Date> {
        self.0.found.since.map(Date)
    }
    /// In the reader's language.
    async fn text(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.0.found.text(ctx.operation()?.language))
    }
    /// The clause behind it, from the rulebook in force.
    async fn basis(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Basis>> {
        let operation = ctx.operation()?;
        let library = library(ctx).await?;
        let Some(books) = library.books(self.0.seat()) else {
            return Ok(None);
        };
        let book = books.on(operation.app.today());
        Ok(self
            .0
            .found
            .entry(book)
            .map(|entry| ground(book, entry, operation.language).into()))
    }
}

/// Open alerts that came up to a level because one org directly below it did not act.
pub struct AlertBundle(Bundle);

/// Open alerts that came up to a level because one org directly below it did not act.
#[Object]
impl AlertBundle {
    /// The org directly below that did not act.
    async fn child(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.child_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// How many are open.
    async fn unresolved(&self) -> i64 {
        self.0.unresolved
    }
    /// Those that this level has not acknowledged.
    async fn unacknowledged(&self) -> i64 {
        self.0.unacknowledged
    }
    /// The earliest day on which one of them was due.
    async fn oldest_due_on(&self) -> Date {
        Date(self.0.oldest_due_on)
    }
}

#[derive(Default)]
pub struct FindingQuery;

#[Object]
impl FindingQuery {
    /// What is amiss with orgs in a part of the tree without being an obligation, along the tree; readers of the
    /// obligations see it.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filter"
    )]
    async fn findings(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        kinds: Option<Vec<ShortcomingKind>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<OrganizationFindingConnection> {
        let within = within.read(ctx).await?;
        let binding = binding("findings", &(&within, &kinds));
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(within, kinds => |reading, request| {
            reading.shortcomings_within(&within, kinds.as_deref(), &request)
        });
        let node = |row| OrganizationFinding(Arc::new(row));
        OrganizationFindingConnection::list(ctx, &binding, page, read, Row::key, node).await
    }

    /// What came up to an org, bundled by the org directly below that did not act (G3.1a), the most first.
    #[graphql(complexity = "50 * child_complexity + 1")]
    async fn alert_bundles(&self, ctx: &Context<'_>, organization_id: ID) -> async_graphql::Result<Vec<AlertBundle>> {
        let reading = ctx.operation()?.reading().await?;
        let bundles = reading.alert_bundles(&organization_id.0).await;
        Ok(bundles
            .map_err(|f| to_error(&f))?
            .into_iter()
            .map(AlertBundle)
            .collect())
    }
}
