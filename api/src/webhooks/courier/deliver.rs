//! One message of an endpoint: answered, signed, sent, noted; and what comes of one that is not taken.

use std::time::Duration;

use domain::vocabulary::{DeliveryKind, DeliveryState, GapCause, PauseReason};
use domain::webhook::After;
use tokio::sync::watch;

use super::{Courier, PATIENCE, Turn};
use crate::events::hub::Head;
use crate::events::rights::Standing;
use crate::ops::outcome::Outcome;
use crate::ops::webhook;
use crate::ops::webhook::tell::Note;
use crate::secrets::webhook::message_id;
use crate::store::feed::Point;
use crate::webhooks::Question;
use crate::webhooks::message::Message;
use crate::webhooks::post::{self, Tried};

/// Part of the id of what is said of a gap; messages of an event count from 0.
const GAP: i64 = -1;
/// A short wait for what is just about to happen.
const MOMENT: Duration = Duration::from_millis(100);

impl Courier {
    /// Says that the log could not be gone on from, and goes on from where it stands.
    pub(super) async fn tell_gap(
        &mut self,
        standing: &watch::Receiver<Standing>,
        cause: GapCause,
        head: Head,
    ) -> Outcome<Turn> {
        if let Err(why) = Self::reader(standing) {
            return self.without_rights(why).await;
        }
        let app = self.app.clone();
        let Ok(_place) = app.webhooks.places.acquire().await else {
            return Ok(Turn::Over);
        };
        let place = (self.told.at.position, self.told.at.sub);
        let id = message_id(&self.row.salt, &self.told.epoch, place, GAP);
        let cursor = self.cursor(&head.epoch, head.end)?;
        let message = Message::of_gap(id, cause, cursor, app.clock.now());
        let turn = self.deliver(&message).await?;
        if turn != Turn::On {
            return Ok(turn);
        }
        self.told.epoch = head.epoch.to_string();
        self.told.at = head.end;
        self.told.part = 0;
        self.flush().await
    }

    pub(super) fn cursor(&self, epoch: &str, at: Point) -> Outcome<String> {
        webhook::cursor(&self.app, &self.row, epoch, at)
    }

    /// Sends a message once and notes what came of it.
    pub(super) async fn deliver(&mut self, message: &Message) -> Outcome<Turn> {
        let answer = match self.question(message) {
            Some(question) => match (self.answering)(question).await {
                Some(answer) => Some(answer),
                None => {
                    self.rest(PATIENCE).await;
                    return Ok(Turn::Again);
                }
            },
            None => None,
        };
        // An attempt that might outlast the lease does not begin.
        if !self.hold.covers(self.app.webhooks.settings.attempt) {
            self.rest(MOMENT).await;
            return Ok(Turn::Again);
        }
        let tried = post::send(
            &self.app,
            &self.row.url,
            &self.secrets,
            &message.id,
            message.body(answer),
        )
        .await?;
        let mut note = self.note_for(message);
        if tried.attempt.failure.is_some() {
            note.add(&tried.attempt, DeliveryState::Pending);
            self.under_way = Some(note.row.clone());
            self.notes.push(note);
            return self.not_taken(tried).await;
        }
        note.add(&tried.attempt, DeliveryState::Delivered);
        self.notes.push(note);
        self.told.last_success_at = Some(tried.attempt.at);
        self.told.failing_since = None;
        self.told.next_attempt_at = None;
        self.told.attempts = 0;
        Ok(Turn::On)
    }

    /// The registered document, to be answered for a change.
    fn question(&self, message: &Message) -> Option<Question> {
        let document = self.row.document.clone()?;
        (message.kind == DeliveryKind::Change).then(|| Question {
            holder: self.holder.clone(),
            document,
            variables: message.variables(),
            message_id: message.id.clone(),
        })
    }

    /// Waits for the next attempt, or pauses the endpoint.
    async fn not_taken(&mut self, tried: Tried) -> Outcome<Turn> {
        let Some(failure) = tried.attempt.failure else {
            return Ok(Turn::On);
        };
        self.told.attempts += 1;
        let since = *self.told.failing_since.get_or_insert(tried.attempt.at);
        let attempts = u32::try_from(self.told.attempts).unwrap_or(u32::MAX);
        let chance = u16::from_be_bytes(crate::secrets::random::<2>()?) % 1001;
        let (now, retries) = (self.app.clock.now(), self.app.webhooks.settings.retries);
        match retries.after(failure, (now, since), attempts, chance, tried.asked) {
            After::Again(at) => {
                self.told.next_attempt_at = Some(at);
                let kept = self.flush().await?;
                Ok(if kept == Turn::Over { kept } else { Turn::Again })
            }
            After::GiveUp => self.pause(PauseReason::RetriesExhausted).await,
            After::Gone => self.pause(PauseReason::EndpointGone).await,
        }
    }

    /// The line of the log of deliveries for a message: the one that is there, where it was tried before.
    fn note_for(&mut self, message: &Message) -> Note {
        match self.under_way.take() {
            Some(row) if row.message_id == message.id => return Note { row, known: true },
            // It is told no more: rights changed, or the webhook went on from another place.
            Some(row) => {
                let mut note = Note { row, known: true };
                note.end(DeliveryState::Failed, self.app.clock.now());
                self.notes.push(note);
            }
            None => {}
        }
        let mut note = Note::new(&self.app, &self.row.id, &message.id, message.kind);
        message.describe(&mut note);
        note
    }
}
