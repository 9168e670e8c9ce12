//! The parts of an export as they come into being: cut by rows and bytes, each with its SHA-256, kept in sealed chunks.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Context as _;
use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, TimeDelta, Utc};
use domain::export::columns;
use domain::policy::Action;
use domain::vocabulary::{EntityKind, ExportFailure, ExportFormat, ExportKind, SealedField};

use super::super::chunk::{CHUNK, close, hexadecimal};
use super::super::outcome::{Failure, Outcome};
use super::super::people::reveal::field_name;
use super::file::File;
use super::rows::{Line, Person};
use super::{ExportJob, ExportPart, fields_of};
use crate::app::App;
use crate::store::errand::Hold;
use crate::store::export_file::ExportChunk;
use crate::store::transaction::{Ledger, Trail};

/// A part ends after so many bytes, whatever its rows.
const PART_BYTES: i64 = 32 * 1024 * 1024;
/// Rows of a workbook: as many as are put together in memory.
const WORKBOOK_ROWS: i64 = 20_000;
/// How long a worker keeps a job without a sign of life.
pub const LEASE: TimeDelta = TimeDelta::seconds(10);
/// How often it is told how many rows are done.
const TOLD_EVERY: TimeDelta = TimeDelta::seconds(3);

/// Why a worker lets go of a job.
pub enum Stop {
    /// It was cancelled, or another node has it.
    Lost,
    /// The node goes down.
    Leaving,
    /// Nothing can come of it.
    Failed(ExportFailure),
    /// Something broke; another try may do better.
    Broken(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// The id of a chunk.
#[must_use]
pub fn chunk_id(job: &str, part: i64, number: i64) -> String {
    format!("{job}:{part}:{number}")
}

/// What chunks of exports are bound to, with their ids.
pub const CONTENT: &str = "export_chunk.content";

/// A part that is being written.
struct Part {
    kind: ExportKind,
    file: File,
    rows: i64,
    body: Body,
}

/// The bytes of a part.
struct Body {
    digest: Context,
    /// Not kept yet.
    waiting: Vec<u8>,
    bytes: i64,
    chunks: i64,
}

/// Writes the parts of a job, as long as it is the worker's.
pub struct Parts<'a> {
    app: &'a Arc<App>,
    job: &'a ExportJob,
    holder: &'a str,
    format: ExportFormat,
    fields: Vec<SealedField>,
    open: Option<Part>,
    number: i64,
    /// Rows that are in parts.
    pub done: i64,
    /// Members whose sealed fields are in them, and whom the trail does not know of yet.
    seen: Vec<Person>,
    /// When it was told last how many rows are done.
    told: DateTime<Utc>,
}

impl<'a> Parts<'a> {
    pub fn of(app: &'a Arc<App>, job: &'a ExportJob, holder: &'a str) -> Self {
        Self {
            app,
            job,
            holder,
            format: job.format.parse().unwrap_or(ExportFormat::Jsonl),
            fields: fields_of(job),
            open: None,
            number: 0,
            done: 0,
            seen: Vec::new(),
            told: app.clock.now(),
        }
    }

    /// The worker's hold on the job as of now.
    pub fn hold(&self) -> Hold<'a> {
        let now = self.app.clock.now();
        Hold {
            job: &self.job.id,
            holder: self.holder,
            now,
            until: now + LEASE,
        }
    }

    /// Writes rows of a kind.
    ///
    /// # Errors
    /// Why the worker lets go.
    pub async fn write(&mut self, kind: ExportKind, lines: Vec<Line>) -> Result<(), Stop> {
        for line in lines {
            let mut part = match self.open.take() {
                Some(part) if part.kind == kind => part,
                other => {
                    self.end(other).await?;
                    self.begin(kind)?
                }
            };
            let bytes = part.file.row(&line.values)?;
            part.rows += 1;
            self.done += 1;
            self.seen.extend(line.person);
            self.add(&mut part.body, bytes.as_bytes()).await?;
            if part.rows >= self.most_rows() || part.body.bytes >= PART_BYTES {
                self.end(Some(part)).await?;
            } else {
                self.open = Some(part);
            }
        }
        if !self.seen.is_empty() || self.app.clock.now() - self.told >= TOLD_EVERY {
            self.keep(None, None).await?;
        }
        Ok(())
    }

    /// Ends the last part.
    ///
    /// # Errors
    /// Why the worker lets go.
    pub async fn finish(&mut self) -> Result<(), Stop> {
        let last = self.open.take();
        self.end(last).await
    }

    fn most_rows(&self) -> i64 {
        match self.format {
            ExportFormat::Xlsx => WORKBOOK_ROWS.min(self.app.exports.part_rows),
            ExportFormat::Jsonl | ExportFormat::Csv => self.app.exports.part_rows,
        }
    }

    fn begin(&mut self, kind: ExportKind) -> Outcome<Part> {
        let (file, before) = File::begin(self.format, kind, columns(kind, &self.fields))?;
        self.number += 1;
        let mut body = Body {
            digest: Context::new(&SHA256),
            waiting: Vec::new(),
            bytes: 0,
            chunks: 0,
        };
        body.take_in(before.as_bytes());
        let rows = 0;
        Ok(Part { kind, file, rows, body })
    }

    async fn add(&mut self, body: &mut Body, bytes: &[u8]) -> Result<(), Stop> {
        body.take_in(bytes);
        while body.waiting.len() >= CHUNK {
            let rest = body.waiting.split_off(CHUNK);
            let whole = std::mem::replace(&mut body.waiting, rest);
            self.keep_chunk(body, whole, None).await?;
        }
        Ok(())
    }

    async fn end(&mut self, part: Option<Part>) -> Result<(), Stop> {
        let Some(Part {
            kind,
            file,
            rows,
            mut body,
        }) = part
        else {
            return Ok(());
        };
        let behind = file.end().await?;
        self.add(&mut body, &behind).await?;
        let last = std::mem::take(&mut body.waiting);
        let row = ExportPart {
            job_id: self.job.id.clone(),
            number: self.number,
            kind: kind.to_string(),
            rows,
            bytes: body.bytes,
            sha256: hexadecimal(body.digest.clone().finish().as_ref()),
        };
        self.keep_chunk(&mut body, last, Some(row)).await
    }

    /// Compresses and seals a chunk, and keeps it.
    async fn keep_chunk(&mut self, body: &mut Body, plain: Vec<u8>, whole: Option<ExportPart>) -> Result<(), Stop> {
        let (keys, id) = (self.app.keys.clone(), chunk_id(&self.job.id, self.number, body.chunks));
        let name = id.clone();
        let sealed = tokio::task::spawn_blocking(move || close(&keys, (CONTENT, &name), &plain)).await;
        let chunk = ExportChunk {
            id,
            job_id: self.job.id.clone(),
            part: self.number,
            number: body.chunks,
            sealed: sealed.context("sealing a chunk ended early").map_err(Failure::from)??,
        };
        body.chunks += 1;
        self.keep(Some(chunk), whole).await
    }

    /// One write: a sign of life, and with it what has come up; nothing of it where the job is another's by now.
    async fn keep(&mut self, chunk: Option<ExportChunk>, part: Option<ExportPart>) -> Result<(), Stop> {
        let hold = self.hold();
        let write = self.app.database.write().await?;
        if !write.hold_export(&hold, self.done).await? {
            return Err(Stop::Lost);
        }
        if let Some(chunk) = chunk {
            write.add_export_chunk(chunk).await?;
        }
        if let Some(part) = part {
            write.add_export_part(part).await?;
        }
        let mut trail = self.trail();
        // An earlier try came as far as to write, whether or not it counts as one.
        if self.job.position.is_some() && !trail.is_empty() {
            let ids: Vec<String> = trail.iter().map(|line| line.0.clone()).collect();
            let known: HashSet<String> = write.trail_among(&ids).await?.into_iter().collect();
            trail.retain(|line| !known.contains(&line.0));
        }
        if trail.is_empty() {
            write.keep().await?;
        } else {
            let ledger = Ledger {
                trail,
                ..Ledger::default()
            };
            write.finish(ledger, hold.now).await?;
        }
        self.told = hold.now;
        Ok(())
    }

    /// A line of the trail for each member whose sealed fields were written: they can read who took them, and what for. The
    /// line's id follows from job and member, so that a second try writes it no second time.
    fn trail(&mut self) -> Vec<(String, Trail)> {
        let job = self.job;
        let fields: Vec<String> = self.fields.iter().map(|field| field_name(*field).to_owned()).collect();
        let line = |person: Person| {
            let named = domain::ids::derived(EntityKind::Member, &format!("{} {}", job.id, person.id));
            let id = named.split_once('_').map_or(named.clone(), |(_, id)| id.to_owned());
            let line = Trail {
                account_id: Some(job.account_id.clone()),
                action: Action::RunExport.as_str().to_owned(),
                subject_kind: EntityKind::Member.to_string(),
                subject_id: person.id,
                subject_org_id: Some(person.branch_id),
                fields: fields.clone(),
                purpose: job.purpose.clone(),
                request_id: Some(job.request_id.clone()),
                ..Trail::default()
            };
            (id, line)
        };
        std::mem::take(&mut self.seen).into_iter().map(line).collect()
    }
}

impl Body {
    fn take_in(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.waiting.extend_from_slice(bytes);
        self.bytes += i64::try_from(bytes.len()).unwrap_or_default();
    }
}
