//! Workbooks (.xlsx). Looked through before they are opened; then one sheet is read cell by cell, on a thread of its own,
//! whose end ends the reading whatever ended it.

mod archive;
mod sheet;

use std::io::{Read, Seek, SeekFrom};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use domain::intake::flaw::IntakeFlaw;
use domain::intake::record::Record;
use domain::vocabulary::ImportKind;

use super::Limits;
use super::fault::{FileFault, RowFault};

/// From here on an amount of a spreadsheet has lost its last digits.
pub(super) const LOST: f64 = 1e15;
/// Rows that wait to be taken.
const WAITING: usize = 256;

/// What the thread that reads has to say.
enum Said {
    /// The header was read.
    Begun,
    Refused(FileFault),
    Row(Result<Record, RowFault>),
    /// All rows were read.
    Done,
}

pub(super) struct Workbook {
    said: Receiver<Said>,
    row: u64,
    over: bool,
}

impl Workbook {
    pub(super) fn begin<R>(kind: ImportKind, source: R, limits: Limits) -> Result<Self, FileFault>
    where
        R: Read + Seek + Send + 'static,
    {
        let (say, said) = sync_channel(WAITING);
        let reader = std::thread::Builder::new().name("workbook".to_owned());
        let reading = reader.spawn(move || read(kind, source, &limits, &say));
        if reading.is_err() {
            return Err(IntakeFlaw::Broken.into());
        }
        match said.recv() {
            Ok(Said::Begun) => Ok(Self {
                said,
                row: 1,
                over: false,
            }),
            Ok(Said::Refused(fault)) => Err(fault),
            _ => Err(IntakeFlaw::Broken.into()),
        }
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, RowFault>> {
        if self.over {
            return None;
        }
        match self.said.recv() {
            Ok(Said::Row(row)) => {
                self.row = row.as_ref().map_or_else(|fault| fault.row, |record| record.row);
                self.over = row.as_ref().is_err_and(|fault| fault.fatal);
                Some(row)
            }
            Ok(Said::Done) => {
                self.over = true;
                None
            }
            // The thread ended before it was done.
            _ => {
                self.over = true;
                Some(Err(RowFault::fatal(self.row + 1, IntakeFlaw::Broken.of_row())))
            }
        }
    }
}

fn read<R: Read + Seek>(kind: ImportKind, mut source: R, limits: &Limits, say: &SyncSender<Said>) {
    let looked = archive::look(&mut source, limits);
    let looked = looked.and_then(|looked| match source.seek(SeekFrom::Start(0)) {
        Ok(_) => Ok(looked),
        Err(_) => Err(IntakeFlaw::Cut.into()),
    });
    let refused = match looked {
        Ok(looked) => sheet::rows(kind, source, (looked, limits), say).err(),
        Err(fault) => Some(fault),
    };
    // Whoever does not listen any more has ended the reading.
    let _ = match refused {
        Some(fault) => say.send(Said::Refused(fault)),
        None => say.send(Said::Done),
    };
}
