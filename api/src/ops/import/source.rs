//! A file as its reader takes it: bytes out of sealed chunks, and records out of the bytes, read in a thread of its own that is
//! never more than a few hundred rows ahead.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use domain::intake::record::Record;
use domain::problem::Problem;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::super::chunk::{CHUNK, open};
use super::super::outcome::Failure;
use super::upload::{CONTENT, chunk_id};
use crate::app::App;
use crate::intake::{Limits, records};
use crate::store::import_file::ImportFile;

/// Records that are handed over at once.
pub const ROWS: usize = 500;
/// Such hands that wait to be taken.
const AHEAD: usize = 2;
/// Chunks that are held opened: a workbook's list of parts lies at its end.
const OPENED: usize = 3;

/// Where the failure of the database is left for who waits for the records.
type Broken = Arc<Mutex<Option<Failure>>>;

/// The bytes of a file, read and sought in a thread that may wait.
struct Bytes {
    app: Arc<App>,
    runtime: Handle,
    file: String,
    length: u64,
    at: u64,
    /// The latest last.
    opened: Vec<(u64, Vec<u8>)>,
    broken: Broken,
}

impl Bytes {
    fn chunk(&mut self, number: u64) -> io::Result<&[u8]> {
        if let Some(place) = self.opened.iter().position(|(have, _)| *have == number) {
            let found = self.opened.remove(place);
            self.opened.push(found);
        } else {
            let plain = self.load(number).map_err(|failure| {
                *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                io::Error::other("the file cannot be read here")
            })?;
            if self.opened.len() == OPENED {
                self.opened.remove(0);
            }
            self.opened.push((number, plain));
        }
        Ok(self.opened.last().map_or(&[][..], |(_, plain)| plain))
    }

    fn load(&self, number: u64) -> Result<Vec<u8>, Failure> {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let found = self
            .runtime
            .block_on(self.app.database.import_chunk(&self.file, number))?;
        let sealed = found.ok_or_else(|| anyhow::anyhow!("a chunk of a file is gone"))?;
        open(&self.app.keys, (CONTENT, &chunk_id(&self.file, number)), &sealed)
    }
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length || buffer.is_empty() {
            return Ok(0);
        }
        let size = u64::try_from(CHUNK).unwrap_or(u64::MAX);
        let (number, within) = (self.at / size, usize::try_from(self.at % size).unwrap_or(usize::MAX));
        let rest = self.chunk(number)?.get(within..).unwrap_or_default();
        let taken = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..taken), rest.get(..taken)) {
            to.copy_from_slice(from);
        }
        self.at += u64::try_from(taken).unwrap_or_default();
        Ok(taken)
    }
}

impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "before the beginning"))?;
        Ok(self.at)
    }
}

/// A row that cannot be read.
#[derive(Debug, Clone)]
pub struct Unread {
    pub row: u64,
    pub problems: Vec<Problem>,
}

impl Unread {
    /// Whether it is only that an earlier row said the same.
    pub fn is_double(&self) -> bool {
        self.problems
            .iter()
            .all(|problem| problem.params.contains_key("earlier"))
    }
}

/// What the reader of a file hands over.
pub enum Hand {
    /// Some rows in their order.
    Rows(Vec<Result<Record, Unread>>),
    /// The file cannot be read, or not beyond here.
    Refused(Vec<Problem>),
    /// The database is away.
    Broken(Failure),
}

/// Begins to read a file; the reader ends when it is not listened to any more.
pub fn read(
    app: &Arc<App>,
    file: &ImportFile,
    (kind, format): (domain::vocabulary::ImportKind, domain::vocabulary::ImportFormat),
    limits: Limits,
) -> mpsc::Receiver<Hand> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let broken = Broken::default();
    let bytes = Bytes {
        app: app.clone(),
        runtime: Handle::current(),
        file: file.id.clone(),
        length: u64::try_from(file.bytes).unwrap_or_default(),
        at: 0,
        opened: Vec::new(),
        broken: broken.clone(),
    };
    tokio::task::spawn_blocking(move || {
        let ended = hand_over(&sender, || records(kind, format, bytes, limits));
        let broke = broken.lock().unwrap_or_else(PoisonError::into_inner).take();
        let last = match (broke, ended) {
            (Some(failure), _) => Some(Hand::Broken(failure)),
            (None, Err(problems)) => Some(Hand::Refused(problems)),
            (None, Ok(())) => None,
        };
        if let Some(last) = last {
            let _ = sender.blocking_send(last);
        }
    });
    receiver
}

/// Hands records over until there are none, or nobody takes them; why nothing more can be read.
fn hand_over<R: Read + Seek + Send + 'static>(
    sender: &mpsc::Sender<Hand>,
    begin: impl FnOnce() -> Result<crate::intake::Records<R>, crate::intake::FileFault>,
) -> Result<(), Vec<Problem>> {
    let mut rows = Vec::with_capacity(ROWS);
    for record in begin().map_err(|fault| fault.problems)? {
        match record {
            Ok(record) => rows.push(Ok(record)),
            Err(fault) if fault.fatal => {
                let problems = fault.problems.into_iter();
                return Err(problems.map(|problem| problem.with("row", fault.row)).collect());
            }
            Err(fault) => rows.push(Err(Unread {
                row: fault.row,
                problems: fault.problems,
            })),
        }
        if rows.len() == ROWS {
            let whole = std::mem::replace(&mut rows, Vec::with_capacity(ROWS));
            if sender.blocking_send(Hand::Rows(whole)).is_err() {
                return Ok(());
            }
        }
    }
    if !rows.is_empty() {
        let _ = sender.blocking_send(Hand::Rows(rows));
    }
    Ok(())
}
