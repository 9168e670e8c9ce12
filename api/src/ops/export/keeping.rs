//! What an export has written, kept: pieces of its parts with the lines of the trail, as long as the job is the worker's.

use std::collections::HashSet;

use chrono::TimeDelta;
use domain::policy::Action;
use domain::vocabulary::EntityKind;
use tokio::sync::mpsc::Receiver;

use super::super::outcome::Outcome;
use super::super::people::reveal::field_name;
use super::pieces::Piece;
use super::rows::Person;
use super::work::Stop;
use super::{ExportJob, fields_of};
use crate::app::App;
use crate::store::errand::Hold;
use crate::store::export_file::ExportChunk;
use crate::store::transaction::{Ledger, Trail, Write};

/// How long a worker keeps a job without a sign of life.
pub const LEASE: TimeDelta = TimeDelta::seconds(10);
/// Pieces of one write.
const AT_ONCE: usize = 8;

/// Keeps the pieces of a job.
pub struct Keeper<'a> {
    app: &'a App,
    job: &'a ExportJob,
    holder: &'a str,
    /// Rows that are in what is kept.
    pub done: i64,
    /// Chunks that are kept.
    pub chunks: u64,
}

impl<'a> Keeper<'a> {
    pub fn of(app: &'a App, job: &'a ExportJob, holder: &'a str) -> Self {
        Self {
            app,
            job,
            holder,
            done: 0,
            chunks: 0,
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

    /// Keeps all pieces that come: those that are there already in one write, which ends with a part.
    ///
    /// # Errors
    /// Why the worker lets go.
    pub async fn keep_all(&mut self, mut from: Receiver<Piece<ExportChunk>>) -> Result<(), Stop> {
        while let Some(first) = from.recv().await {
            let mut some = vec![first];
            while some.len() < AT_ONCE && some.last().is_some_and(|piece| piece.whole.is_none()) {
                match from.try_recv() {
                    Ok(piece) => some.push(piece),
                    Err(_) => break,
                }
            }
            self.keep(some).await?;
        }
        Ok(())
    }

    /// One write: a sign of life, and with it what has come up; nothing of it where the job is another's by now.
    async fn keep(&mut self, pieces: Vec<Piece<ExportChunk>>) -> Result<(), Stop> {
        let hold = self.hold();
        let done = pieces.last().map_or(self.done, |piece| piece.done);
        let write = self.app.database.write().await?;
        if !write.hold_export(&hold, done).await? {
            return Err(Stop::Lost);
        }
        let mut seen = Vec::new();
        for piece in pieces {
            if let Some(chunk) = piece.chunk {
                write.add_export_chunk(chunk).await?;
                self.chunks += 1;
            }
            if let Some(part) = piece.whole {
                write.add_export_part(part).await?;
            }
            seen.extend(piece.seen);
        }
        let trail = self.news(&write, self.trail(seen)).await?;
        if trail.is_empty() {
            write.keep().await?;
        } else {
            let ledger = Ledger {
                trail,
                ..Ledger::default()
            };
            write.finish(ledger, hold.now).await?;
        }
        self.done = done;
        Ok(())
    }

    /// Those of these lines that the trail does not have: an earlier try came as far as to write, whether or not it counts as one.
    async fn news(&self, write: &Write, mut trail: Vec<(String, Trail)>) -> Outcome<Vec<(String, Trail)>> {
        if self.job.position.is_some() && !trail.is_empty() {
            let ids: Vec<String> = trail.iter().map(|line| line.0.clone()).collect();
            let known: HashSet<String> = write.trail_among(&ids).await?.into_iter().collect();
            trail.retain(|line| !known.contains(&line.0));
        }
        Ok(trail)
    }

    /// A line of the trail for each member whose sealed fields were written: they can read who took them, and what for. The
    /// line's id follows from job and member, so that a second try writes it no second time.
    fn trail(&self, seen: Vec<Person>) -> Vec<(String, Trail)> {
        let job = self.job;
        let fields: Vec<String> = fields_of(job)
            .iter()
            .map(|field| field_name(*field).to_owned())
            .collect();
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
        seen.into_iter().map(line).collect()
    }
}
