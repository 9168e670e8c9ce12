//! What is fetched beside GraphQL: the yearly register as a page, parts of exports.

use std::sync::Arc;

use domain::vocabulary::Language;
use futures_util::StreamExt as _;

use crate::app::App;
use crate::http::{ExportAnswer, ExportAsk, ExportFile, PageAnswer, PageAsk};
use crate::ops::export::download::{self, fetch};
use crate::ops::outcome::{Failure, Outcome};
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

/// A part of an export; who may not fetch it is told what is told of one that does not exist.
pub async fn export(app: Arc<App>, ask: ExportAsk) -> ExportAnswer {
    let Some(holder) = verify(&app, &ask.bearer).await else {
        return ExportAnswer::Absent;
    };
    let found = match ask.part {
        Some(part) => fetch(&app, &holder, &ask.job, part).await,
        None => match download::manifest(&app, &holder, &ask.job).await {
            Ok(Some(list)) => return ExportAnswer::Manifest(list),
            Ok(None) => Ok(None),
            Err(failure) => Err(failure),
        },
    };
    match found {
        Ok(Some(found)) => ExportAnswer::Found(ExportFile {
            bytes: found.bytes(),
            sha256: found.sha256().to_owned(),
            media_type: found.media_type(),
            name: found.file_name(),
            read: Box::new(move |from, until| {
                let pieces = found.stream(from, until);
                pieces.map(|piece| piece.map_err(broken_off)).boxed()
            }),
        }),
        Ok(None) => ExportAnswer::Absent,
        Err(failure) => {
            tracing::warn!(?failure, "a part of an export cannot be given");
            ExportAnswer::Unavailable
        }
    }
}

/// The client sees an answer that is not complete; why stands in the log.
fn broken_off(failure: Failure) -> std::io::Error {
    tracing::warn!(?failure, "a part of an export breaks off");
    std::io::Error::other("the part breaks off")
}
