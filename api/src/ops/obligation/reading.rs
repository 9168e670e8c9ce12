//! Reads of obligations, alerts and deviations.

use domain::policy::Subject;

use crate::ops::organization::{Key, KeyKind, Page, PageRequest, Within};
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
pub use crate::store::alert::{Alert, AlertLevel, Deviation};
pub use crate::store::obligation::{HeldBrief, Obligation, ObligationFilter};

/// Obligations by the day they are due.
pub const BY_DUE: &[Key] = &[
    Key::of("obligation.due_on", KeyKind::Date, false),
    Key::text("obligation.id"),
];

/// Alerts, the newest first.
pub const BY_RAISED: &[Key] = &[Key::of("alert.raised_on", KeyKind::Date, true), Key::text("alert.id")];

impl Reading {
    /// A page of obligations, by due day.
    ///
    /// # Errors
    /// The database is away.
    pub async fn obligations_within(
        &self,
        within: &Within,
        filter: &ObligationFilter,
        page: &PageRequest,
    ) -> Outcome<Page<Obligation>> {
        let scope = self.rows(Subject::Obligations);
        Ok(self
            .snapshot
            .obligations_within(&scope, within, filter, BY_DUE, page)
            .await?)
    }

    /// Obligations by id, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn obligations(&self, ids: &[String]) -> Outcome<Vec<Obligation>> {
        Ok(self.snapshot.obligations(&self.rows(Subject::Obligations), ids).await?)
    }

    /// Held activities that stand as evidence, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn held_activities(&self, ids: &[String]) -> Outcome<Vec<HeldBrief>> {
        Ok(self
            .snapshot
            .held_activities(&self.rows(Subject::Activities), ids)
            .await?)
    }

    /// A page of alerts, the newest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn alerts_within(&self, within: &Within, open: Option<bool>, page: &PageRequest) -> Outcome<Page<Alert>> {
        let scope = self.rows(Subject::Obligations);
        Ok(self
            .snapshot
            .alerts_within(&scope, within, open, BY_RAISED, page)
            .await?)
    }

    /// Alerts by id, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn alerts(&self, ids: &[String]) -> Outcome<Vec<Alert>> {
        Ok(self.snapshot.alerts(&self.rows(Subject::Obligations), ids).await?)
    }

    /// The levels of alerts that were read.
    ///
    /// # Errors
    /// The database is away.
    pub async fn alert_levels(&self, ids: &[String]) -> Outcome<Vec<AlertLevel>> {
        Ok(self.snapshot.alert_levels(ids).await?)
    }

    /// Deviations by id, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn deviations(&self, ids: &[String]) -> Outcome<Vec<Deviation>> {
        Ok(self.snapshot.deviations(&self.rows(Subject::Obligations), ids).await?)
    }
}
