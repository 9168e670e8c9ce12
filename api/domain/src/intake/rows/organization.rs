//! Rows of orgs 党组织.

use chrono::NaiveDate;

use super::{Cells, Decided, External};
use crate::intake::record::Record;
use crate::intake::{By, RowAct};
use crate::problem::Problem;
use crate::vocabulary::{EntityKind, ImportKind, OrganizationKind, Sector};

/// An org as another system knows it; what is left out stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationRow {
    /// `UPSERT` or `DISSOLVE`.
    pub act: RowAct,
    pub organization: By,
    /// Besides its id: what another system is to call it.
    pub named: Option<External>,
    pub parent: Option<By>,
    pub name: Option<String>,
    pub kind: Option<OrganizationKind>,
    pub sector: Option<Sector>,
    pub founded_on: Option<NaiveDate>,
    pub has_committee: Option<bool>,
    pub approves: Option<bool>,
    pub joint: Option<bool>,
    pub temporary: Option<bool>,
    pub reason: Option<String>,
    pub decided: Option<Decided>,
}

impl OrganizationRow {
    /// Reads a record.
    ///
    /// # Errors
    /// Every cell that does not do.
    pub fn of(record: &Record) -> Result<Self, Vec<Problem>> {
        let mut cells = Cells::of(ImportKind::Organization, record);
        let act = cells.act();
        let subject = cells.subject(EntityKind::Organization);
        let parent = cells.by(EntityKind::Organization, "parentId", "parentExternalId");
        let (kind, sector) = (cells.value("kind"), cells.value("sector"));
        let founded_on = cells.day("foundedOn");
        let [has_committee, approves, joint, temporary] =
            ["hasCommittee", "approves", "joint", "temporary"].map(|key| cells.flag(key));
        let (name, reason) = (cells.text("name"), cells.text("reason"));
        let decided = cells.decided();
        let row = subject.map(|(organization, named)| Self {
            act,
            organization,
            named,
            parent,
            name,
            kind,
            sector,
            founded_on,
            has_committee,
            approves,
            joint,
            temporary,
            reason,
            decided,
        });
        cells.done(row)
    }
}
