//! Reads of organizations.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::organization_history::{Record, changes};
use domain::place::allowed_children;
use domain::policy::{Ancestor, Grant, Place, Scope, Subject, Target, scope};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::OrganizationChange;

use super::member::Seen;
use super::outcome::Outcome;
use super::reading::Reading;
pub use crate::store::figure::{Figure, NOW};
use crate::store::member::Appointment;
pub use crate::store::organ::Organ;
pub use crate::store::organization::OrderBy;
pub use crate::store::organization::{Organization, OrganizationFilter, Within, place_of};
pub use crate::store::page::{Cap, Counted, Key, KeyKind, Page, PageRequest};
pub use crate::store::past::{Facts, HeadcountRow};
pub use crate::store::structure::flags_of;

/// A record of an org's facts, with what it changed.
#[derive(Debug, Clone)]
pub struct Past {
    pub facts: Facts,
    pub changes: Vec<OrganizationChange>,
    /// Whether the reader may see why.
    pub grounds_shown: bool,
}

/// A record as the domain compares it; the last one, if it ends where it begins, is the dissolution.
fn record(facts: &Facts, is_last: bool) -> Record<'_, (&str, &str, &serde_json::Value)> {
    Record {
        name: &facts.name,
        parent_id: facts.parent_id.as_deref(),
        dissolved: is_last && facts.until_on == Some(facts.from_on),
        facts: (&facts.kind, &facts.sector, &facts.facts),
    }
}

impl Reading {
    /// What this reader may see of a subject, row by row.
    #[must_use]
    pub fn rows(&self, subject: Subject) -> Scope {
        scope(&self.actor, subject, Grant::Rows)
    }

    /// Of which orgs this reader may see a subject's figures.
    #[must_use]
    pub fn figures_of(&self, subject: Subject) -> Scope {
        scope(&self.actor, subject, Grant::Figures)
    }

    /// Orgs by id, those that the directory shows.
    ///
    /// # Errors
    /// The database is away.
    pub async fn organizations(&self, ids: &[String]) -> Outcome<Vec<Organization>> {
        self.known_or_read(&self.rows(Subject::Directory), ids).await
    }

    /// Orgs by id under a scope; those that came with the rights are not read again.
    pub(super) async fn known_or_read(&self, scope: &Scope, ids: &[String]) -> Outcome<Vec<Organization>> {
        let known = self.bearer.iter().flat_map(|bearer| &bearer.organizations);
        let mut rows: Vec<Organization> = Vec::new();
        for row in known.filter(|row| ids.contains(&row.id)) {
            if scope.contains(&Target::at(place_of(row)?)) {
                rows.push(row.clone());
            }
        }
        let known = |id: &&String| rows.iter().any(|row| row.id == **id);
        let rest: Vec<String> = ids.iter().filter(|id| !known(id)).cloned().collect();
        if !rest.is_empty() {
            rows.extend(self.snapshot.organizations(scope, &rest).await?);
        }
        Ok(rows)
    }

    /// A page of the directory.
    ///
    /// # Errors
    /// The database is away.
    pub async fn organizations_within(
        &self,
        within: &Within,
        keys: &[Key],
        page: &PageRequest,
    ) -> Outcome<Page<Organization>> {
        Ok(self
            .snapshot
            .organizations_within(&self.rows(Subject::Directory), within, keys, page)
            .await?)
    }

    /// Children per org.
    ///
    /// # Errors
    /// The database is away.
    pub async fn child_counts(&self, ids: &[String]) -> Outcome<Vec<(String, i64)>> {
        Ok(self.snapshot.child_counts(ids).await?)
    }

    /// Current secretaries (书记) of orgs; the directory shows them to everybody signed in.
    ///
    /// # Errors
    /// The database is away.
    pub async fn secretaries(&self, ids: &[String]) -> Outcome<Vec<(Appointment, Option<Seen>)>> {
        let rows = self.snapshot.secretaries(ids, self.today).await?;
        let people = self
            .see(rows.iter().filter_map(|(_, member)| member.clone()).collect())
            .await?;
        let seen = |appointment: &Appointment| people.iter().find(|seen| seen.row.id == appointment.member_id).cloned();
        Ok(rows
            .into_iter()
            .map(|(appointment, _)| {
                let seen = seen(&appointment);
                (appointment, seen)
            })
            .collect())
    }

    /// Organs of committees; whoever sees the org sees them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn organs_of(&self, ids: &[String]) -> Outcome<Vec<Organ>> {
        Ok(self.snapshot.organs_of(ids).await?)
    }

    /// Figures of obligations, or headcounts under the period `now`.
    ///
    /// # Errors
    /// The database is away.
    pub async fn figures(&self, subject: Subject, ids: &[String], periods: &[String]) -> Outcome<Vec<Figure>> {
        Ok(self.snapshot.figures(&self.figures_of(subject), ids, periods).await?)
    }
}

/// Places of orgs that were read, for decisions on what hangs on them.
///
/// # Errors
/// A row that the glossary does not know.
pub fn places(rows: &[Organization]) -> Outcome<Vec<Place>> {
    Ok(rows.iter().map(place_of).collect::<Result<_, _>>()?)
}

/// The place that an org founded below would have; `path` holds the orgs from the root down. `None` where nothing may
/// stand below.
///
/// # Errors
/// A row that the glossary does not know.
pub fn place_below(path: &[Arc<Organization>]) -> Outcome<Option<Place>> {
    let mut ancestors = Vec::new();
    for row in path {
        ancestors.push(Ancestor {
            id: row.id.clone(),
            kind: place_of(row)?.kind,
            approves: row.approves,
        });
    }
    let kind = ancestors.last().and_then(|above| allowed_children(above.kind).first());
    Ok(kind.map(|kind| Place::below(&ancestors, "new", *kind, None)))
}

/// How children are ordered.
#[derive(Debug, Clone)]
pub struct Order {
    /// What page cursors are bound to.
    pub name: String,
    pub descending: bool,
    pub by: OrderBy,
}

impl Reading {
    /// A page of children in an order, each with its key values.
    ///
    /// # Errors
    /// The database is away.
    pub async fn children_by(
        &self,
        within: &Within,
        order: &Order,
        page: &PageRequest,
    ) -> Outcome<Page<(Organization, Vec<String>)>> {
        let subject = match order.by {
            OrderBy::Headcount => Subject::Roster,
            OrderBy::Name | OrderBy::Rate(_) | OrderBy::OpenAlerts => Subject::Obligations,
        };
        let (directory, figures) = (self.rows(Subject::Directory), self.figures_of(subject));
        let order = (&order.by, order.descending);
        Ok(self
            .snapshot
            .children_by(&directory, &figures, within, order, page)
            .await?)
    }

    /// A page of the orgs that a leading group guides, by name.
    ///
    /// # Errors
    /// The database is away.
    pub async fn guided_by(&self, guide: &str, page: &PageRequest) -> Outcome<Page<Organization>> {
        Ok(self
            .snapshot
            .guided_by(&self.rows(Subject::Directory), guide, page)
            .await?)
    }

    /// A page of the directory by name, filtered.
    ///
    /// # Errors
    /// The database is away.
    pub async fn directory(
        &self,
        within: &Within,
        filter: &OrganizationFilter,
        descending: bool,
        page: &PageRequest,
    ) -> Outcome<Page<Organization>> {
        let scope = self.rows(Subject::Directory);
        Ok(self
            .snapshot
            .directory(&scope, within, filter, descending, page)
            .await?)
    }

    /// A page of the records of an org's facts, newest first. Reasons and decisions are for those who may read its trail.
    ///
    /// # Errors
    /// The database is away.
    pub async fn history_of(&self, row: &Organization, page: &PageRequest) -> Outcome<Page<Past>> {
        let grounds_shown = self.rows(Subject::AuditTrail).contains(&Target::at(place_of(row)?));
        let records = self
            .snapshot
            .history_of(&self.rows(Subject::Directory), &row.id, page)
            .await?;
        Ok(records.map(|one| Past {
            changes: changes(
                one.before.as_ref().map(|before| record(before, false)).as_ref(),
                &record(&one.facts, one.is_last),
            ),
            facts: one.facts,
            grounds_shown,
        }))
    }

    /// For each org the facts of a day from the root down; orgs that were not there that day are left out.
    ///
    /// # Errors
    /// The database is away.
    pub async fn facts_on(&self, ids: &[String], on: NaiveDate) -> Outcome<HashMap<String, Vec<Facts>>> {
        Ok(self.snapshot.facts_on(&self.rows(Subject::Directory), ids, on).await?)
    }

    /// Headcounts of a day, of those orgs whose headcount the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn headcounts_on(&self, ids: &[String], on: NaiveDate) -> Outcome<Vec<HeadcountRow>> {
        let shown = self
            .snapshot
            .organizations(&self.figures_of(Subject::Roster), ids)
            .await?;
        let shown: Vec<String> = shown.into_iter().map(|row| row.id).collect();
        let mut rows = self.snapshot.headcounts_on(&shown, on).await?;
        let counted: Vec<String> = rows.iter().map(|row| row.organization_id.clone()).collect();
        // Nobody belonged there that day.
        rows.extend(
            shown
                .into_iter()
                .filter(|id| !counted.contains(id))
                .map(|organization_id| HeadcountRow {
                    organization_id,
                    full_members: 0,
                    probationary_members: 0,
                }),
        );
        Ok(rows)
    }
}

impl Reading {
    /// Refuses a part of the tree whose org the directory does not show. The path of its org.
    ///
    /// # Errors
    /// `NOT_FOUND`; the database is away.
    pub async fn visible(&self, within: &Within) -> Outcome<String> {
        let (Within::Exactly(id) | Within::ChildrenOf(id) | Within::SubtreeOf(id)) = within;
        let found = self.organizations(std::slice::from_ref(id)).await?.pop();
        Ok(found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?.path)
    }
}
