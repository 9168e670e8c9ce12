//! What the rulebook recommends (`MAY`) to an org, derived when it is read. It is for those who belong there: nobody above
//! sees whether advice was followed.

use std::collections::HashMap;

use domain::obligation::advice::{Advice, advice};
use domain::vocabulary::AccountKind;

use super::facts::known;
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
use crate::store::oversight::Extent;

impl Reading {
    /// Advice by org; orgs to which the reader does not belong have none.
    ///
    /// # Errors
    /// The database is away.
    pub async fn advice(&self, ids: &[String]) -> Outcome<HashMap<String, Vec<Advice>>> {
        let own: Vec<String> = ids.iter().filter(|id| self.belongs_to(id)).cloned().collect();
        if own.is_empty() {
            return Ok(HashMap::new());
        }
        let library = self.library().await?;
        let extent = Extent::since_year_of(self.today, self.today, library.looks_below());
        let facts = known(self.snapshot.oversight(&own, extent).await?, self.app.zone)?;
        let of = |one: super::facts::Known| {
            let books = library.books(&one.row)?;
            let facts = one.facts();
            Some((one.row.id.clone(), advice(&facts, &books, self.today)))
        };
        Ok(facts.into_iter().filter_map(of).collect())
    }

    /// A member of the branch or group, or a holder of a post of the org.
    fn belongs_to(&self, id: &str) -> bool {
        let member = self.actor.member.as_ref();
        let member = member.filter(|_| self.actor.kind == AccountKind::Person);
        let rosters = member.map(|one| [Some(&one.branch), one.group.as_ref()]);
        let at_roster = rosters.into_iter().flatten().flatten().any(|place| place.id == id);
        at_roster || self.actor.posts.iter().any(|held| held.org.id == id)
    }
}
