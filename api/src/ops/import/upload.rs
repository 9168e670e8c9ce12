//! Taking a file in: piece by piece into sealed chunks, so that its memory is one chunk, however long it is.

use std::fmt::Display;
use std::sync::Arc;

use anyhow::Context as _;
use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, TimeDelta, Utc};
use domain::policy::{Action, Actor, Permit, Target, permit};
use futures_util::{Stream, StreamExt as _};

use super::super::chunk::{CHUNK, close, hexadecimal};
use super::super::outcome::{Failure, Outcome};
use super::super::reading::TokenHolder;
use crate::app::App;
use crate::store::import_file::{ImportChunk, ImportFile};

/// What chunks are bound to, with their ids.
pub(super) const CONTENT: &str = "import_chunk.content";
/// Files of an account that come in at once.
const COMING: u64 = 2;
/// Files of an account that are kept.
const HERE: u64 = 20;
/// A file of which nothing came for so long has broken off.
pub(super) const SILENCE: TimeDelta = TimeDelta::minutes(2);
/// How long a file waits to be imported; it is kept beyond that while an import needs it.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// A file that is all here.
#[derive(Debug, Clone)]
pub struct Received {
    pub id: String,
    pub bytes: i64,
    /// In hexadecimal.
    pub sha256: String,
    pub expires_at: DateTime<Utc>,
}

/// What came of an upload.
pub enum Upload {
    Here(Received),
    /// No account, or none that may run imports.
    Forbidden,
    /// So many of the account come in, or are kept, already.
    TooMany(u64),
    /// The body broke off, or was cut off.
    Broken,
    /// It is another file than the one whose SHA-256 was told.
    Damaged,
}

/// The id of a chunk.
pub(super) fn chunk_id(file: &str, number: i64) -> String {
    format!("{file}:{number}")
}

/// The right to send files is that to run imports at the account's own org.
fn may_send(actor: &Actor) -> Option<Permit> {
    let service = actor.service.as_ref()?;
    permit(actor, Action::RunImport, &Target::at(service.org.clone())).ok()
}

/// Takes a file in. What breaks off leaves nothing.
///
/// # Errors
/// The database is away; no randomness.
#[tracing::instrument(name = "ops.import.receive", skip_all)]
pub async fn receive<E: Display>(
    app: &Arc<App>,
    holder: &TokenHolder,
    body: impl Stream<Item = Result<Vec<u8>, E>> + Send,
    expected: Option<String>,
) -> Outcome<Upload> {
    let begun = match begin(app, holder).await? {
        Ok(id) => id,
        Err(refused) => return Ok(refused),
    };
    let ended = take_in(app, &begun, body, expected).await;
    if !matches!(ended, Ok(Upload::Here(_))) {
        discard(app, &begun).await;
    }
    ended
}

async fn begin(app: &Arc<App>, holder: &TokenHolder) -> Outcome<Result<String, Upload>> {
    let (now, today) = (app.clock.now(), app.today());
    let write = app.database.write().await?;
    let bearer = write.bearer(&holder.account_id, today).await?;
    let bearer = bearer.filter(|bearer| !bearer.disabled && bearer.auth_epoch == holder.auth_epoch);
    let Some(permit) = bearer.as_ref().and_then(|bearer| may_send(&bearer.actor)) else {
        return Ok(Err(Upload::Forbidden));
    };
    let kept = write
        .count_import_files(&holder.account_id, (now, now - SILENCE))
        .await?;
    for (number, most) in [(kept.coming, COMING), (kept.here, HERE)] {
        if number >= most {
            return Ok(Err(Upload::TooMany(most)));
        }
    }
    let row = ImportFile {
        id: format!("ifl_{}", app.ids.plain()),
        account_id: holder.account_id.clone(),
        complete: false,
        bytes: 0,
        sha256: String::new(),
        created_at: now,
        heard_at: now,
        expires_at: now + KEPT,
    };
    let id = row.id.clone();
    write.insert_import_file(&permit, row).await?;
    write.keep().await?;
    Ok(Ok(id))
}

async fn take_in<E: Display>(
    app: &Arc<App>,
    id: &str,
    body: impl Stream<Item = Result<Vec<u8>, E>> + Send,
    expected: Option<String>,
) -> Outcome<Upload> {
    let (mut digest, mut waiting) = (Context::new(&SHA256), Vec::with_capacity(CHUNK));
    let (mut bytes, mut chunks) = (0i64, 0i64);
    tokio::pin!(body);
    while let Some(piece) = body.next().await {
        let Ok(piece) = piece else { return Ok(Upload::Broken) };
        digest.update(&piece);
        bytes += i64::try_from(piece.len()).unwrap_or_default();
        let mut rest = piece.as_slice();
        while !rest.is_empty() {
            let (some, more) = rest.split_at(rest.len().min(CHUNK - waiting.len()));
            waiting.extend_from_slice(some);
            rest = more;
            if waiting.len() == CHUNK {
                let whole = std::mem::replace(&mut waiting, Vec::with_capacity(CHUNK));
                if !keep(app, (id, chunks), whole, bytes).await? {
                    return Ok(Upload::Broken);
                }
                chunks += 1;
            }
        }
    }
    if !waiting.is_empty() && !keep(app, (id, chunks), waiting, bytes).await? {
        return Ok(Upload::Broken);
    }
    let sha256 = hexadecimal(digest.finish().as_ref());
    if expected.is_some_and(|expected| !expected.eq_ignore_ascii_case(&sha256)) {
        return Ok(Upload::Damaged);
    }
    let expires_at = app.clock.now() + KEPT;
    let write = app.database.write().await?;
    if !write.complete_import_file(id, &sha256, expires_at).await? {
        return Ok(Upload::Broken);
    }
    write.keep().await?;
    Ok(Upload::Here(Received {
        id: id.to_owned(),
        bytes,
        sha256,
        expires_at,
    }))
}

async fn keep(app: &Arc<App>, (file, number): (&str, i64), plain: Vec<u8>, bytes: i64) -> Outcome<bool> {
    let (keys, id) = (app.keys.clone(), chunk_id(file, number));
    let name = id.clone();
    let sealed = tokio::task::spawn_blocking(move || close(&keys, (CONTENT, &name), &plain)).await;
    let chunk = ImportChunk {
        id,
        file_id: file.to_owned(),
        number,
        sealed: sealed.context("sealing a chunk ended early").map_err(Failure::from)??,
    };
    let write = app.database.write().await?;
    let kept = write.add_import_chunk(chunk, bytes, app.clock.now()).await?;
    write.keep().await?;
    Ok(kept)
}

/// Takes away what broke off; where that fails too, the sweep does it.
async fn discard(app: &Arc<App>, id: &str) {
    let gone = async {
        let write = app.database.write().await?;
        write.drop_import_file(id).await?;
        write.keep().await
    };
    if let Err(error) = gone.await {
        tracing::warn!(%error, "an upload that broke off cannot be taken away; the sweep will");
    }
}
