//! What rows name, by one statement for all of them.

use std::collections::{BTreeSet, HashMap};

use domain::intake::By;

use crate::ops::outcome::Outcome;
use crate::ops::writing::Unit;
use crate::store::external_id::Identified;

fn external(named: &[By]) -> Vec<(String, String)> {
    let name = |by: &By| match by {
        By::Id(_) => None,
        By::External { system, value } => Some((system.clone(), value.clone())),
    };
    let found: BTreeSet<(String, String)> = named.iter().filter_map(name).collect();
    found.into_iter().collect()
}

/// Names in other systems: (kind, system, value) → id, whatever the writer may see.
pub(in crate::ops) struct Names(HashMap<(String, String, String), String>);

impl Names {
    pub(in crate::ops) async fn of(unit: &Unit, named: &[By]) -> Outcome<Self> {
        let found = unit.write.external_ids_named(&external(named)).await?;
        let found = found
            .into_iter()
            .map(|row| ((row.entity_kind, row.system, row.value), row.entity_id));
        Ok(Self(found.collect()))
    }

    pub(in crate::ops) fn id(&self, of: Identified, by: &By) -> Option<String> {
        match by {
            By::Id(id) => Some(id.clone()),
            By::External { system, value } => {
                let key = (of.kind().to_string(), system.clone(), value.clone());
                self.0.get(&key).cloned()
            }
        }
    }
}
