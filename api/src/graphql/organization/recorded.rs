//! What one record of an org's dated facts says: the history shows every record, a day shows the one that held.

use async_graphql::ID;
use domain::vocabulary::{OrganizationFlag, OrganizationKind, Sector};

use crate::ops::organization::Facts;

/// Reads a record.
pub(super) struct Recorded<'a>(pub &'a Facts);

impl Recorded<'_> {
    pub(super) fn kind(&self) -> Option<OrganizationKind> {
        self.0.kind.parse().ok()
    }

    pub(super) fn sector(&self) -> Option<Sector> {
        self.0.sector.parse().ok()
    }

    /// A fact that is true or false; what an older record does not know is false.
    pub(super) fn flag(&self, name: &str) -> bool {
        let fact = self.0.facts.get(name);
        fact.and_then(serde_json::Value::as_bool).unwrap_or_default()
    }

    pub(super) fn flags(&self) -> Vec<OrganizationFlag> {
        let flags = self.0.facts.get("flags").cloned();
        flags
            .and_then(|flags| serde_json::from_value(flags).ok())
            .unwrap_or_default()
    }

    pub(super) fn guided_by(&self) -> Option<ID> {
        let guide = self.0.facts.get("guidedBy")?;
        guide.as_str().map(|id| ID(id.to_owned()))
    }
}
