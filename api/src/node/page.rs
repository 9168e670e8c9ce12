//! The yearly register as a page, beside GraphQL.

use std::sync::Arc;

use domain::vocabulary::Language;

use crate::app::App;
use crate::http::{PageAnswer, PageAsk};
use crate::ops::outcome::Outcome;
use crate::ops::reading::{Reading, verify};
use crate::ops::register;
use crate::pages;

/// The yearly register as a page; who may not see it is told what is told of one that does not exist.
pub async fn page(app: Arc<App>, ask: PageAsk) -> PageAnswer {
    match find_page(app, ask).await {
        Ok(Some((html, policy))) => PageAnswer::Found { html, policy },
        Ok(None) => PageAnswer::Absent,
        Err(failure) => {
            tracing::warn!(?failure, "a page cannot be shown");
            PageAnswer::Unavailable
        }
    }
}

async fn find_page(app: Arc<App>, ask: PageAsk) -> Outcome<Option<(String, String)>> {
    let holder = match (&ask.bearer, &ask.link) {
        (Some(bearer), _) => verify(&app, bearer).await,
        (None, Some(link)) => register::enter(&app, link, &ask.organization_id, ask.year).await?,
        (None, None) => None,
    };
    let Some(holder) = holder else { return Ok(None) };
    let reading = Reading::open(app, Some(&holder)).await?;
    let Some(found) = reading.whole_register(&ask.organization_id, ask.year).await? else {
        return Ok(None);
    };
    let language = ask.language.or_else(|| reading.language()).unwrap_or(Language::ZhCn);
    Ok(Some((
        pages::register::page(&found, language),
        pages::register::policy(),
    )))
}
