//! Writes that a node makes for an account behind its back: an import goes on after the request that began it. Rights are
//! decided in each of them anew.

use std::sync::{Arc, OnceLock};

use super::Unit;
use crate::app::App;
use crate::ops::outcome::Outcome;
use crate::store::transaction::{Ledger, Trail};

impl Unit {
    /// Begins a write for an account; `None` where it is closed, or its tokens were ended since `auth_epoch`.
    ///
    /// # Errors
    /// The database is away.
    pub(in crate::ops) async fn open_for(
        app: &Arc<App>,
        (account_id, auth_epoch): (&str, i64),
        request_id: &str,
    ) -> Outcome<Option<Self>> {
        let (now, today) = (app.clock.now(), app.today());
        let write = app.database.write().await?;
        let bearer = write.bearer(account_id, today).await?;
        let bearer = bearer.filter(|bearer| !bearer.disabled && bearer.auth_epoch == auth_epoch);
        Ok(bearer.map(|bearer| Self {
            app: app.clone(),
            write,
            actor: bearer.actor,
            now,
            today,
            ledger: Ledger::default(),
            decision: None,
            refusals: Vec::new(),
            kept: false,
            ground: OnceLock::new(),
            request_id: request_id.to_owned(),
        }))
    }

    /// What refusals leave in the trail, for who takes the write back and writes them down elsewhere.
    pub(in crate::ops) fn take_refusals(&mut self) -> Vec<(String, Trail)> {
        std::mem::take(&mut self.refusals)
    }

    /// Ends the write; what was refused in it stays in the trail. Without events, figures, inbox lines and trail it has no place
    /// in the log.
    ///
    /// # Errors
    /// Whatever the database refuses; then nothing of the write is there.
    pub(in crate::ops) async fn end(mut self) -> Outcome<()> {
        self.ledger.trail.append(&mut self.refusals);
        if self.ledger.is_empty() {
            self.write.keep().await?;
        } else {
            self.write.finish(self.ledger, self.now).await?;
        }
        Ok(())
    }
}
