//! A read operation: one snapshot, the rights that hold in it, the rulebook's day.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::policy::Scope;
use domain::policy::actor::Actor;
use domain::vocabulary::Language;

use super::outcome::Outcome;
use crate::app::App;
use crate::secrets::cursor::LogCursor;
use crate::store::feed::{Excerpt, Point};
use crate::store::rights::Bearer;
use crate::store::transaction::Snapshot;

/// The account and epoch that a verified token names; rights are read afresh with every snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHolder {
    pub account_id: String,
    pub auth_epoch: i64,
    pub expires_at: i64,
    /// The key that signed the token: what runs under it ends when the key is retired. `None` for what rests on no signature.
    pub key: Option<Arc<str>>,
}

/// Checks signature, times, issuer and audience of an access token.
pub async fn verify(app: &App, bearer: &str) -> Option<TokenHolder> {
    let (claims, key) = super::signing::verified(app, bearer).await?;
    Some(TokenHolder {
        account_id: claims.sub,
        auth_epoch: claims.epoch,
        expires_at: claims.exp,
        key: Some(key.into()),
    })
}

/// Everything a read may use.
pub struct Reading {
    pub app: Arc<App>,
    pub(crate) snapshot: Snapshot,
    pub actor: Actor,
    pub bearer: Option<Bearer>,
    pub today: NaiveDate,
}

impl Reading {
    /// Opens a snapshot for a token's account. A disabled account or an outdated epoch reads as nobody.
    ///
    /// # Errors
    /// The database is away.
    pub async fn open(app: Arc<App>, holder: Option<&TokenHolder>) -> Outcome<Self> {
        let today = app.today();
        let (snapshot, bearer) = app
            .database
            .snapshot_of(holder.map(|h| h.account_id.as_str()), today)
            .await?;
        let epoch = holder.map(|holder| holder.auth_epoch);
        Ok(Self::of(app, (snapshot, bearer), epoch, today))
    }

    /// The same for work that is done for an account without a token of it: what ends its tokens ends that too.
    ///
    /// # Errors
    /// The database is away.
    pub async fn open_for(app: Arc<App>, account_id: &str, auth_epoch: i64) -> Outcome<Self> {
        let today = app.today();
        let opened = app.database.snapshot_for(account_id, today).await?;
        Ok(Self::of(app, opened, Some(auth_epoch), today))
    }

    fn of(
        app: Arc<App>,
        (snapshot, bearer): (Snapshot, Option<Bearer>),
        auth_epoch: Option<i64>,
        today: NaiveDate,
    ) -> Self {
        let bearer = bearer.filter(|bearer| !bearer.disabled && auth_epoch == Some(bearer.auth_epoch));
        let actor = bearer
            .as_ref()
            .map_or_else(Actor::anonymous, |bearer| bearer.actor.clone());
        Self {
            app,
            snapshot,
            actor,
            bearer,
            today,
        }
    }

    /// Whether somebody waits for a statement of this snapshot.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.snapshot.is_busy()
    }

    /// The cursor of this very snapshot, once all that it shows is on disk.
    ///
    /// # Errors
    /// The database fails; no randomness.
    pub async fn cursor(&self) -> Outcome<String> {
        self.settle().await?;
        self.cursor_at(self.snapshot.position)
    }

    /// Waits until everything that this snapshot shows is on disk: before anybody goes on from it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn settle(&self) -> Outcome<()> {
        Ok(self.app.database.settle(self.snapshot.position).await?)
    }

    /// The cursor of a point within a commit, for this reader.
    ///
    /// # Errors
    /// No randomness.
    pub fn cursor_of(&self, point: Point) -> Outcome<String> {
        self.cursor_inside(point, None)
    }

    /// The cursor of a place in the telling of a structural event, for this reader.
    ///
    /// # Errors
    /// No randomness.
    pub fn cursor_inside(&self, point: Point, inside: Option<String>) -> Outcome<String> {
        let place = (point.position, point.sub);
        let cursor = LogCursor {
            inside,
            ..LogCursor::of(&self.actor.account_id, &self.snapshot.epoch, place)
        };
        Ok(cursor.seal(&self.app.keys)?)
    }

    /// The position that this snapshot has seen.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.snapshot.position
    }

    /// Up to which position the log is gone.
    ///
    /// # Errors
    /// The database is away.
    pub async fn trimmed(&self) -> Outcome<i64> {
        Ok(self.snapshot.log_trimmed().await?)
    }

    /// Events behind a point, as far as this snapshot reaches.
    ///
    /// # Errors
    /// The database is away.
    pub async fn log_after(&self, scope: &Scope, from: Point, most: u64) -> Outcome<Excerpt> {
        Ok(self.snapshot.log_after(scope, from, (most, self.today)).await?)
    }

    /// The cursor of a position, for this reader.
    ///
    /// # Errors
    /// No randomness.
    pub fn cursor_at(&self, position: i64) -> Outcome<String> {
        self.cursor_of(Point::after(position))
    }

    /// The oldest cursor after which every change is still kept.
    ///
    /// # Errors
    /// The database is away, or no randomness.
    pub async fn oldest_cursor(&self) -> Outcome<String> {
        self.cursor_at(self.trimmed().await?)
    }

    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.snapshot.epoch
    }

    #[must_use]
    pub fn language(&self) -> Option<Language> {
        self.bearer.as_ref().map(|bearer| bearer.language)
    }
}
