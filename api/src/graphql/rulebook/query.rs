use std::sync::Arc;

use async_graphql::{Context, Object};
use chrono::NaiveDate;
use domain::rulebook::{Rulebook as Book, id_of};

use super::object::Rulebook;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::loaders;
use crate::loader;
use crate::ops::organization::Organization;
use crate::ops::rulebook::Library;

loader!(
    /// All rulebooks of the deployment; the key is always empty.
    Rulebooks => Arc<Library>, |reading, ids| {
        let library = Arc::new(reading.library().await?);
        Ok(ids.into_iter().map(|id| (id, library.clone())).collect())
    }
);

loader!(
    /// Rulebook by id, in its newest version, as in force today.
    RulebookById => (Arc<Book>, NaiveDate), |reading, ids| {
        let library = reading.library().await?;
        let found = ids.into_iter().filter_map(|id| {
            let book = library.all().find(|book| id_of(&book.key) == id)?;
            Some((id, (Arc::new(book.clone()), reading.today)))
        });
        Ok(found.collect())
    }
);

/// All rulebooks of the deployment, read once for all who ask at one time.
pub async fn library(ctx: &Context<'_>) -> async_graphql::Result<Arc<Library>> {
    let found = loaders::load(ctx.data()?, Rulebooks(String::new())).await?;
    Ok(found.unwrap_or_default())
}

/// The rulebook in force on a day for an org.
pub async fn of_organization(
    ctx: &Context<'_>,
    organization: &Organization,
    on: Option<NaiveDate>,
) -> async_graphql::Result<Option<Rulebook>> {
    let on = on.unwrap_or_else(|| {
        ctx.operation()
            .map_or(NaiveDate::MAX, |operation| operation.app.today())
    });
    let library = library(ctx).await?;
    Ok(library.books(organization).map(|books| Rulebook {
        book: books.on(on).clone(),
        on,
    }))
}

#[derive(Default)]
pub struct RulebookQuery;

#[Object]
impl RulebookQuery {
    /// A rulebook by key, the default one without a key, as in force on a day (today). Open to everybody.
    async fn rulebook(
        &self,
        ctx: &Context<'_>,
        key: Option<String>,
        on: Option<Date>,
    ) -> async_graphql::Result<Option<Rulebook>> {
        let on = on.map_or(ctx.operation()?.app.today(), NaiveDate::from);
        let library = library(ctx).await?;
        let key = key.or_else(|| library.default_book().map(|book| book.key.clone()));
        let book = key.and_then(|key| library.book_on(&key, on));
        Ok(book.map(|book| Rulebook { book: book.clone(), on }))
    }

    /// All rulebooks of the deployment, each in its newest version. Open to everybody.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn rulebooks(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Rulebook>> {
        let on = ctx.operation()?.app.today();
        let library = library(ctx).await?;
        Ok(library.all().map(|book| Rulebook { book: book.clone(), on }).collect())
    }
}
