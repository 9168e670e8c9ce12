use std::sync::Arc;

use async_graphql::{Context, Object};
use chrono::NaiveDate;

use super::object::Rulebook;
use crate::graphql::context::ContextExt as _;
use crate::graphql::loaders;
use crate::loader;
use crate::ops::rulebook::Library;

loader!(
    /// All rulebooks of the deployment; the key is always empty.
    Rulebooks => Arc<Library>, |reading, ids| {
        let library = Arc::new(reading.library().await?);
        Ok(ids.into_iter().map(|id| (id, library.clone())).collect())
    }
);

/// All rulebooks of the deployment, read once for all who ask at one time.
pub async fn library(ctx: &Context<'_>) -> async_graphql::Result<Arc<Library>> {
    let found = loaders::load(ctx.data()?, Rulebooks(String::new())).await?;
    Ok(found.unwrap_or_default())
}

/// The rulebook in force on a day for the org with this path.
pub async fn of_organization(
    ctx: &Context<'_>,
    path: &str,
    on: Option<NaiveDate>,
) -> async_graphql::Result<Option<Rulebook>> {
    let on = on.unwrap_or_else(|| {
        ctx.operation()
            .map_or(NaiveDate::MAX, |operation| operation.app.today())
    });
    let library = library(ctx).await?;
    Ok(library.books(path).map(|books| Rulebook {
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
        on: Option<NaiveDate>,
    ) -> async_graphql::Result<Option<Rulebook>> {
        let on = on.unwrap_or(ctx.operation()?.app.today());
        let library = library(ctx).await?;
        let book = match &key {
            Some(key) => library.book(key),
            None => library.default_book(),
        };
        Ok(book.map(|book| Rulebook { book: book.clone(), on }))
    }
}
