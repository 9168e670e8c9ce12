//! What a node does with webhooks of its own accord: takes and gives back, notes what was told, pauses what is not taken.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::audience::Audience;
use domain::lifecycle::webhook::{Command, step};
use domain::policy::{Permit, SystemScope};
use domain::vocabulary::{DeliveryKind, DeliveryState, EntityKind, InboxKind, PauseReason};
use serde_json::json;

use super::super::outcome::Outcome;
use super::super::writing::upsert;
use super::manage::place_of_secret;
use super::{Attempt, Webhook, WebhookDelivery, standing, untried};
use crate::app::App;
use crate::store::inbox::{InboxChange, Line};
use crate::store::transaction::Ledger;
pub use crate::store::webhook_work::{Duty, Holder, Standing as Webhooks, Told};

/// Attempts of one message that are kept; older ones go.
const ATTEMPTS: usize = 60;

/// A webhook with all that telling it takes.
pub struct Loaded {
    pub row: Webhook,
    pub username: String,
    pub auth_epoch: i64,
    /// A message that was tried and not taken.
    pub under_way: Option<WebhookDelivery>,
}

/// A webhook as it stands now; `None` where it is gone.
///
/// # Errors
/// The database is away.
pub async fn load(app: &App, id: &str) -> Outcome<Option<Loaded>> {
    let snapshot = app.database.snapshot().await?;
    let Some(row) = snapshot.webhook_to_tell(id).await? else {
        return Ok(None);
    };
    let Some(account) = snapshot.find_account(&row.account_id).await? else {
        return Ok(None);
    };
    Ok(Some(Loaded {
        under_way: snapshot.delivery_under_way(id).await?,
        username: account.username,
        auth_epoch: account.auth_epoch,
        row,
    }))
}

/// The secrets that a webhook's messages are signed with now, the newest first, each with its end.
///
/// # Errors
/// A secret does not open; the database is away.
pub async fn secrets(app: &App, webhook: &str) -> Outcome<Vec<(String, Option<DateTime<Utc>>)>> {
    let ids = [webhook.to_owned()];
    let rows = app
        .database
        .snapshot()
        .await?
        .webhook_secrets(&ids, app.clock.now())
        .await?;
    let opened = rows.iter().rev().map(|row| {
        let plain = app.keys.open(&place_of_secret(&row.id), &row.secret_sealed)?;
        let secret = String::from_utf8(plain).map_err(|_| crate::secrets::SecretError::DoesNotOpen)?;
        Ok((secret, row.expires_at))
    });
    opened.collect()
}

/// Takes a webhook that nobody tells; `false` where another node was faster.
///
/// # Errors
/// The database is away.
pub async fn take(app: &App, id: &str, node: &str, milliseconds: i64) -> Outcome<bool> {
    let write = app.database.write().await?;
    let taken = write.lease_webhook(id, node, milliseconds).await?;
    write.keep().await?;
    Ok(taken)
}

/// Keeps all that a node tells for longer.
///
/// # Errors
/// The database is away.
pub async fn renew(app: &App, node: &str, milliseconds: i64) -> Outcome<()> {
    let write = app.database.write().await?;
    write.renew_leases(node, milliseconds).await?;
    Ok(write.keep().await?)
}

/// Gives one webhook back, or all of a node's.
///
/// # Errors
/// The database is away.
pub async fn release(app: &App, node: &str, one: Option<&str>) -> Outcome<()> {
    let write = app.database.write().await?;
    write.release_webhooks(node, one).await?;
    Ok(write.keep().await?)
}

/// Takes a trial to be sent; `false` where another node did.
///
/// # Errors
/// The database is away.
pub async fn claim(app: &App, trial: &WebhookDelivery, time: TimeDelta) -> Outcome<bool> {
    let write = app.database.write().await?;
    let claimed = write.claim_trial(&trial.id, time).await?;
    write.keep().await?;
    Ok(claimed)
}

/// A delivery as it is noted.
#[derive(Debug, Clone)]
pub struct Note {
    pub row: WebhookDelivery,
    /// It stands in the log of deliveries already.
    pub known: bool,
}

impl Note {
    /// A message that was not tried yet.
    #[must_use]
    pub fn new(app: &App, webhook: &str, message_id: &str, kind: DeliveryKind) -> Self {
        Self {
            row: untried(app, webhook, (kind, message_id), app.clock.now()),
            known: false,
        }
    }

    /// Adds an attempt, with how the message stands after it.
    pub fn add(&mut self, attempt: &Attempt, state: DeliveryState) {
        let mut attempts: Vec<Attempt> = serde_json::from_value(self.row.attempts.take()).unwrap_or_default();
        attempts.push(attempt.clone());
        let old = attempts.len().saturating_sub(ATTEMPTS);
        self.row.attempts = json!(attempts.split_off(old));
        self.row.tries += 1;
        self.end(state, attempt.at);
    }

    /// Says how the message stands.
    pub fn end(&mut self, state: DeliveryState, at: DateTime<Utc>) {
        self.row.state = state.to_string();
        self.row.finished_at = (state != DeliveryState::Pending).then_some(at);
    }
}

async fn write_notes(write: &crate::store::transaction::Write, notes: &[Note]) -> Outcome<()> {
    for note in notes {
        if note.known {
            write.update_delivery(&note.row).await?;
        } else {
            write.insert_delivery(note.row.clone()).await?;
        }
    }
    Ok(())
}

/// Notes how far a webhook has been told, and what came of its messages; `false` where it is no longer the holder's to tell, or
/// was changed in between. Then nothing is noted.
///
/// # Errors
/// The database is away.
pub async fn note(app: &App, holder: Holder<'_>, told: &Told, notes: &[Note]) -> Outcome<bool> {
    let write = app.database.write().await?;
    if !write.note_told(holder, told).await? {
        return Ok(false);
    }
    write_notes(&write, notes).await?;
    write.keep().await?;
    Ok(true)
}

/// Notes what came of a trial.
///
/// # Errors
/// The database is away.
pub async fn note_trial(app: &App, note: &Note) -> Outcome<()> {
    let write = app.database.write().await?;
    write_notes(&write, std::slice::from_ref(note)).await?;
    Ok(write.keep().await?)
}

/// Pauses a webhook of the server's own accord, and tells: in the log, and the head of the account's org. Never does the server
/// delete one. `false` where it is no longer the holder's to tell, or was changed in between.
///
/// # Errors
/// The database is away.
pub async fn pause(
    app: &Arc<App>,
    holder: Holder<'_>,
    (reason, username): (PauseReason, &str),
    (told, notes): (&Told, &[Note]),
) -> Outcome<bool> {
    let write = app.database.write().await?;
    if !write.note_told(holder, told).await? {
        return Ok(false);
    }
    write_notes(&write, notes).await?;
    let Some(mut row) = write.webhook_to_pause(holder.webhook).await? else {
        return Ok(false);
    };
    let Ok(step) = step(standing(&row), Command::Pause(reason)) else {
        return Ok(false);
    };
    let now = app.clock.now();
    let (state, reason) = step.state;
    row.state = state.to_string();
    row.pause_reason = reason.map(|reason| reason.to_string());
    row.paused_at = Some(now);
    if !write
        .update_webhook(&Permit::system(SystemScope::Feed), &mut row)
        .await?
    {
        return Ok(false);
    }
    let path = write.path_of(&row.organization_id).await?.unwrap_or_default();
    let at = (row.organization_id.as_str(), path.as_str());
    let mut event = upsert(EntityKind::Webhook, &row.id, row.version, at, step.fields);
    event.member_id = Some(row.account_id.clone());
    event.cause = "DELIVERY";
    let line = Line {
        id: app.ids.next(EntityKind::InboxItem),
        audience: Audience::Head(row.organization_id.clone()),
        kind: InboxKind::WebhookPaused,
        subject_kind: EntityKind::Webhook,
        subject_id: row.id.clone(),
        organization_id: row.organization_id.clone(),
        params: json!({"username": username, "reason": row.pause_reason}),
        due_on: None,
        raised_at: None,
    };
    let ledger = Ledger {
        events: vec![event],
        inbox: vec![InboxChange::Raise(line)],
        ..Ledger::default()
    };
    write.finish(ledger, now).await?;
    Ok(true)
}

/// Removes what was noted of deliveries longer ago than the log is kept.
///
/// # Errors
/// The database is away.
pub async fn trim(app: &App, chunk: u64) -> Outcome<u64> {
    let before = app.clock.now() - TimeDelta::days(app.log_days);
    let mut gone = 0;
    loop {
        let write = app.database.write().await?;
        let trimmed = write.trim_deliveries(before, chunk).await?;
        write.keep().await?;
        gone += trimmed;
        if trimmed < chunk {
            return Ok(gone);
        }
    }
}
