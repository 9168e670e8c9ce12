//! Sends a trial that somebody asked for: once, beside the order, also to a paused webhook.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::vocabulary::DeliveryState;

use super::message::Message;
use super::post;
use crate::app::App;
use crate::ops::outcome::Outcome;
use crate::ops::webhook::WebhookDelivery;
use crate::ops::webhook::tell::{self, Note};

/// Sends it, unless another node does.
///
/// # Errors
/// The database is away.
pub async fn send(app: Arc<App>, trial: WebhookDelivery) -> Outcome<()> {
    let Ok(_place) = app.webhooks.places.acquire().await else {
        return Ok(());
    };
    // A node that dies over it leaves it to another one.
    let lease = TimeDelta::from_std(app.webhooks.settings.lease()).unwrap_or(TimeDelta::minutes(1));
    if !tell::claim(&app, &trial, lease).await? {
        return Ok(());
    }
    let Some(loaded) = tell::load(&app, &trial.webhook_id).await? else {
        return Ok(());
    };
    let secrets = tell::secrets(&app, &trial.webhook_id).await?;
    let message = Message::of_trial(trial.message_id.clone(), &trial.webhook_id, app.clock.now());
    let tried = post::send(&app, &loaded.row.url, &secrets, &message.id, message.body(None)).await?;
    let state = match tried.attempt.failure {
        None => DeliveryState::Delivered,
        Some(_) => DeliveryState::Failed,
    };
    let mut note = Note {
        row: trial,
        known: true,
    };
    note.row.due_at = None;
    note.add(&tried.attempt, state);
    tell::note_trial(&app, &note).await
}
