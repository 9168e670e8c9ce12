//! An import from where it stands to its end: the file is read through once, before anything is written; then its rows are
//! carried out, some hundred in a write. What a write holds (rows, events, trail, report, progress) is there together or not at
//! all, so that whoever goes on behind a crash does nothing twice and leaves nothing out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::import::{MOST_ROWS, MOST_ROWS_AT_ONCE};
use domain::intake::record::Record;
use domain::intake::{ErrorPolicy, RowOutcome};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{ImportFailure, ImportKind, ImportMode, ImportPhase};
use tokio_util::sync::CancellationToken;

use super::super::outcome::{Failure, Outcome};
use super::super::people::roster::upsert::Seen;
use super::super::writing::Unit;
use super::job::{ImportJob, Order};
use super::leavers;
use super::opening::Opening;
use super::report::{Tally, piece};
use super::rows::apply;
use super::source::{Hand, ROWS, Unread, read};
use super::work::{Stop, hold};
use super::{How, RowTold};
use crate::app::App;
use crate::intake::Limits;
use crate::store::import::Reached;
use crate::store::import_file::ImportFile;
use crate::store::transaction::{Ledger, Trail};

/// Rows that one write of an embedded database holds.
const FEW: usize = 100;
/// Members that one write of a server holds: they are planned and written together, so that what a write costs by itself is shared.
const MANY: usize = 1_000;
/// How often a worker that writes nothing gives a sign of life.
const SIGN: TimeDelta = TimeDelta::seconds(3);
/// How often it is looked beside a long write whether it is time for one.
const BESIDE: Duration = Duration::from_secs(1);

/// A row as it was read, or why it could not be.
pub(super) type Row = Result<Record, Unread>;

/// Whether rows are only looked at.
#[derive(Clone, Copy)]
pub(super) enum Dry<'a> {
    No,
    Yes {
        /// Those who are done with it.
        forget: Option<&'a [String]>,
    },
}

/// A worker at a job.
pub struct Run<'a> {
    pub(super) app: &'a Arc<App>,
    pub(super) job: &'a ImportJob,
    pub(super) order: Order,
    holder: &'a str,
    leaving: &'a CancellationToken,
    pub(super) reached: Reached,
    heard: DateTime<Utc>,
}

impl<'a> Run<'a> {
    /// # Errors
    /// The job asks for what this program does not know.
    pub fn of(app: &'a Arc<App>, job: &'a ImportJob, holder: &'a str, leaving: &'a CancellationToken) -> Outcome<Self> {
        let phase: ImportPhase = job.phase.parse().unwrap_or(ImportPhase::Reading);
        Ok(Self {
            app,
            job,
            order: Order::of(job)?,
            holder,
            leaving,
            reached: Reached {
                phase: phase.as_str(),
                done: job.done,
                total: job.total,
                created: job.created,
                changed: job.changed,
                unchanged: job.unchanged,
                rejected: job.rejected,
                reports: job.reports,
            },
            heard: app.clock.now(),
        })
    }

    fn is_at(&self, phase: ImportPhase) -> bool {
        self.reached.phase == phase.as_str()
    }

    fn is_whole(&self) -> bool {
        self.order.policy == ErrorPolicy::AllOrNothing
    }

    /// Rows that one write holds: orgs are one plan.
    fn at_once(&self) -> usize {
        match self.order.kind {
            ImportKind::Organization => usize::try_from(MOST_ROWS_AT_ONCE).unwrap_or(usize::MAX),
            // An embedded database has one writer: others go between.
            _ if !self.app.database.is_postgres() => FEW,
            ImportKind::Member => MANY,
            ImportKind::Appointment | ImportKind::Activity => ROWS,
        }
    }

    /// Works from where the job stands to its end.
    ///
    /// # Errors
    /// Why the worker lets go.
    pub async fn finish(&mut self) -> Result<(), Stop> {
        let gone = || Problem::at(ProblemCode::NotFound, "fileId");
        let file = self.app.database.import_file(&self.job.file_id).await?;
        let file = file.ok_or_else(|| Stop::Failed(ImportFailure::FileRefused, vec![gone()]))?;
        if self.is_at(ImportPhase::Reading) {
            self.read_through(&file).await?;
        }
        if self.is_at(ImportPhase::Checking) {
            self.look_anew().await?;
            self.rows(&file, true).await?;
            self.check_leavers().await?;
            if self.is_whole() && self.reached.rejected > 0 {
                let told = Problem::at(ProblemCode::RowsRejected, "fileId").with("count", self.reached.rejected);
                return Err(Stop::Failed(ImportFailure::RowsRejected, vec![told]));
            }
            if self.job.dry_run {
                return Ok(());
            }
            return self.all_at_once(&file).await;
        }
        if self.is_at(ImportPhase::Writing) {
            self.rows(&file, false).await?;
            self.reached.phase = ImportPhase::Leaving.as_str();
        }
        self.let_leavers_go().await
    }

    /// What was written as a whole is looked at as a whole: whoever goes on behind a crash begins the look anew.
    async fn look_anew(&mut self) -> Result<(), Stop> {
        if self.job.dry_run || self.reached.reports == 0 {
            return Ok(());
        }
        self.reached = Reached {
            phase: self.reached.phase,
            total: self.reached.total,
            ..Reached::default()
        };
        let write = self.app.database.write().await?;
        if !write.note_import(&self.hold(), &self.reached).await? {
            return Err(Stop::Lost);
        }
        write.forget_report(&self.job.id).await?;
        write.keep().await?;
        Ok(())
    }

    /// Reads the file through, so that one which is broken in the middle is refused before anything of it is written.
    async fn read_through(&mut self, file: &ImportFile) -> Result<(), Stop> {
        let mut hands = self.hands(file);
        let mut mentioned = leavers::Mentioned::default();
        let mut total = 0u64;
        let mut unread = Vec::new();
        while let Some(hand) = hands.recv().await {
            for row in rows_of(hand)? {
                total += 1;
                match row {
                    Ok(record) if self.order.mode == ImportMode::Mirror => mentioned.note(&record),
                    Ok(_) => {}
                    // A row once more names nobody who was not named.
                    Err(row) if row.is_double() => {}
                    Err(row) => unread.push(row),
                }
            }
            self.refuse_above(total, MOST_ROWS)?;
            if self.is_whole() || self.order.kind == ImportKind::Organization {
                self.refuse_above(total, MOST_ROWS_AT_ONCE)?;
            }
            // Only a mirror needs to know which they are.
            unread.truncate(20);
            self.sign().await?;
        }
        self.reached.total = Some(i64::try_from(total).unwrap_or(i64::MAX));
        let next = if self.is_whole() || self.job.dry_run {
            ImportPhase::Checking
        } else {
            ImportPhase::Writing
        };
        self.reached.phase = next.as_str();
        if self.order.mode == ImportMode::Mirror {
            return self.note_leavers(&mentioned, unread).await;
        }
        self.note().await
    }

    fn refuse_above(&self, total: u64, most: u64) -> Result<(), Stop> {
        if total <= most {
            return Ok(());
        }
        let told = Problem::at(ProblemCode::TooMany, "fileId").with("max", most);
        Err(Stop::Failed(ImportFailure::TooManyRows, vec![told]))
    }

    fn hands(&self, file: &ImportFile) -> tokio::sync::mpsc::Receiver<Hand> {
        let limits = Limits {
            mapping: self.order.mapping.clone(),
            sheet: self.job.sheet.clone(),
            ..Limits::default()
        };
        read(self.app, file, (self.order.kind, self.order.format), limits)
    }

    /// Carries out the rows that are not done yet, or only looks what would come of them.
    async fn rows(&mut self, file: &ImportFile, dry: bool) -> Result<(), Stop> {
        let mut hands = self.hands(file);
        let mut pieces = Pieces::of(self.at_once());
        let (mut seen, mut passed, mut before) = (Seen::default(), 0i64, None);
        while let Some(mut rows) = pieces.next(&mut hands).await? {
            if self.leaving.is_cancelled() {
                return Err(Stop::Leaving);
            }
            // Done by a worker before, whose pieces may have been smaller: they only count as rows before those that follow.
            let done = usize::try_from(self.reached.done - passed).unwrap_or(0).min(rows.len());
            passed += number_of(&rows);
            let ahead = rows.split_off(done);
            super::rows::pass(self.order.kind, &rows, &mut seen);
            if ahead.is_empty() {
                self.sign().await?;
                continue;
            }
            if !dry && self.may_go_ahead(&ahead) {
                before = Some(self.go_ahead(before, ahead, &mut seen).await?);
                continue;
            }
            self.settle(before.take()).await?;
            self.piece(ahead, dry, &mut seen).await?;
        }
        self.settle(before).await
    }

    /// One write: some rows, what is told of them, and how far the job has come.
    async fn piece(&mut self, rows: Vec<Row>, dry: bool, seen: &mut Seen) -> Result<(), Stop> {
        let mut unit = self.unit().await?;
        let number = number_of(&rows);
        let how = self.how(dry);
        let kind = self.order.kind;
        let told = self.signing(apply(&mut unit, kind, rows, (&how, seen))).await??;
        self.reached.done += number;
        let dry = if dry { Dry::Yes { forget: None } } else { Dry::No };
        self.keep(unit, told, dry).await
    }

    pub(super) fn how(&self, dry_run: bool) -> How {
        How {
            mode: self.order.mode.of_rows(),
            dry_run,
        }
    }

    /// A write of the account.
    pub(super) async fn unit(&self) -> Result<Unit, Stop> {
        self.opening().open().await
    }

    pub(super) fn opening(&self) -> Opening<'a> {
        Opening::of(self.app, self.job, self.order.kind)
    }

    /// Ends a write with what is told of its rows; of a dry one only that.
    pub(super) async fn keep(&mut self, mut unit: Unit, told: Vec<RowTold>, dry: Dry<'_>) -> Result<(), Stop> {
        let report = self.count(told)?;
        if let Dry::Yes { forget } = dry {
            let refusals = unit.take_refusals();
            drop(unit);
            return self.tell(report, refusals, forget).await;
        }
        unit.write.add_report(report).await?;
        if !unit.write.note_import(&self.hold(), &self.reached).await? {
            return Err(Stop::Lost);
        }
        unit.end().await?;
        self.told();
        Ok(())
    }

    /// Counts rows, and puts them into a piece of the report.
    fn count(&mut self, mut told: Vec<RowTold>) -> Outcome<crate::store::import_report::ImportReport> {
        // Where one refused row holds back all the others, so does a part of a row that is refused.
        for row in told
            .iter_mut()
            .filter(|row| self.is_whole() && !row.problems.is_empty())
        {
            row.outcome = RowOutcome::Rejected;
        }
        let tally = Tally::of(&told);
        self.reached.created += tally.created;
        self.reached.changed += tally.changed;
        self.reached.unchanged += tally.unchanged;
        self.reached.rejected += tally.rejected;
        let report = piece(&self.job.id, self.reached.reports, told)?;
        self.reached.reports += 1;
        Ok(report)
    }

    /// Writes down what is told of rows that were not carried out, and what their refusals leave in the trail.
    async fn tell(
        &mut self,
        report: crate::store::import_report::ImportReport,
        trail: Vec<(String, Trail)>,
        forget: Option<&[String]>,
    ) -> Result<(), Stop> {
        let write = self.app.database.write().await?;
        if !write.note_import(&self.hold(), &self.reached).await? {
            return Err(Stop::Lost);
        }
        write.add_report(report).await?;
        if let Some(done) = forget {
            write.forget_leavers(&self.job.id, Some(done)).await?;
        }
        if trail.is_empty() {
            write.keep().await?;
        } else {
            let ledger = Ledger {
                trail,
                ..Ledger::default()
            };
            write.finish(ledger, self.app.clock.now()).await?;
        }
        self.told();
        Ok(())
    }

    /// Writes down how far the job has come.
    pub(super) async fn note(&mut self) -> Result<(), Stop> {
        let write = self.app.database.write().await?;
        if !write.note_import(&self.hold(), &self.reached).await? {
            return Err(Stop::Lost);
        }
        write.keep().await?;
        self.told();
        Ok(())
    }

    /// Everything in one write, behind a look at every row: nothing of it is there before all of it is.
    async fn all_at_once(&mut self, file: &ImportFile) -> Result<(), Stop> {
        let checked = self.reached;
        self.reached = Reached {
            phase: ImportPhase::Writing.as_str(),
            done: checked.done,
            total: checked.total,
            ..Reached::default()
        };
        let written = self.write_whole(file).await;
        if written.is_err() {
            self.reached = checked;
        }
        written
    }

    async fn write_whole(&mut self, file: &ImportFile) -> Result<(), Stop> {
        let mut unit = self.unit().await?;
        unit.write.forget_report(&self.job.id).await?;
        let mut hands = self.hands(file);
        let mut pieces = Pieces::of(self.at_once());
        let (mut seen, how) = (Seen::default(), self.how(false));
        while let Some(rows) = pieces.next(&mut hands).await? {
            let kind = self.order.kind;
            let told = self.signing(apply(&mut unit, kind, rows, (&how, &mut seen))).await??;
            self.add(&unit, told).await?;
            self.sign_beside().await?;
        }
        if let Some(departure) = self.order.departure.clone() {
            let ids = unit.write.leavers(&self.job.id, "", MOST_ROWS_AT_ONCE).await?;
            for some in ids.chunks(leavers::AT_ONCE) {
                let told = self.signing(leavers::go(&mut unit, some, &departure)).await??;
                self.add(&unit, told).await?;
                self.sign_beside().await?;
            }
            unit.write.forget_leavers(&self.job.id, None).await?;
        }
        if self.reached.rejected > 0 {
            // Somebody was at work between the look and the write: it is looked at anew.
            return Err(Failure::from(anyhow::anyhow!("a row that did was refused when it was to be written")).into());
        }
        if !unit.write.note_import(&self.hold(), &self.reached).await? {
            return Err(Stop::Lost);
        }
        unit.end().await?;
        self.told();
        Ok(())
    }

    async fn add(&mut self, unit: &Unit, told: Vec<RowTold>) -> Result<(), Stop> {
        if self.leaving.is_cancelled() {
            return Err(Stop::Leaving);
        }
        let report = self.count(told)?;
        unit.write.add_report(report).await?;
        Ok(())
    }

    /// Works with a sign of life from beside, however long it takes: what one write holds may take longer than a lease.
    pub(super) async fn signing<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(BESIDE) => self.sign_beside().await?,
            }
        }
    }

    /// A sign of life from beside a long write; an embedded database has one writer, and nobody else who could take the job.
    async fn sign_beside(&mut self) -> Result<(), Stop> {
        if self.app.database.is_postgres() {
            self.sign().await?;
        }
        Ok(())
    }

    pub(super) fn hold(&self) -> crate::store::errand::Hold<'a> {
        hold(self.app, &self.job.id, self.holder)
    }

    /// Gives a sign of life where it is time for one.
    pub(super) async fn sign(&mut self) -> Result<(), Stop> {
        let hold = self.hold();
        if hold.now - self.heard < SIGN {
            return Ok(());
        }
        if self.leaving.is_cancelled() {
            return Err(Stop::Leaving);
        }
        let write = self.app.database.write().await?;
        if !write.hold_import(&hold).await? {
            return Err(Stop::Lost);
        }
        write.keep().await?;
        self.heard = hold.now;
        Ok(())
    }

    fn told(&mut self) {
        self.heard = self.app.clock.now();
        self.app.imports.followers.look(&self.job.id);
    }
}

pub(super) fn number_of(rows: &[Row]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

/// What a hand brings; why there is nothing more.
fn rows_of(hand: Hand) -> Result<Vec<Row>, Stop> {
    match hand {
        Hand::Rows(rows) => Ok(rows),
        Hand::Refused(problems) => Err(Stop::Failed(ImportFailure::FileRefused, problems)),
        Hand::Broken(failure) => Err(Stop::Broken(failure)),
    }
}

/// Puts what the reader hands over into pieces of one size.
struct Pieces {
    size: usize,
    waiting: VecDeque<Row>,
}

impl Pieces {
    fn of(size: usize) -> Self {
        Self {
            size,
            waiting: VecDeque::new(),
        }
    }

    async fn next(&mut self, hands: &mut tokio::sync::mpsc::Receiver<Hand>) -> Result<Option<Vec<Row>>, Stop> {
        while self.waiting.len() < self.size {
            let Some(hand) = hands.recv().await else { break };
            self.waiting.extend(rows_of(hand)?);
        }
        let rows: Vec<Row> = self.waiting.drain(..self.size.min(self.waiting.len())).collect();
        Ok((!rows.is_empty()).then_some(rows))
    }
}
