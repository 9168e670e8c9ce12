//! The way in: from a cursor to the place in the log from which a stream goes on.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::policy::{Scope, SystemScope};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::GapCause;
use tokio::sync::broadcast;

use super::Live;
use super::catalogue::{Entry, entries};
use super::hub::{Head, News, Topic};
use crate::ops::outcome::Outcome;
use crate::secrets::cursor::LogCursor;
use crate::secrets::keyring::Keyring;
use crate::store::feed::Point;

/// Events that are looked through for one stream's replay.
const LOOKED_THROUGH: usize = 50_000;
/// Events that one stream replays.
const REPLAYED: usize = 5_000;
const BATCH: u64 = 500;

/// Reads the cursor that an account brings.
///
/// # Errors
/// `CURSOR_INVALID` for what was not sealed here or was changed, `CURSOR_OF_ANOTHER_ACCOUNT`.
pub fn opened(keys: &Keyring, account: &str, text: &str) -> Outcome<LogCursor> {
    let cursor = LogCursor::open(keys, text).map_err(|_| Problem::new(ProblemCode::CursorInvalid))?;
    if cursor.account != account {
        return Err(Problem::new(ProblemCode::CursorOfAnother).into());
    }
    Ok(cursor)
}

/// Behind which place a cursor goes on. A structural event whose telling was begun is told again as a whole.
#[must_use]
pub fn from(cursor: &LogCursor) -> Point {
    let point = Point {
        position: cursor.position,
        sub: cursor.sub,
    };
    match cursor.inside {
        Some(_) => point.before(),
        None => point,
    }
}

/// A seat among the followers with everything that was missed before it.
pub struct Seat {
    pub from: Point,
    pub head: Head,
    pub missed: VecDeque<Arc<Entry>>,
    pub gap: Option<GapCause>,
    pub news: broadcast::Receiver<Arc<News>>,
}

impl Live {
    /// Takes a seat among those who follow a topic, behind a cursor: what was missed is read from the log, everything later will be received; no event
    /// is in both or in neither. `wanted` says which events are kept.
    ///
    /// # Errors
    /// The database is away.
    pub async fn resume(
        &self,
        topic: &Topic,
        cursor: Option<&LogCursor>,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Outcome<Seat> {
        let _turn = self.entrances.acquire().await;
        let (head, news) = self.hub.join(topic).await;
        let reach = self.database.log_reach().await?;
        let Some(cursor) = cursor else {
            // From now on, even where the ring has yet to hear of what was committed before.
            let now = reach.map_or(head.end, |reach| Point::after(reach.position).max(head.end));
            return Ok(Seat::at(Head { end: now, ..head }, news, None));
        };
        let gap = reach.as_ref().and_then(|reach| {
            if cursor.epoch != reach.epoch {
                Some(GapCause::Restored)
            } else if cursor.position > reach.position {
                Some(GapCause::FromTheFuture)
            } else if from(cursor) < Point::after(reach.trimmed) {
                Some(GapCause::Expired)
            } else {
                None
            }
        });
        if gap.is_some() {
            return Ok(Seat::at(head, news, gap));
        }
        drop(news);
        if let Some(reach) = &reach {
            self.hub.come_to(Point::after(reach.position)).await;
        }
        self.catch_up(topic, from(cursor), wanted).await
    }

    async fn catch_up(&self, topic: &Topic, from: Point, wanted: impl Fn(&Entry) -> bool) -> Outcome<Seat> {
        let (mut missed, mut at, mut looked) = (VecDeque::new(), from, 0);
        loop {
            // The seat is taken anew before each batch: it never has to wait for longer than one batch is read.
            let (head, news) = self.hub.join(topic).await;
            if at >= head.end {
                return Ok(Seat {
                    from,
                    head,
                    missed,
                    gap: None,
                    news,
                });
            }
            let excerpt = self
                .database
                .log_after(&Scope::system(SystemScope::Feed), at, (BATCH, self.today()))
                .await?;
            if at < Point::after(excerpt.trimmed) {
                // Trimmed while it was read.
                let (head, news) = self.hub.join(topic).await;
                return Ok(Seat::at(head, news, Some(GapCause::Expired)));
            }
            looked += excerpt.events.len() + excerpt.unreadable;
            // No further than the node has come: what lies behind is told when the rights that it may change are known.
            at = excerpt.end.min(head.end);
            let known = entries(excerpt, self.today()).into_iter();
            let known = known.filter(|entry| entry.point() <= at && wanted(entry));
            missed.extend(known.map(Arc::new));
            if looked > LOOKED_THROUGH || missed.len() > REPLAYED {
                let (head, news) = self.hub.join(topic).await;
                return Ok(Seat::at(head, news, Some(GapCause::TooFarBehind)));
            }
            if at >= head.end {
                return Ok(Seat {
                    from,
                    head,
                    missed,
                    gap: None,
                    news,
                });
            }
        }
    }
}

impl Seat {
    fn at(head: Head, news: broadcast::Receiver<Arc<News>>, gap: Option<GapCause>) -> Self {
        Self {
            from: head.end,
            head,
            missed: VecDeque::new(),
            gap,
            news,
        }
    }
}
