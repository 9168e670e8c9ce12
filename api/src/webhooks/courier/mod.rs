//! One endpoint: reads the log behind its place, decides each event with the rights of the moment, sends, and waits while its
//! receiver does not take a message. It keeps one stretch of the log in memory and no queue: what waits stands in the log.

mod deliver;

use std::sync::Arc;
use std::time::Duration;

use domain::sync::{Reader, Sight};
use domain::vocabulary::{ChangeExtent, EntityKind, PauseReason};
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Answering;
use super::message::Message;
use super::office::Hold;
use super::post::Secret;
use crate::app::App;
use crate::events::catalogue::Entry;
use crate::events::cut::{self, Part};
use crate::events::hub::{News, Topic};
use crate::events::rights::Standing;
use crate::events::stretch::Behind;
use crate::ops::organization::Within;
use crate::ops::outcome::Outcome;
use crate::ops::reading::TokenHolder;
use crate::ops::webhook::tell::{self, Holder, Loaded, Note, Told};
use crate::ops::webhook::{self, Webhook, WebhookDelivery};
use crate::secrets::webhook::message_id;
use crate::store::feed::Point;

/// Events of the log that are kept in memory.
const STRETCH: u64 = 200;
/// Facts that an event is decided by are no older than this; a slow receiver's next event is read anew.
const FRESH: Duration = Duration::from_secs(1);
/// Messages that were taken and are noted together; after a crash they are sent again, under the same ids.
const NOTED_TOGETHER: usize = 20;
/// Longest time that a message which was taken waits to be noted.
const NOTED_WITHIN: Duration = Duration::from_millis(500);
/// So often the place of an endpoint that nothing is told is noted.
const QUIET: Duration = Duration::from_secs(30);
/// Wait after the database failed.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a courier needs.
pub struct Courier {
    app: Arc<App>,
    node: Arc<str>,
    hold: Arc<Hold>,
    answering: Answering,
    stop: CancellationToken,
    row: Webhook,
    username: String,
    holder: TokenHolder,
    within: Option<Within>,
    types: Option<Vec<EntityKind>>,
    secrets: Vec<Secret>,
    told: Told,
    under_way: Option<WebhookDelivery>,
    notes: Vec<Note>,
    noted: Instant,
}

/// Whether there is more to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    On,
    /// The message at hand waits for its next attempt, or what was read is too old to decide by.
    Again,
    Over,
}

impl Courier {
    pub fn new(
        (app, node, hold): (&Arc<App>, &Arc<str>, &Arc<Hold>),
        answering: &Answering,
        stop: CancellationToken,
        (loaded, secrets): (Loaded, Vec<Secret>),
    ) -> Self {
        let row = loaded.row;
        Self {
            told: Told {
                epoch: row.epoch.clone(),
                at: webhook::position(&row),
                part: row.part,
                failing_since: row.failing_since,
                attempts: row.attempts,
                next_attempt_at: row.next_attempt_at,
                last_success_at: row.last_success_at,
            },
            holder: TokenHolder {
                account_id: row.account_id.clone(),
                auth_epoch: loaded.auth_epoch,
                expires_at: i64::MAX,
                key: None,
            },
            within: webhook::within(&row),
            types: webhook::types(&row),
            username: loaded.username,
            under_way: loaded.under_way,
            secrets,
            row,
            app: app.clone(),
            node: node.clone(),
            hold: hold.clone(),
            answering: answering.clone(),
            stop,
            notes: Vec::new(),
            noted: Instant::now(),
        }
    }

    /// Tells the endpoint until it is stopped, paused, or no longer this node's.
    pub async fn run(mut self) {
        let mut failing = false;
        while !self.stop.is_cancelled() {
            match self.round().await {
                Ok(Turn::On | Turn::Again) => failing = false,
                Ok(Turn::Over) => return,
                Err(failure) => {
                    if !std::mem::replace(&mut failing, true) {
                        tracing::warn!(webhook = %self.row.id, ?failure, "a webhook cannot be told; trying on");
                    }
                    self.rest(PATIENCE).await;
                }
            }
        }
        if let Err(failure) = self.flush().await {
            tracing::warn!(webhook = %self.row.id, ?failure, "what a webhook was told last is not noted; it will be told again");
        }
    }

    /// Waits, unless the courier is stopped.
    async fn rest(&self, time: Duration) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(time) => {}
        }
    }

    fn as_holder(&self) -> Holder<'_> {
        Holder {
            webhook: &self.row.id,
            node: &self.node,
            version: self.row.version,
        }
    }

    /// Notes what is not noted yet.
    async fn flush(&mut self) -> Outcome<Turn> {
        let kept = tell::note(&self.app, self.as_holder(), &self.told, &self.notes).await?;
        self.notes.clear();
        self.noted = Instant::now();
        Ok(if kept { Turn::On } else { Turn::Over })
    }

    /// One stretch of the log, or one wait.
    async fn round(&mut self) -> Outcome<Turn> {
        if !self.notes.is_empty() && self.flush().await? == Turn::Over {
            return Ok(Turn::Over);
        }
        if let Some(at) = self.told.next_attempt_at {
            let wait = (at - self.app.clock.now()).to_std().unwrap_or_default();
            if !wait.is_zero() {
                self.rest(wait.min(QUIET)).await;
                return Ok(Turn::On);
            }
        }
        let live = self.app.live.clone();
        let mut standing = live.rights.enter(&live, &self.holder).await?;
        let topic = match &self.within {
            Some(within) => Topic::Org(within.id().to_owned()),
            None => Topic::Everything,
        };
        // The seat first: whatever is committed while the stretch is read will be heard.
        let (head, mut news) = live.hub.join(&topic).await;
        let part = self.part().await?;
        let stretch = match live.behind(&self.told.epoch, self.told.at, (&head, STRETCH)).await? {
            Behind::Gap(cause, head) => return self.tell_gap(&standing, cause, head).await,
            Behind::Stretch(stretch) => stretch,
        };
        let read = Instant::now();
        for entry in &stretch.entries {
            if self.stop.is_cancelled() {
                return Ok(Turn::On);
            }
            match self.tell(&standing, entry, part.as_ref(), read).await? {
                Turn::On => {}
                other => return Ok(other),
            }
        }
        self.pass(stretch.end);
        if !self.notes.is_empty() && self.flush().await? == Turn::Over {
            return Ok(Turn::Over);
        }
        if stretch.more {
            return Ok(Turn::On);
        }
        self.wait(&mut standing, &mut news, part.as_ref()).await
    }

    /// The part of the tree that the endpoint is about, where its org stands now.
    async fn part(&self) -> Outcome<Option<Part>> {
        let Some(within) = self.within.clone() else {
            return Ok(None);
        };
        let path = self.app.database.path_of(within.id()).await?.unwrap_or_default();
        Ok(Some(Part { within, path }))
    }

    /// Everything up to a place was told or is none of the endpoint's.
    fn pass(&mut self, at: Point) {
        if at > self.told.at {
            self.told.at = at;
            self.told.part = 0;
        }
    }

    /// The account with the rights of the moment; else why nothing is told.
    fn reader(standing: &watch::Receiver<Standing>) -> Result<Arc<Reader>, Option<PauseReason>> {
        match &*standing.borrow() {
            Standing::Holds(reader) if reader.may_follow() => Ok(reader.clone()),
            Standing::Holds(_) => Err(Some(PauseReason::RightLost)),
            Standing::Disabled => Err(Some(PauseReason::AccountClosed)),
            // A new secret without overlap: the account is read anew.
            Standing::Outdated | Standing::Unknown => Err(None),
        }
    }

    async fn without_rights(&mut self, why: Option<PauseReason>) -> Outcome<Turn> {
        match why {
            Some(reason) => self.pause(reason).await,
            None => {
                if let Some(loaded) = tell::load(&self.app, &self.row.id).await? {
                    self.holder.auth_epoch = loaded.auth_epoch;
                }
                self.rest(Duration::from_millis(100)).await;
                Ok(Turn::Again)
            }
        }
    }

    async fn pause(&mut self, reason: PauseReason) -> Outcome<Turn> {
        let why = (reason, self.username.as_str());
        let noted = (&self.told, self.notes.as_slice());
        if tell::pause(&self.app, self.as_holder(), why, noted).await? {
            tracing::warn!(webhook = %self.row.id, %reason, "a webhook is paused");
        }
        self.notes.clear();
        Ok(Turn::Over)
    }

    fn is_of_types(&self, sight: &Sight) -> bool {
        // What is about a subtree is about objects of every kind in it.
        sight.extent == ChangeExtent::Subtree || self.types.as_ref().is_none_or(|types| types.contains(&sight.kind))
    }

    fn sights(&self, reader: &Reader, entry: &Entry, part: Option<&Part>) -> Vec<Sight> {
        let mut sights = cut::told(reader, entry, part);
        sights.retain(|sight| self.is_of_types(sight));
        sights
    }

    /// Tells what an event says to the account now.
    async fn tell(
        &mut self,
        standing: &watch::Receiver<Standing>,
        entry: &Arc<Entry>,
        part: Option<&Part>,
        read: Instant,
    ) -> Outcome<Turn> {
        let app = self.app.clone();
        loop {
            let reader = match Self::reader(standing) {
                Ok(reader) => reader,
                Err(why) => return self.without_rights(why).await,
            };
            let told = usize::try_from(self.told.part).unwrap_or_default();
            let sights = self.sights(&reader, entry, part);
            let Some(sight) = sights.get(told) else {
                self.pass(entry.point());
                return Ok(Turn::On);
            };
            let Ok(_place) = app.webhooks.places.acquire().await else {
                return Ok(Turn::Over);
            };
            if read.elapsed() > FRESH {
                return Ok(Turn::Again);
            }
            let last = told + 1 == sights.len();
            let at = if last { entry.point() } else { entry.point().before() };
            let place = (entry.row.position, entry.row.sub);
            let id = message_id(&self.row.salt, &self.told.epoch, place, self.told.part);
            let cursor = self.cursor(&self.told.epoch, at)?;
            let message = Message::of_change(id, entry, sight, cursor);
            match self.deliver(&message).await? {
                Turn::On if last => {
                    self.pass(entry.point());
                }
                Turn::On => {
                    self.told.at = at;
                    self.told.part += 1;
                }
                other => return Ok(other),
            }
            if self.notes.len() >= NOTED_TOGETHER || self.noted.elapsed() > NOTED_WITHIN {
                let kept = self.flush().await?;
                if kept == Turn::Over || last {
                    return Ok(kept);
                }
            } else if last {
                return Ok(Turn::On);
            }
        }
    }

    /// Waits until something is heard that the endpoint may have to be told of.
    async fn wait(
        &mut self,
        standing: &mut watch::Receiver<Standing>,
        news: &mut broadcast::Receiver<Arc<News>>,
        part: Option<&Part>,
    ) -> Outcome<Turn> {
        let begun = self.told.at;
        let quiet = tokio::time::sleep(QUIET);
        tokio::pin!(quiet);
        loop {
            let reader = match Self::reader(standing) {
                Ok(reader) => reader,
                Err(why) => return self.without_rights(why).await,
            };
            let heard = tokio::select! {
                () = self.stop.cancelled() => return Ok(Turn::On),
                () = &mut quiet => break,
                changed = standing.changed() => {
                    if changed.is_err() {
                        return Ok(Turn::On);
                    }
                    continue;
                }
                heard = news.recv() => heard,
            };
            match heard.as_deref() {
                Ok(News::Entries(entries)) => {
                    let new = |entry: &&Arc<Entry>| entry.point() > self.told.at;
                    let wanted = |entry: &Arc<Entry>| !self.sights(&reader, entry, part).is_empty();
                    if entries.iter().filter(new).any(wanted) {
                        return Ok(Turn::On);
                    }
                    if let Some(last) = entries.last() {
                        self.pass(last.point());
                    }
                }
                Ok(News::Restored(_)) | Err(broadcast::error::RecvError::Lagged(_)) => return Ok(Turn::On),
                Err(broadcast::error::RecvError::Closed) => return Ok(Turn::Over),
            }
        }
        // Nobody was told anything: the place is noted now and then, so that it never falls behind what is kept.
        if self.told.at != begun {
            return self.flush().await;
        }
        Ok(Turn::On)
    }
}
