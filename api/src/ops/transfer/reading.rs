//! Reads of transfers.

use domain::policy::{Headed, Subject};
use domain::vocabulary::TransferState;

use super::super::organization::{Page, PageRequest, Within};
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::Transfer;

impl Reading {
    /// Transfers by id, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn transfers(&self, ids: &[String]) -> Outcome<Vec<Transfer>> {
        Ok(self.snapshot.transfers(&self.rows(Subject::Transfer), ids).await?)
    }

    /// Open transfers of members, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn pending_transfers(&self, members: &[String]) -> Outcome<Vec<Transfer>> {
        let scope = self.rows(Subject::Transfer);
        Ok(self.snapshot.pending_transfers(&scope, members).await?)
    }

    /// A page of transfers, the latest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn transfers_within(
        &self,
        within: &Within,
        states: Option<&[TransferState]>,
        page: &PageRequest,
    ) -> Outcome<Page<Transfer>> {
        let scope = self.rows(Subject::Transfer);
        Ok(self.snapshot.transfers_within(&scope, within, states, page).await?)
    }

    /// Orgs that members head today.
    ///
    /// # Errors
    /// The database is away.
    pub async fn headships(&self, members: &[String]) -> Outcome<Vec<(String, Headed)>> {
        Ok(self.snapshot.headships(members, self.today).await?)
    }
}
