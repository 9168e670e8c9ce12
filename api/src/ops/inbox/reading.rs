//! Reading one's inbox.

use domain::audience::audiences;

use super::InboxRow;
use crate::ops::organization::{Page, PageRequest};
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
use crate::store::inbox_read::Addressee;

impl Reading {
    fn addressee(&self) -> Addressee {
        Addressee {
            audiences: audiences(&self.actor),
            today: self.today,
        }
    }

    /// A page of what waits for the reader, latest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn inbox(&self, page: &PageRequest) -> Outcome<Page<InboxRow>> {
        Ok(self.snapshot.inbox(&self.addressee(), page).await?)
    }

    /// Those of these lines that wait for the reader.
    ///
    /// # Errors
    /// The database is away.
    pub async fn waiting_lines(&self, ids: &[String]) -> Outcome<Vec<InboxRow>> {
        Ok(self.snapshot.waiting_lines(&self.addressee(), ids).await?)
    }

    /// Ids of all that waits for the reader.
    ///
    /// # Errors
    /// The database is away.
    pub async fn waiting_ids(&self) -> Outcome<Vec<String>> {
        Ok(self.snapshot.waiting_ids(&self.addressee()).await?)
    }
}
