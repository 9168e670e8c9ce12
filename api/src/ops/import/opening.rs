//! How a write of a job begins.

use std::sync::Arc;

use domain::import::may_run;
use domain::policy::Target;
use domain::vocabulary::{ImportFailure, ImportKind};

use super::super::organization::place_of;
use super::super::people::orgs;
use super::super::writing::Unit;
use super::job::{ImportJob, narrowed};
use super::work::Stop;
use crate::app::App;

/// What a write of a job is opened by.
pub(super) struct Opening<'a> {
    app: &'a Arc<App>,
    job: &'a ImportJob,
    kind: ImportKind,
}

impl<'a> Opening<'a> {
    pub(super) fn of(app: &'a Arc<App>, job: &'a ImportJob, kind: ImportKind) -> Self {
        Self { app, job, kind }
    }

    /// A write of the account, with its rights as they are now, in that part of the tree alone.
    pub(super) async fn open(&self) -> Result<Unit, Stop> {
        let withdrawn = || Stop::Failed(ImportFailure::RightWithdrawn, Vec::new());
        let account = (self.job.account_id.as_str(), self.job.auth_epoch);
        let unit = Unit::open_for(self.app, account, &self.job.request_id).await?;
        let mut unit = unit.ok_or_else(withdrawn)?;
        if self.kind == ImportKind::Member {
            unit.write.plan_afresh().await?;
        }
        let org = orgs(&unit, std::slice::from_ref(&self.job.organization_id))
            .await?
            .pop();
        let place = place_of(&org.ok_or_else(withdrawn)?)?;
        may_run(&unit.actor, self.kind, &Target::at(place.clone())).map_err(|_| withdrawn())?;
        unit.actor = narrowed(unit.actor, &place);
        Ok(unit)
    }
}
