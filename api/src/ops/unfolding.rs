//! What a structural change of the log means row by row, for who keeps a copy.

use domain::policy::Subject;
use domain::vocabulary::EntityKind;

use super::outcome::Outcome;
use super::reading::Reading;
use crate::store::unfold::Shown;
pub use crate::store::unfold::{Area, KINDS};

impl Reading {
    pub(super) fn shown(&self, kind: EntityKind) -> Shown {
        match kind {
            EntityKind::Appointment => Shown::Posts(self.post_scopes()),
            EntityKind::Resolution => Shown::Minutes(self.minutes_scope()),
            _ => Shown::Rows(self.rows(Subject::of(kind))),
        }
    }

    /// Up to `most` ids of a kind that the reader sees in a part of the tree, behind one of them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn visible_ids(
        &self,
        kind: EntityKind,
        area: &Area<'_>,
        (after, most): (&str, usize),
    ) -> Outcome<Vec<String>> {
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        let shown = self.shown(kind);
        Ok(self
            .snapshot
            .ids_in((kind, &shown), area, self.today, (after, most))
            .await?)
    }
}
