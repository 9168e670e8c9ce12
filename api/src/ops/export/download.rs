//! Fetching a part: the account that asked for the export, with the rights that it has at that moment.

use std::sync::Arc;

use domain::vocabulary::{ExportFormat, ExportState};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use serde_json::{Value, json};

use super::super::chunk::{CHUNK, open};
use super::super::outcome::{Failure, Outcome};
use super::super::reading::{Reading, TokenHolder};
pub use super::file::{file_name, media_type};
use super::pieces::{CONTENT, chunk_id};
use super::{ExportJob, ExportPart, state_of};
use crate::app::App;

/// A part that may be fetched.
pub struct Fetch {
    app: Arc<App>,
    part: ExportPart,
    format: ExportFormat,
}

impl Fetch {
    #[must_use]
    pub fn bytes(&self) -> u64 {
        u64::try_from(self.part.bytes).unwrap_or_default()
    }

    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.part.sha256
    }

    #[must_use]
    pub fn media_type(&self) -> &'static str {
        media_type(self.format)
    }

    #[must_use]
    pub fn file_name(&self) -> String {
        file_name(self.part.number, &self.part.kind, self.format)
    }

    /// The bytes from one place up to another, chunk by chunk. It breaks off where the job's time is over meanwhile.
    #[must_use]
    pub fn stream(self, from: u64, until: u64) -> BoxStream<'static, Outcome<Vec<u8>>> {
        let size = u64::try_from(CHUNK).unwrap_or(u64::MAX);
        let state = (self, from);
        let pieces = stream::try_unfold(state, move |(fetch, at)| async move {
            if at >= until {
                return Ok(None);
            }
            let chunk = at / size;
            let begin = chunk * size;
            let plain = fetch.chunk(i64::try_from(chunk).unwrap_or(i64::MAX)).await?;
            let place = |at: u64| usize::try_from(at - begin).unwrap_or(usize::MAX).min(plain.len());
            let piece = plain.get(place(at)..place(until.min(begin + size))).unwrap_or_default();
            if piece.is_empty() {
                return Err(Failure::from(anyhow::anyhow!("a part is shorter than it says")));
            }
            let next = at + u64::try_from(piece.len()).unwrap_or_default();
            Ok(Some((piece.to_vec(), (fetch, next))))
        });
        pieces.boxed()
    }

    async fn chunk(&self, number: i64) -> Outcome<Vec<u8>> {
        let of = (self.part.job_id.as_str(), self.part.number, number);
        let found = self.app.database.export_chunk(of, self.app.clock.now()).await?;
        let sealed = found.ok_or_else(|| anyhow::anyhow!("a chunk of an export is gone"))?;
        open(&self.app.keys, (CONTENT, &chunk_id(of.0, of.1, of.2)), &sealed)
    }
}

/// The job, where it is ready and the account may still have all of it.
async fn ready(reading: &Reading, id: &str) -> Outcome<Option<ExportJob>> {
    let Some(job) = reading.export_jobs(&[id.to_owned()]).await?.pop() else {
        return Ok(None);
    };
    let ready = state_of(&job, reading.app.clock.now()) == ExportState::Completed;
    let may = ready && reading.still_may_have(&job).await?.is_some();
    Ok(may.then_some(job))
}

/// A part of a job, for the account whose job it is; `None` for anybody else, for one that lost a right that the export
/// rests on, and when the job's time is over.
///
/// # Errors
/// The database is away.
#[tracing::instrument(name = "ops.export.fetch", skip_all)]
pub async fn fetch(app: &Arc<App>, holder: &TokenHolder, job: &str, part: i64) -> Outcome<Option<Fetch>> {
    let reading = Reading::open(app.clone(), Some(holder)).await?;
    let Some(job) = ready(&reading, job).await? else {
        return Ok(None);
    };
    let parts = reading.export_parts(std::slice::from_ref(&job.id)).await?;
    let part = parts.into_iter().find(|one| one.number == part);
    Ok(part.map(|part| Fetch {
        app: app.clone(),
        part,
        format: job.format.parse().unwrap_or(ExportFormat::Jsonl),
    }))
}

/// Where a part is fetched, below the address of the API.
#[must_use]
pub fn address(job: &str, part: i64) -> String {
    format!("/exports/{job}/{part}")
}

/// Where the list of all parts is fetched.
#[must_use]
pub fn manifest_address(job: &str) -> String {
    format!("/exports/{job}/manifest")
}

/// All parts of a job with the place in the log from which `changes` goes on; `None` as for a part.
///
/// # Errors
/// The database is away; no randomness.
#[tracing::instrument(name = "ops.export.manifest", skip_all)]
pub async fn manifest(app: &Arc<App>, holder: &TokenHolder, job: &str) -> Outcome<Option<Value>> {
    let reading = Reading::open(app.clone(), Some(holder)).await?;
    let Some(job) = ready(&reading, job).await? else {
        return Ok(None);
    };
    let format = job.format.parse().unwrap_or(ExportFormat::Jsonl);
    let parts = reading.export_parts(std::slice::from_ref(&job.id)).await?;
    let part = |part: &ExportPart| {
        json!({
            "number": part.number,
            "kind": part.kind,
            "name": file_name(part.number, &part.kind, format),
            "url": address(&job.id, part.number),
            "sha256": part.sha256,
            "rows": part.rows,
            "bytes": part.bytes,
        })
    };
    Ok(Some(json!({
        "id": job.id,
        "kinds": job.kinds,
        "format": job.format,
        "organizationId": job.organization_id,
        "extent": job.extent,
        "asOf": job.as_of,
        "snapshotCursor": reading.export_cursor(&job).await?,
        "rows": job.done,
        "expiresAt": job.expires_at,
        "parts": parts.iter().map(part).collect::<Vec<_>>(),
    })))
}
