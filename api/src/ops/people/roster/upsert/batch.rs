//! What the rows come to, written in one go.

use std::collections::BTreeSet;

use domain::intake::RowOutcome;
use domain::policy::Permit;
use domain::problem::{Problem, ProblemCode};

use super::super::enter::{Draft, ENTERED};
use super::super::{deltas, tell};
use super::RowResult;
use super::plan::{Changed, Planned};
use crate::ops::obligation::rejudge::rejudge;
use crate::ops::outcome::Outcome;
use crate::ops::seating::reseat;
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
        let mut branches = BTreeSet::new();
        for change in &self.changed {
            branches.insert(change.place.id.clone());
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
            branches.insert(entry.place.id.clone());
            deltas(unit, &entry.row, &entry.place.path, None, 1);
            tell(unit, &entry.permit, &entry.row, &entry.place, ENTERED);
            rows.push(entry.row);
            memberships.push(entry.membership);
        }
        if !rows.is_empty() {
            let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
            unit.write.insert_members(&self.permits, rows, memberships).await?;
            if !self.named.is_empty() {
                unit.write.insert_external_ids(&self.permits, self.named).await?;
            }
            reseat(unit, &ids).await?;
        }
        let branches: Vec<String> = branches.into_iter().collect();
        rejudge(unit, &branches, unit.today).await?;
        Ok(())
    }
}
