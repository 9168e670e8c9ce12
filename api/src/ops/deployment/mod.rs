//! What the command line does before anybody can sign in: the first committee, the first person, accounts. Whoever may
//! run it holds the database and the keys, so it asks no rights; each act stands in the trail without an account.

mod account;
mod begin;

use domain::policy::{Permit, SystemScope};

use super::outcome::Outcome;
use crate::app::App;
use crate::store::transaction::{Event, Ledger, Trail, Write};

pub use account::{AccountChange, Bearer, Fresh, change_account, open_account, open_service};
pub use begin::{Beginning, begin};

/// One write of the command line: rows, events and trail in one transaction.
struct Act<'a> {
    app: &'a App,
    write: Write,
    permit: Permit,
    ledger: Ledger,
}

impl<'a> Act<'a> {
    async fn begin(app: &'a App) -> Outcome<Self> {
        Ok(Self {
            app,
            write: app.database.write().await?,
            permit: Permit::system(SystemScope::Import),
            ledger: Ledger::default(),
        })
    }

    fn tell(&mut self, action: &str, event: Event) {
        let trail = Trail {
            action: action.to_owned(),
            subject_kind: event.kind.to_string(),
            subject_id: event.id.clone(),
            subject_org_id: event.organization_id.clone(),
            fields: event.fields.iter().map(ToString::to_string).collect(),
            ..Trail::default()
        };
        self.ledger.trail.push((self.app.ids.plain(), trail));
        self.ledger.events.push(event);
    }

    async fn end(self) -> Outcome<()> {
        self.write.finish(self.ledger, self.app.clock.now()).await?;
        Ok(())
    }
}
