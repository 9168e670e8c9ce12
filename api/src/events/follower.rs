//! One stream: a reader who follows the log.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::problem::ProblemCode;
use domain::sync::{Reader, Sight};
use domain::vocabulary::GapCause;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::Live;
use super::catalogue::Entry;
use super::hub::{News, Topic};
use super::resume::{Seat, opened};
use super::rights::Standing;
use crate::app::App;
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::reading::TokenHolder;
use crate::secrets::cursor::LogCursor;
pub use crate::store::feed::Point;

/// What a stream is about: decides, with the rights of the moment, whether and how an event is told.
pub type Lens = Arc<dyn Fn(&Reader, &Entry) -> Vec<Sight> + Send + Sync>;

/// What a stream says.
#[derive(Debug, Clone)]
pub enum Step {
    /// First, where the log goes on from the cursor: how many changes are replayed. Last, before the node goes down.
    Resumed { at: Point, replayed: u64 },
    /// First, or after a restore: what the reader keeps must be read anew; the stream goes on from here.
    Gap { at: Point, cause: GapCause },
    /// Last: the reader was too slow.
    Lagged { at: Point },
    Change {
        entry: Arc<Entry>,
        sight: Sight,
        /// Everything up to here is told with this message; before the event itself where more of it follows.
        at: Point,
    },
}

/// A reader's place in the log.
pub struct Follower {
    live: Arc<Live>,
    holder: TokenHolder,
    topic: Topic,
    lens: Lens,
    cursor: Option<LogCursor>,
    standing: watch::Receiver<Standing>,
    seat: Option<Seat>,
    queue: VecDeque<Arc<Entry>>,
    /// What the event at hand still says.
    parts: VecDeque<Step>,
    /// Everything up to here was told or is none of the reader's.
    at: Point,
    epoch: Arc<str>,
    /// Cancelled when the node goes down.
    leaving: CancellationToken,
    over: bool,
}

impl Follower {
    /// Begins to follow, from a cursor or from now.
    ///
    /// # Errors
    /// Not signed in; a cursor that is not the account's; the database is away.
    pub async fn begin(
        app: &Arc<App>,
        holder: Option<&TokenHolder>,
        after: Option<&str>,
        (topic, lens): (Topic, Lens),
    ) -> Outcome<Self> {
        let holder = holder.ok_or(Failure::Unauthenticated)?.clone();
        let cursor = after
            .map(|text| opened(&app.keys, &holder.account_id, text))
            .transpose()?;
        let live = app.live.clone();
        let standing = live.rights.enter(&live, &holder).await?;
        if !matches!(*standing.borrow(), Standing::Holds(_)) {
            return Err(Failure::Unauthenticated);
        }
        Ok(Self {
            live,
            holder,
            topic,
            lens,
            cursor,
            standing,
            seat: None,
            queue: VecDeque::new(),
            parts: VecDeque::new(),
            at: Point::default(),
            epoch: Arc::from(""),
            leaving: CancellationToken::new(),
            over: false,
        })
    }

    /// The stream ends with its node: its last message then says from where to go on.
    #[must_use]
    pub fn until(mut self, leaving: CancellationToken) -> Self {
        self.leaving = leaving;
        self
    }

    /// Refuses readers without any right to the log itself.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn of_the_log(self) -> Outcome<Self> {
        match self.reader() {
            Some(reader) if reader.may_follow() => Ok(self),
            _ => Err(ProblemCode::Forbidden.into()),
        }
    }

    /// The reader with the rights of the moment; `None` while they have none.
    #[must_use]
    pub fn reader(&self) -> Option<Arc<Reader>> {
        match &*self.standing.borrow() {
            Standing::Holds(reader) => Some(reader.clone()),
            Standing::Unknown | Standing::Disabled | Standing::Outdated => None,
        }
    }

    /// A name for something that this log tells, the same for all who follow it.
    #[must_use]
    pub fn name(&self, what: &impl std::fmt::Debug) -> String {
        format!("{} {what:?}", self.epoch)
    }

    /// The cursor of a point, for this reader.
    ///
    /// # Errors
    /// No randomness.
    pub fn cursor(&self, app: &App, at: Point) -> Outcome<String> {
        let cursor = LogCursor {
            epoch: self.epoch.to_string(),
            position: at.position,
            sub: at.sub,
            account: self.holder.account_id.clone(),
            inside: None,
        };
        Ok(cursor.seal(&app.keys)?)
    }

    /// What the reader is told next; `None` once the stream is over. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The database is away while the stream begins.
    pub async fn next(&mut self) -> Outcome<Option<Step>> {
        if self.over {
            return Ok(None);
        }
        if self.seat.is_none() {
            // In a box: what happens once is not to take room in the stream for good.
            return Box::pin(self.take_seat()).await.map(Some);
        }
        loop {
            if self.leaving.is_cancelled() {
                return Ok(Some(self.last_word()));
            }
            let Some(reader) = self.reader().filter(|_| !self.over) else {
                // Not the stream ends but its connection: a client told of a complete stream would not come back with
                // a new token.
                return std::future::pending().await;
            };
            if let Some(step) = self.take_queued(&reader) {
                return Ok(Some(step));
            }
            let Some(seat) = &mut self.seat else { return Ok(None) };
            let news = tokio::select! {
                news = seat.news.recv() => news,
                () = self.leaving.cancelled() => continue,
                changed = self.standing.changed() => {
                    self.over = changed.is_err();
                    continue;
                }
            };
            if let Some(step) = self.hear(news) {
                return Ok(Some(step));
            }
        }
    }

    /// How far the stream came, for who goes on elsewhere.
    fn last_word(&mut self) -> Step {
        self.over = true;
        let at = if self.parts.is_empty() {
            self.passed()
        } else {
            self.at.before()
        };
        Step::Resumed { at, replayed: 0 }
    }

    /// The place up to which there is nothing for this stream that it has not told. Its topic is silent about everything
    /// else, so that this may lie far behind the last event that it heard of.
    fn passed(&self) -> Point {
        // The head first: what lies before it was published before it.
        let head = self.live.hub.head();
        let all_heard = self.queue.is_empty() && self.seat.as_ref().is_some_and(|seat| seat.news.is_empty());
        match head {
            Some(head) if all_heard && head.epoch == self.epoch => self.at.max(head.end),
            Some(_) | None => self.at,
        }
    }

    /// What is there already, without waiting.
    pub fn ready(&mut self) -> Option<Step> {
        let reader = self.reader()?;
        loop {
            if self.over {
                return None;
            }
            if let Some(step) = self.take_queued(&reader) {
                return Some(step);
            }
            let news = match self.seat.as_mut()?.news.try_recv() {
                Ok(news) => Ok(news),
                Err(broadcast::error::TryRecvError::Empty) => return None,
                Err(broadcast::error::TryRecvError::Closed) => Err(broadcast::error::RecvError::Closed),
                Err(broadcast::error::TryRecvError::Lagged(missed)) => Err(broadcast::error::RecvError::Lagged(missed)),
            };
            if let Some(step) = self.hear(news) {
                return Some(step);
            }
        }
    }

    /// Everything up to here was told or is none of the reader's.
    #[must_use]
    pub fn at(&self) -> Point {
        self.at
    }

    fn take_queued(&mut self, reader: &Reader) -> Option<Step> {
        while self.parts.is_empty() {
            let entry = self.queue.pop_front()?;
            if entry.point() <= self.at {
                continue;
            }
            self.at = entry.point();
            let sights = (self.lens)(reader, &entry);
            let last = sights.len();
            self.parts
                .extend(sights.into_iter().zip(1..).map(|(sight, number)| Step::Change {
                    entry: entry.clone(),
                    sight,
                    at: if number == last {
                        entry.point()
                    } else {
                        entry.point().before()
                    },
                }));
        }
        self.parts.pop_front()
    }

    /// Whether anything that waits to be told is like this.
    pub fn awaits(&self, like: impl Fn(&Reader, &Entry) -> bool) -> bool {
        let Some(reader) = self.reader() else { return false };
        self.queue.iter().any(|entry| like(&reader, entry))
    }

    /// Passes over what waits to be told: the reader reads anew. Where they go on from.
    pub fn pass_over(&mut self) -> Point {
        if let Some(last) = self.queue.back() {
            self.at = last.point();
        }
        self.queue.clear();
        self.at
    }

    fn hear(&mut self, news: Result<Arc<News>, broadcast::error::RecvError>) -> Option<Step> {
        match news.as_deref() {
            Ok(News::Entries(entries)) => {
                self.queue.extend(entries.iter().cloned());
                None
            }
            Ok(News::Restored(head)) => {
                self.queue.clear();
                self.parts.clear();
                self.at = head.end;
                self.epoch = head.epoch.clone();
                Some(Step::Gap {
                    at: head.end,
                    cause: GapCause::Restored,
                })
            }
            Err(broadcast::error::RecvError::Lagged(_)) => {
                self.over = true;
                Some(Step::Lagged { at: self.at })
            }
            Err(broadcast::error::RecvError::Closed) => {
                self.over = true;
                None
            }
        }
    }

    async fn take_seat(&mut self) -> Outcome<Step> {
        let (lens, reader) = (self.lens.clone(), self.reader());
        let wanted = |entry: &Entry| reader.as_ref().is_some_and(|reader| !lens(reader, entry).is_empty());
        let mut seat = self.live.resume(&self.topic, self.cursor.as_ref(), wanted).await?;
        self.epoch = seat.head.epoch.clone();
        self.at = seat.from;
        self.queue = std::mem::take(&mut seat.missed);
        let replayed = u64::try_from(self.queue.len()).unwrap_or(u64::MAX);
        let step = match seat.gap {
            Some(cause) => Step::Gap { at: self.at, cause },
            None => Step::Resumed { at: self.at, replayed },
        };
        self.seat = Some(seat);
        Ok(step)
    }
}
