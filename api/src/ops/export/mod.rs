//! Exports in bulk 批量导出: an account of a program asks for a part of the tree as files. A node writes them from one
//! snapshot ([`work`]), and they are fetched with the account's token until their time is over ([`download`]).

pub mod download;
mod file;
mod keeping;
mod pieces;
mod rows;
pub mod start;
pub mod work;

use chrono::{DateTime, Utc};
use domain::export::{Contents, lacking, may_have};
use domain::policy::{Grant, Place, Scope, Subject, Target, scope};
use domain::vocabulary::{ExportKind, ExportState, SealedField};

use super::organization::{Page, PageRequest, Within, place_of};
use super::outcome::Outcome;
use super::reading::Reading;
use crate::secrets::cursor::LogCursor;
pub use crate::store::export::ExportJob;
pub use crate::store::export_file::ExportPart;
use crate::store::feed::Point;

/// What the ids of jobs begin with. Jobs are errands, no entities of the log.
const PREFIX: &str = "exp";

/// Whether an id speaks of a job.
#[must_use]
pub fn is_export(id: &str) -> bool {
    id.split_once('_').is_some_and(|(head, _)| head == PREFIX)
}

/// How a job stands at an instant: what is ready expires by itself.
#[must_use]
pub fn state_of(job: &ExportJob, now: DateTime<Utc>) -> ExportState {
    let stored = job.state.parse().unwrap_or(ExportState::Failed);
    match job.expires_at {
        Some(end) if stored == ExportState::Completed && end <= now => ExportState::Expired,
        _ => stored,
    }
}

/// The codes in a list that the database keeps.
fn codes<T: std::str::FromStr>(list: &serde_json::Value) -> Vec<T> {
    let all = list.as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(|one| one.as_str()?.parse().ok()).collect()
}

/// The kinds of rows in a job, in the order in which they are written.
#[must_use]
pub fn kinds_of(job: &ExportJob) -> Vec<ExportKind> {
    codes(&job.kinds)
}

/// The sealed fields that a job writes plainly.
#[must_use]
pub fn fields_of(job: &ExportJob) -> Vec<SealedField> {
    codes(&job.fields)
}

/// The part of the tree that a job is about.
#[must_use]
pub fn within_of(job: &ExportJob) -> Within {
    let id = job.organization_id.clone();
    Within::stored(&job.extent, id.clone()).unwrap_or(Within::Exactly(id))
}

impl Reading {
    fn exports(&self) -> Scope {
        scope(&self.actor, Subject::Exports, Grant::Rows)
    }

    /// Those of these jobs that are the account's own, where it still has the right to them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn export_jobs(&self, ids: &[String]) -> Outcome<Vec<ExportJob>> {
        let account = &self.actor.account_id;
        Ok(self.snapshot.exports(&self.exports(), account, ids).await?)
    }

    /// A page of the account's own jobs, where it still has the right to them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn exports_begun(&self, page: &PageRequest) -> Outcome<Page<ExportJob>> {
        let account = &self.actor.account_id;
        Ok(self.snapshot.exports_of(&self.exports(), account, page).await?)
    }

    /// The parts of jobs, in order; of a job that is not ready there are none.
    ///
    /// # Errors
    /// The database is away.
    pub async fn export_parts(&self, jobs: &[String]) -> Outcome<Vec<ExportPart>> {
        Ok(self.snapshot.export_parts(jobs).await?)
    }

    /// Where a job's snapshot stands in the log: `changes` goes on from there. None until it is taken, and none where the
    /// past was asked for, from which no change leads on.
    ///
    /// # Errors
    /// The database is away; no randomness.
    pub async fn export_cursor(&self, job: &ExportJob) -> Outcome<Option<String>> {
        let (Some(epoch), Some(position), None) = (&job.epoch, job.position, job.as_of) else {
            return Ok(None);
        };
        self.app.database.settle(position).await?;
        let Point { position, sub } = Point::after(position);
        let cursor = LogCursor::of(&job.account_id, epoch, (position, sub));
        Ok(Some(cursor.seal(&self.app.keys)?))
    }

    /// Where the org stands that an export or an account is named by: the reader's own, or one that the directory shows.
    ///
    /// # Errors
    /// The database is away.
    pub async fn named_place(&self, id: &str) -> Outcome<Option<Place>> {
        let own = self.actor.service.as_ref().map(|service| &service.org);
        if let Some(own) = own.filter(|own| own.id == id) {
            return Ok(Some(own.clone()));
        }
        let found = self.organizations(&[id.to_owned()]).await?.pop();
        Ok(found.as_ref().map(place_of).transpose()?)
    }

    /// The place of a job's org, if the account may still have all that the job holds.
    ///
    /// # Errors
    /// The database is away.
    pub(super) async fn still_may_have(&self, job: &ExportJob) -> Outcome<Option<Place>> {
        let Some(place) = self.named_place(&job.organization_id).await? else {
            return Ok(None);
        };
        let (kinds, fields) = (kinds_of(job), fields_of(job));
        let (kinds, fields) = (kinds.as_slice(), fields.as_slice());
        let target = Target::at(place.clone());
        let may =
            may_have(&self.actor, &target) && lacking(&self.actor, &target, Contents { kinds, fields }).is_empty();
        Ok(may.then_some(place))
    }
}
