//! Reads of obligations, alerts and deviations.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::place;
use domain::policy::Subject;
use domain::vocabulary::ObligationStatus;

use crate::ops::organization::{Cap, Counted, Key, KeyKind, Page, PageRequest, Within};
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
use crate::store::alert::ComeUp;
pub use crate::store::alert::{Alert, AlertLevel, Deviation};
pub use crate::store::obligation::{Obligation, ObligationFilter, ObligationRevision};

/// Obligations by the day they are due.
pub const BY_DUE: &[Key] = &[
    Key::of("obligation.due_on", KeyKind::Date, false),
    Key::text("obligation.id"),
];

/// Alerts, the newest first.
pub const BY_RAISED: &[Key] = &[Key::of("alert.raised_on", KeyKind::Date, true), Key::text("alert.id")];

impl Reading {
    /// A page of obligations, by due day. On another day than today they are judged with that day as today, and the page may
    /// hold fewer rows than asked for.
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
        if filter.on == self.today {
            let found = self.snapshot.obligations_within(&scope, within, filter, BY_DUE, page);
            return Ok(found.await?);
        }
        let then = ObligationFilter {
            statuses: None,
            stored: false,
            ..filter.clone()
        };
        // Which of them are there on that day is known only once they are judged.
        let read = page.count.map_or_else(|| page.clone(), |Cap(cap)| judged_up_to(cap));
        let mut found = self
            .snapshot
            .obligations_within(&scope, within, &then, BY_DUE, &read)
            .await?;
        let rows = std::mem::take(&mut found.rows);
        found.rows = self.judged_on(filter.on, rows).await?;
        found.rows.retain(|row| match &filter.statuses {
            Some(statuses) => statuses.iter().any(|status| status.as_str() == row.status),
            None => row.status != ObligationStatus::NotOwed.as_str(),
        });
        Ok(match page.count {
            Some(_) => Page::of_count(Counted {
                number: u64::try_from(found.rows.len()).unwrap_or(u64::MAX),
                whole: !found.has_more,
            }),
            None => found,
        })
    }

    /// Every revision of closed obligations that were read, oldest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn obligation_revisions(&self, ids: &[String]) -> Outcome<Vec<ObligationRevision>> {
        Ok(self.snapshot.obligation_revisions(ids).await?)
    }

    /// Open alerts that have come up to an org, by the org directly below it that did not act, the most first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn alert_bundles(&self, organization: &str) -> Outcome<Vec<Bundle>> {
        let scope = self.rows(Subject::Obligations);
        let rows = self.snapshot.alerts_come_up_to(&scope, organization).await?;
        Ok(bundles(organization, rows))
    }

    /// Obligations by id, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn obligations(&self, ids: &[String]) -> Outcome<Vec<Obligation>> {
        Ok(self.snapshot.obligations(&self.rows(Subject::Obligations), ids).await?)
    }

    /// Deviations that were asked from obligations, those that the reader may see, the first one asked first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn deviations_from(&self, obligations: &[String]) -> Outcome<Vec<Deviation>> {
        let scope = self.rows(Subject::Obligations);
        Ok(self.snapshot.deviations_from(&scope, obligations).await?)
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

/// Most obligations that are judged as of another day in order to count them.
const MOST_JUDGED: u64 = 10_000;

fn judged_up_to(cap: Option<u64>) -> PageRequest {
    PageRequest {
        limit: cap.unwrap_or(MOST_JUDGED).min(MOST_JUDGED),
        backward: false,
        from: None,
        count: None,
    }
}

/// What came up to a level because one org directly below it did not act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The org directly below.
    pub child_id: String,
    pub unresolved: i64,
    /// Those that this level has not acknowledged.
    pub unacknowledged: i64,
    pub oldest_due_on: NaiveDate,
}

fn bundles(organization: &str, rows: Vec<ComeUp>) -> Vec<Bundle> {
    let mut by_child: BTreeMap<String, Bundle> = BTreeMap::new();
    for row in rows {
        let Some(child) = place::ids_on(&row.path).skip_while(|id| *id != organization).nth(1) else {
            continue;
        };
        let bundle = by_child.entry(child.to_owned()).or_insert_with(|| Bundle {
            child_id: child.to_owned(),
            unresolved: 0,
            unacknowledged: 0,
            oldest_due_on: row.oldest_due_on,
        });
        bundle.unresolved += row.number;
        bundle.unacknowledged += row.unacknowledged;
        bundle.oldest_due_on = bundle.oldest_due_on.min(row.oldest_due_on);
    }
    let mut all: Vec<Bundle> = by_child.into_values().collect();
    all.sort_by_key(|bundle| (std::cmp::Reverse(bundle.unresolved), bundle.oldest_due_on));
    all
}
