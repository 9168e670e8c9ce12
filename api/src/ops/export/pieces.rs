//! Rows become pieces of files: parts are cut by rows and bytes, each with its SHA-256, and their bytes into chunks, which are
//! compressed and sealed. It waits for nobody's answer, so it runs on threads of its own, beside those that read and keep.

use aws_lc_rs::digest::{Context, SHA256};
use domain::export::{Column, columns};
use domain::vocabulary::{ExportFailure, ExportFormat, ExportKind, SealedField};
use tokio::sync::mpsc::{Receiver, Sender};

use super::super::chunk::{CHUNK, close, hexadecimal};
use super::super::outcome::Outcome;
use super::file::File;
use super::rows::{Batch, Person, person, values};
use super::work::Stop;
use super::{ExportJob, ExportPart, fields_of};
use crate::secrets::keyring::Keyring;
use crate::store::export_file::ExportChunk;

/// A part ends after so many bytes, whatever its rows.
const PART_BYTES: usize = 32 * 1024 * 1024;
/// Rows of a workbook: as many as are put together in memory.
const WORKBOOK_ROWS: i64 = 20_000;
/// After so many rows without a chunk it is told what was done: a workbook's bytes come all at once.
const TOLD_ROWS: i64 = 2_000;
/// Rows of one export.
const MOST_ROWS: i64 = 10_000_000;

/// What chunks of exports are bound to, with their ids.
pub const CONTENT: &str = "export_chunk.content";

/// The id of a chunk.
#[must_use]
pub fn chunk_id(job: &str, part: i64, number: i64) -> String {
    format!("{job}:{part}:{number}")
}

/// What has come up since the piece before.
pub struct Piece<C> {
    pub chunk: Option<C>,
    /// The part that ends with it.
    pub whole: Option<ExportPart>,
    /// Members whose sealed fields are in it.
    pub seen: Vec<Person>,
    /// Rows that are done with it.
    pub done: i64,
}

/// A chunk as it is in the file.
pub struct Plain {
    part: i64,
    number: i64,
    bytes: Vec<u8>,
}

/// A part that is being written.
struct Part {
    kind: ExportKind,
    columns: Vec<Column>,
    file: File,
    rows: i64,
    body: Body,
}

/// The bytes of a part.
struct Body {
    /// Not handed on yet.
    waiting: Vec<u8>,
    /// Of what was handed on.
    digest: Context,
    bytes: usize,
    chunks: i64,
}

/// Cuts rows into pieces.
pub struct Cutter {
    job_id: String,
    format: ExportFormat,
    fields: Vec<SealedField>,
    most_rows: i64,
    keys: Keyring,
    to: Sender<Piece<Plain>>,
    open: Option<Part>,
    /// Parts so far, the open one included.
    number: i64,
    done: i64,
    told: i64,
    seen: Vec<Person>,
}

impl Cutter {
    /// For the files of a job, in parts of so many rows at most.
    #[must_use]
    pub fn of(job: &ExportJob, part_rows: i64, keys: Keyring, to: Sender<Piece<Plain>>) -> Self {
        let format = job.format.parse().unwrap_or(ExportFormat::Jsonl);
        Self {
            job_id: job.id.clone(),
            format,
            fields: fields_of(job),
            most_rows: match format {
                ExportFormat::Xlsx => WORKBOOK_ROWS.min(part_rows),
                ExportFormat::Jsonl | ExportFormat::Csv => part_rows,
            },
            keys,
            to,
            open: None,
            number: 0,
            done: 0,
            told: 0,
            seen: Vec::new(),
        }
    }

    /// Cuts all rows that come, in order, to the end of the last part.
    ///
    /// # Errors
    /// There are too many rows, or one of them cannot be written.
    pub fn cut(mut self, mut from: Receiver<Batch>) -> Result<(), Stop> {
        while let Some(batch) = from.blocking_recv() {
            self.write(&batch)?;
        }
        let last = self.open.take();
        self.end(last)
    }

    fn write(&mut self, Batch { kind, rows }: &Batch) -> Result<(), Stop> {
        for row in rows {
            let mut part = match self.open.take() {
                Some(part) if part.kind == *kind => part,
                other => {
                    self.end(other)?;
                    self.begin(*kind)?
                }
            };
            let cells = row.cells()?;
            let values = values(&cells, &part.columns, &self.keys)?;
            part.file.row(&mut part.body.waiting, &values)?;
            part.rows += 1;
            self.done += 1;
            if *kind == ExportKind::Member && !self.fields.is_empty() {
                self.seen.extend(person(&cells, &part.columns)?);
            }
            self.hand_on_chunks(&mut part.body)?;
            let whole = part.rows >= self.most_rows || part.body.bytes + part.body.waiting.len() >= PART_BYTES;
            if whole {
                self.end(Some(part))?;
            } else {
                self.open = Some(part);
            }
        }
        if self.done > MOST_ROWS {
            return Err(Stop::Failed(ExportFailure::TooManyRows));
        }
        if self.done - self.told >= TOLD_ROWS {
            self.hand_on(None, None)?;
        }
        Ok(())
    }

    fn begin(&mut self, kind: ExportKind) -> Outcome<Part> {
        let columns = columns(kind, &self.fields);
        let mut body = Body {
            waiting: Vec::new(),
            digest: Context::new(&SHA256),
            bytes: 0,
            chunks: 0,
        };
        let file = File::begin(self.format, kind, &columns, &mut body.waiting)?;
        self.number += 1;
        Ok(Part {
            kind,
            columns,
            file,
            rows: 0,
            body,
        })
    }

    fn end(&mut self, part: Option<Part>) -> Result<(), Stop> {
        let Some(mut part) = part else { return Ok(()) };
        part.file.end(&mut part.body.waiting)?;
        self.hand_on_chunks(&mut part.body)?;
        let last = part.body.chunk(self.number);
        let whole = ExportPart {
            job_id: self.job_id.clone(),
            number: self.number,
            kind: part.kind.to_string(),
            rows: part.rows,
            bytes: i64::try_from(part.body.bytes).unwrap_or(i64::MAX),
            sha256: hexadecimal(part.body.digest.finish().as_ref()),
        };
        self.hand_on(Some(last), Some(whole))
    }

    fn hand_on_chunks(&mut self, body: &mut Body) -> Result<(), Stop> {
        while body.waiting.len() >= CHUNK {
            let chunk = body.chunk(self.number);
            self.hand_on(Some(chunk), None)?;
        }
        Ok(())
    }

    fn hand_on(&mut self, chunk: Option<Plain>, whole: Option<ExportPart>) -> Result<(), Stop> {
        let piece = Piece {
            chunk,
            whole,
            seen: std::mem::take(&mut self.seen),
            done: self.done,
        };
        self.told = self.done;
        self.to.blocking_send(piece).map_err(|_| Stop::Lost)
    }
}

impl Body {
    /// Takes the next chunk off what waits: as long as all chunks but the last are.
    fn chunk(&mut self, part: i64) -> Plain {
        let length = self.waiting.len().min(CHUNK);
        let mut rest = Vec::with_capacity(CHUNK + CHUNK / 8);
        rest.extend_from_slice(&self.waiting[length..]);
        let mut bytes = std::mem::replace(&mut self.waiting, rest);
        bytes.truncate(length);
        self.digest.update(&bytes);
        self.bytes += length;
        let number = self.chunks;
        self.chunks += 1;
        Plain { part, number, bytes }
    }
}

/// Compresses and seals the chunks of a job, in order, as long as somebody takes them.
///
/// # Errors
/// No randomness.
pub fn pack(
    (job_id, keys): (&str, &Keyring),
    mut from: Receiver<Piece<Plain>>,
    to: &Sender<Piece<ExportChunk>>,
) -> Result<(), Stop> {
    while let Some(piece) = from.blocking_recv() {
        let chunk = piece.chunk.map(|plain| sealed((job_id, keys), &plain)).transpose()?;
        let piece = Piece {
            chunk,
            whole: piece.whole,
            seen: piece.seen,
            done: piece.done,
        };
        to.blocking_send(piece).map_err(|_| Stop::Lost)?;
    }
    Ok(())
}

fn sealed((job_id, keys): (&str, &Keyring), plain: &Plain) -> Outcome<ExportChunk> {
    let id = chunk_id(job_id, plain.part, plain.number);
    let sealed = close(keys, (CONTENT, &id), &plain.bytes)?;
    Ok(ExportChunk {
        id,
        job_id: job_id.to_owned(),
        part: plain.part,
        number: plain.number,
        sealed,
    })
}
