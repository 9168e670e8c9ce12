//! A stretch of the log, for who works through it at their own pace: as far as this node's rights have caught up, and no further.

use std::sync::Arc;

use domain::policy::{Scope, SystemScope};
use domain::vocabulary::GapCause;

use super::Live;
use super::catalogue::{Entry, entries};
use super::hub::Head;
use crate::ops::outcome::Outcome;
use crate::store::feed::Point;

/// Events behind a place.
pub struct Stretch {
    pub entries: Vec<Arc<Entry>>,
    /// Everything up to here has been looked at.
    pub end: Point,
    /// The log goes on behind it.
    pub more: bool,
}

/// What lies behind a place in the log.
pub enum Behind {
    Stretch(Stretch),
    /// It cannot be gone on from there; from the head on it can.
    Gap(GapCause, Head),
}

impl Live {
    /// Reads up to `most` events behind a place, no further than `head`: rights of what was published before it are known.
    ///
    /// # Errors
    /// The database is away.
    pub async fn behind(&self, epoch: &str, from: Point, (head, most): (&Head, u64)) -> Outcome<Behind> {
        if epoch != &*head.epoch {
            return Ok(Behind::Gap(GapCause::Restored, head.clone()));
        }
        // A cursor of this epoch from behind the head is of a commit that the relay is just about to read.
        if from >= head.end {
            return Ok(Behind::Stretch(Stretch {
                entries: Vec::new(),
                end: from,
                more: false,
            }));
        }
        let _turn = self.entrances.acquire().await;
        let feed = Scope::system(SystemScope::Feed);
        let excerpt = self.database.log_after(&feed, from, (most, self.today())).await?;
        if from < Point::after(excerpt.trimmed) && excerpt.trimmed > 0 {
            return Ok(Behind::Gap(GapCause::Expired, head.clone()));
        }
        let end = excerpt.end.min(head.end);
        let entries = entries(excerpt, self.today())
            .into_iter()
            .filter(|entry| entry.point() <= end)
            .map(Arc::new);
        Ok(Behind::Stretch(Stretch {
            entries: entries.collect(),
            end,
            more: end < head.end,
        }))
    }
}
