//! Files between the edge and the use cases: parts of exports, files to be imported, templates and reports.

use std::sync::Arc;

use domain::vocabulary::{ImportFormat, ImportKind, Language};
use futures_util::StreamExt as _;
use futures_util::stream;

use crate::app::App;
use crate::http::{
    Arrived, ExportAnswer, ExportAsk, ExportFile, FileAnswer, FileAsk, ImportAnswer, ImportAsk, ImportFile,
};
use crate::intake::template;
use crate::ops::export::download::{self, fetch, media_type};
use crate::ops::import::download::{report, written};
use crate::ops::import::upload::{Upload, receive};
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::reading::{Reading, verify};

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
    tracing::warn!(?failure, "a file breaks off");
    std::io::Error::other("the file breaks off")
}

/// Takes a file in that is to be imported.
pub async fn upload(app: Arc<App>, ask: FileAsk) -> FileAnswer {
    let Some(holder) = verify(&app, &ask.bearer).await else {
        return FileAnswer::Forbidden;
    };
    match receive(&app, &holder, ask.body, ask.sha256).await {
        Ok(Upload::Here(file)) => FileAnswer::Here(Arrived {
            id: file.id,
            bytes: file.bytes,
            sha256: file.sha256,
            expires_at: file.expires_at.to_rfc3339(),
        }),
        Ok(Upload::Forbidden) => FileAnswer::Forbidden,
        Ok(Upload::TooMany(most)) => FileAnswer::TooMany(most),
        Ok(Upload::Broken) => FileAnswer::Broken,
        Ok(Upload::Damaged) => FileAnswer::Damaged,
        Err(Failure::StorageFull(error)) => {
            tracing::error!(%error, "the database's disk is full");
            FileAnswer::StorageFull
        }
        Err(failure) => {
            tracing::warn!(?failure, "a file cannot be taken in");
            FileAnswer::Unavailable
        }
    }
}

/// A template, or the report of an import; who may not fetch it is told what is told of one that does not exist.
pub async fn import(app: Arc<App>, ask: ImportAsk) -> ImportAnswer {
    let format = match ask.format.as_str() {
        "csv" => ImportFormat::Csv,
        "xlsx" => ImportFormat::Xlsx,
        _ => return Ok(None),
    };
    let found = match &ask.job {
        Some(job) if ask.name == "report" => fetch_report(&app, &ask, job, format).await,
        Some(_) => Ok(None),
        None => blank(app, &ask, format).await,
    };
    found.map_err(|failure| tracing::warn!(?failure, "a file around imports cannot be given"))
}

async fn fetch_report(app: &Arc<App>, ask: &ImportAsk, job: &str, format: ImportFormat) -> Outcome<Option<ImportFile>> {
    let Some(holder) = verify(app, &ask.bearer).await else {
        return Ok(None);
    };
    let found = report(app, &holder, (job, format), ask.language).await?;
    Ok(found.map(|report| ImportFile {
        media_type: report.media_type(),
        name: report.file_name(),
        pieces: report.stream().map(|piece| piece.map_err(broken_off)).boxed(),
    }))
}

/// The template of a kind of rows: a header and an example, for every account.
async fn blank(app: Arc<App>, ask: &ImportAsk, format: ImportFormat) -> Outcome<Option<ImportFile>> {
    let Ok(kind) = ask.name.to_uppercase().parse::<ImportKind>() else {
        return Ok(None);
    };
    let language = match ask.language {
        Some(language) => language,
        None => {
            let holder = verify(&app, &ask.bearer).await;
            let reading = Reading::open(app, holder.as_ref()).await?;
            reading.language().unwrap_or(Language::ZhCn)
        }
    };
    let bytes = template(kind, format, language)?;
    Ok(Some(ImportFile {
        media_type: media_type(written(format)),
        name: format!("{}.{}", ask.name, ask.format),
        pieces: stream::once(async move { Ok(bytes) }).boxed(),
    }))
}
