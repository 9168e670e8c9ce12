//! Who leaves by a mirrored file 镜像导入: the members on the roster of that part of the tree whom the file does not name. They are found
//! before anything is written, and refused as a whole where they are too many (ADR 0101).

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use domain::import::may_leave;
use domain::intake::By;
use domain::intake::record::Record;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{ImportFailure, ImportPhase};

use super::super::organization::Within;
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::super::writing::Unit;
use super::RowTold;
use super::carry::{Dry, Run};
use super::job::{Departure, narrowed};
use super::member::let_go;
use super::source::Unread;
use super::work::Stop;
use domain::policy::Subject;

/// Departures that one write holds.
pub(super) const AT_ONCE: usize = 50;

/// Whom a file names, by hashes.
#[derive(Default)]
pub(super) struct Mentioned {
    hasher: RandomState,
    names: HashSet<u64>,
    /// Rows that do not say whom they are about.
    nameless: u64,
}

impl Mentioned {
    pub(super) fn note(&mut self, record: &Record) {
        // A row that is refused for another of its cells names somebody all the same.
        let names = names_of(record);
        if names.is_empty() {
            self.nameless += 1;
        }
        for by in names {
            let hash = self.hasher.hash_one(&by);
            self.names.insert(hash);
        }
    }

    fn has(&self, by: &By) -> bool {
        self.names.contains(&self.hasher.hash_one(by))
    }
}

/// Whom a record speaks of, whatever else is wrong with it.
fn names_of(record: &Record) -> Vec<By> {
    let cell = |key: &str| record.cells.get(key).map(|text| text.trim().to_owned());
    let external = cell("system").zip(cell("externalId"));
    let external = external.map(|(system, value)| By::External { system, value });
    cell("id").map(By::Id).into_iter().chain(external).collect()
}

impl Run<'_> {
    /// Finds out who leaves, and notes them.
    pub(super) async fn note_leavers(&mut self, mentioned: &Mentioned, unread: Vec<Unread>) -> Result<(), Stop> {
        // Whoever stands in a row that cannot be read would leave for a slip of the pen.
        if !unread.is_empty() || mentioned.nameless > 0 {
            let row = |unread: Unread| {
                unread
                    .problems
                    .into_iter()
                    .map(move |problem| problem.with("row", unread.row))
            };
            let mut problems: Vec<Problem> = unread.into_iter().flat_map(row).collect();
            if problems.is_empty() {
                problems.push(Problem::at(ProblemCode::Required, "member").with("count", mentioned.nameless));
            }
            return Err(Stop::Failed(ImportFailure::FileRefused, problems));
        }
        let account = (self.job.account_id.as_str(), self.job.auth_epoch);
        let mut reading = Reading::open_for(self.app.clone(), account.0, account.1).await?;
        let withdrawn = || Stop::Failed(ImportFailure::RightWithdrawn, Vec::new());
        let place = reading.import_place(self.job).await?.ok_or_else(withdrawn)?;
        reading.actor = narrowed(reading.actor, &place);
        let (there, leaving) = self.compare(&reading, mentioned).await?;
        drop(reading);
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        may_leave(there, number(leaving.len()), self.order.threshold)
            .map_err(|problem| Stop::Failed(ImportFailure::TooManyLeave, vec![problem]))?;
        let write = self.app.database.write().await?;
        write.forget_leavers(&self.job.id, None).await?;
        write.add_leavers(&self.job.id, &leaving).await?;
        if !write.note_import(&self.hold(), &self.reached).await? {
            return Err(Stop::Lost);
        }
        write.keep().await?;
        Ok(())
    }

    /// How many are there, and those of them whom the file does not name.
    async fn compare(&mut self, reading: &Reading, mentioned: &Mentioned) -> Result<(u64, Vec<String>), Stop> {
        let scope = reading.rows(Subject::Roster);
        let within = Within::SubtreeOf(self.job.organization_id.clone());
        let (mut there, mut leaving, mut after) = (0u64, Vec::new(), String::new());
        loop {
            let ids = reading.snapshot.roster_after(&scope, &within, &after).await?;
            let Some(last) = ids.last() else { break };
            after.clone_from(last);
            there += u64::try_from(ids.len()).unwrap_or_default();
            let mut names: HashMap<String, Vec<By>> = HashMap::new();
            for (id, system, value) in reading.external_ids(&ids).await? {
                names.entry(id).or_default().push(By::External { system, value });
            }
            leaving.extend(ids.into_iter().filter(|id| {
                let own = names.get(id).map_or(&[][..], Vec::as_slice);
                !mentioned.has(&By::Id(id.clone())) && !own.iter().any(|by| mentioned.has(by))
            }));
            self.sign().await?;
        }
        Ok((there, leaving))
    }

    /// Looks what would come of those who leave.
    pub(super) async fn check_leavers(&mut self) -> Result<(), Stop> {
        let Some(departure) = self.order.departure.clone() else {
            return Ok(());
        };
        let mut after = String::new();
        loop {
            let mut unit = self.unit().await?;
            let most = u64::try_from(AT_ONCE).unwrap_or(u64::MAX);
            let ids = unit.write.leavers(&self.job.id, &after, most).await?;
            let Some(last) = ids.last() else { return Ok(()) };
            after.clone_from(last);
            let told = self.signing(go(&mut unit, &ids, &departure)).await??;
            // Of a dry run they are told once; a write behind the look needs them once more.
            let forget = self.job.dry_run.then_some(ids.as_slice());
            self.keep(unit, told, Dry::Yes { forget }).await?;
        }
    }

    /// Lets those leave who are not in the file, some in each write.
    pub(super) async fn let_leavers_go(&mut self) -> Result<(), Stop> {
        let Some(departure) = self.order.departure.clone() else {
            return Ok(());
        };
        self.reached.phase = ImportPhase::Leaving.as_str();
        loop {
            let mut unit = self.unit().await?;
            let most = u64::try_from(AT_ONCE).unwrap_or(u64::MAX);
            let ids = unit.write.leavers(&self.job.id, "", most).await?;
            if ids.is_empty() {
                return Ok(());
            }
            let told = self.signing(go(&mut unit, &ids, &departure)).await??;
            unit.write.forget_leavers(&self.job.id, Some(&ids)).await?;
            self.keep(unit, told, Dry::No).await?;
        }
    }
}

/// Lets some leave. What became of each.
pub(super) async fn go(unit: &mut Unit, ids: &[String], departure: &Departure) -> Outcome<Vec<RowTold>> {
    let mut told = Vec::with_capacity(ids.len());
    for id in ids {
        told.push(let_go(unit, id, departure).await?);
    }
    Ok(told)
}
