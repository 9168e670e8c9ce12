//! Joining a branch and leaving it: figures and events of what goes along.

use domain::vocabulary::EntityKind;

use super::organization::Organization;
use super::writing::{Unit, upsert};
use crate::store::figure::Delta;
use crate::store::transaction::Event;

/// The period of figures that have none.
const NOW: &str = "now";

/// Adds to a headcount figure of an org and of everything above it.
pub(super) fn count(unit: &mut Unit, org: &Organization, metric: &str, value: i64) {
    unit.ledger.figures.push(Delta {
        path: org.path.clone(),
        metric: metric.to_owned(),
        period: NOW.to_owned(),
        value,
    });
}

/// An event about something of a member that now belongs to another org than before.
pub(super) fn moved(kind: EntityKind, id: &str, version: i64, to: &Organization, from: &Organization) -> Event {
    let mut event = upsert(kind, id, version, (&to.id, &to.path), &["organization"]);
    event.old_path = Some(from.path.clone());
    event
}
