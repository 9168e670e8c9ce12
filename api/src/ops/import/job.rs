//! Import jobs 导入任务 as their account reads them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::intake::ErrorPolicy;
use domain::policy::{Actor, Grant, Place, Scope, Subject, scope};
use domain::vocabulary::{DepartureReason, ImportFormat, ImportKind, ImportMode, ImportState};
use serde::{Deserialize, Serialize};

use super::super::organization::{Page, PageRequest, place_of};
use super::super::outcome::{Failure, Outcome};
use super::super::reading::Reading;
pub use crate::store::import::ImportJob;

/// What the ids of jobs begin with. Jobs are errands, no entities of the log.
pub(super) const PREFIX: &str = "imp";

/// How those leave who are not in a mirrored file: one reason and one decision for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    pub reason: DepartureReason,
    pub left_on: NaiveDate,
    pub decided_on: Option<NaiveDate>,
    pub document_number: Option<String>,
}

/// Whether an id speaks of a job.
#[must_use]
pub fn is_import(id: &str) -> bool {
    id.split_once('_').is_some_and(|(head, _)| head == PREFIX)
}

/// How a job stands at an instant: what is over expires by itself.
#[must_use]
pub fn state_of(job: &ImportJob, now: DateTime<Utc>) -> ImportState {
    let stored: ImportState = job.state.parse().unwrap_or(ImportState::Failed);
    match job.expires_at {
        Some(end) if stored.is_over() && end <= now => ImportState::Expired,
        _ => stored,
    }
}

/// A job as the worker takes it: every code that the database keeps as what it means.
#[derive(Debug, Clone)]
pub struct Order {
    pub kind: ImportKind,
    pub format: ImportFormat,
    pub mode: ImportMode,
    pub policy: ErrorPolicy,
    /// Header in the file → key of the column.
    pub mapping: BTreeMap<String, String>,
    pub departure: Option<Departure>,
    /// Percent of those there who may leave.
    pub threshold: u8,
}

impl Order {
    /// # Errors
    /// The database holds a code that this program does not know.
    pub fn of(job: &ImportJob) -> Outcome<Self> {
        let odd = |_| Failure::from(anyhow::anyhow!("an import asks for what this program does not know"));
        let departure = job.departure.clone().map(serde_json::from_value).transpose();
        Ok(Self {
            kind: job.kind.parse().map_err(odd)?,
            format: job.format.parse().map_err(odd)?,
            mode: job.mode.parse().map_err(odd)?,
            policy: job.error_policy.parse().map_err(odd)?,
            mapping: serde_json::from_value(job.mapping.clone()).map_err(anyhow::Error::from)?,
            departure: departure.map_err(anyhow::Error::from)?,
            threshold: job
                .mirror_threshold
                .and_then(|share| u8::try_from(share).ok())
                .unwrap_or(0),
        })
    }
}

/// The account with its scopes in that part of the tree alone: what an import may touch, the account itself being free to do
/// more.
#[must_use]
pub(super) fn narrowed(mut actor: Actor, place: &Place) -> Actor {
    if let Some(service) = &mut actor.service {
        service.org = place.clone();
    }
    actor
}

impl Reading {
    fn imports(&self) -> Scope {
        scope(&self.actor, Subject::Imports, Grant::Rows)
    }

    /// Those of these jobs that are the account's own, where it still has the right to them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn import_jobs(&self, ids: &[String]) -> Outcome<Vec<ImportJob>> {
        let account = &self.actor.account_id;
        Ok(self.snapshot.imports(&self.imports(), account, ids).await?)
    }

    /// A page of the account's own jobs, where it still has the right to them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn imports_begun(&self, page: &PageRequest) -> Outcome<Page<ImportJob>> {
        let account = &self.actor.account_id;
        Ok(self.snapshot.imports_of(&self.imports(), account, page).await?)
    }

    /// Where the org of a job stands: the account's own, or one that the directory shows it.
    ///
    /// # Errors
    /// The database is away.
    pub async fn import_place(&self, job: &ImportJob) -> Outcome<Option<Place>> {
        let own = self.actor.service.as_ref().map(|service| &service.org);
        if let Some(own) = own.filter(|own| own.id == job.organization_id) {
            return Ok(Some(own.clone()));
        }
        let found = self
            .organizations(std::slice::from_ref(&job.organization_id))
            .await?
            .pop();
        Ok(found.as_ref().map(place_of).transpose()?)
    }
}
