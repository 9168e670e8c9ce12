//! What the rows come to, written in one go.

use domain::intake::RowOutcome;
use domain::policy::Permit;
use domain::problem::{Problem, ProblemCode};

use super::super::enter::{Draft, ENTERED};
use super::super::{deltas, tell};
use super::RowResult;
use super::plan::{Changed, Planned};
use crate::ops::obligation::rejudge::{Came, rejudge_grown};
use crate::ops::outcome::Outcome;
use crate::ops::seating::seat_new;
use crate::ops::writing::Unit;
use crate::store::external_id::ExternalId;

/// What is to be written.
#[derive(Default)]
pub(in crate::ops) struct Batch {
    permits: Vec<Permit>,
    created: Vec<Draft>,
    named: Vec<ExternalId>,
    changed: Vec<Changed>,
}

impl Batch {
    pub(super) fn take(&mut self, planned: Planned) -> RowResult {
        let (outcome, id, changes) = match planned {
            Planned::Create(draft, name) => {
                let id = draft.row.id.clone();
                self.permits.push(draft.permit.clone());
                self.created.push(*draft);
                self.named.extend(name);
                (RowOutcome::Created, id, Vec::new())
            }
            Planned::Change(change) => {
                let (id, changes) = (change.row.id.clone(), change.changes.clone());
                self.permits.push(change.permit.clone());
                self.changed.push(*change);
                (RowOutcome::Changed, id, changes)
            }
            Planned::Unchanged(id) => (RowOutcome::Unchanged, id, Vec::new()),
        };
        RowResult {
            outcome,
            member_id: Some(id),
            changes,
            problems: Vec::new(),
        }
    }

    pub(in crate::ops) async fn carry_out(self, unit: &mut Unit) -> Outcome<()> {
        self.enter(unit).await?.settle(unit).await
    }

    /// Writes the rows themselves; what follows from them is [`Entered::settle`]'s.
    pub(in crate::ops) async fn enter(self, unit: &mut Unit) -> Outcome<Entered> {
        for change in &self.changed {
            tell(unit, &change.permit, &change.row, &change.place, &change.fields);
        }
        if !self.changed.is_empty() {
            let rows = self.changed.into_iter().map(|change| change.row).collect();
            if !unit.write.update_members(&self.permits, rows).await? {
                return Err(Problem::at(ProblemCode::Conflict, "rows").into());
            }
        }
        let (mut rows, mut memberships) = (Vec::new(), Vec::new());
        for entry in self.created {
            deltas(unit, &entry.row, &entry.place.path, None, 1);
            tell(unit, &entry.permit, &entry.row, &entry.place, ENTERED);
            rows.push(entry.row);
            memberships.push(entry.membership);
        }
        let entered = Entered {
            came: Came::of(&rows),
            ids: rows.iter().map(|row| row.id.clone()).collect(),
        };
        if !rows.is_empty() {
            unit.write.insert_members(&self.permits, rows, memberships).await?;
        }
        if !self.named.is_empty() {
            unit.write.insert_external_ids(&self.permits, self.named).await?;
        }
        Ok(entered)
    }
}

/// Members who were entered, and nothing that follows from it yet.
pub(in crate::ops) struct Entered {
    ids: Vec<String>,
    came: Came,
}

impl Entered {
    /// Their seats at what lies ahead, and what their branches owe now: by all who are there by now.
    pub(in crate::ops) async fn settle(self, unit: &mut Unit) -> Outcome<()> {
        if self.ids.is_empty() {
            return Ok(());
        }
        seat_new(unit, &self.ids).await?;
        rejudge_grown(unit, &self.came).await
    }
}
