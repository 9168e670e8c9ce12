//! Webhooks as they run: paused and resumed, from another place in the log, with another secret, tried.

use chrono::DateTime;
use domain::lifecycle::webhook::{Command, step};
use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{DeliveryKind, EntityKind, InboxKind, PauseReason};

use super::super::outcome::Outcome;
use super::super::told::{Told, one_more, overlap_ends};
use super::super::writing::{Unit, upsert};
use super::manage::{fresh_secret, keep, place_in_log};
use super::{Touch, WebhookDelivery, found, standing, tell_of, untried};

/// Trials of one webhook that wait at once.
const TRIALS: u64 = 5;

/// Takes a step that changes nothing but the state. The id of the webhook.
async fn turn(unit: &mut Unit, touch: &Touch, command: Command) -> Outcome<Vec<String>> {
    let (mut row, place, permit) = found(unit, touch, Action::ChangeWebhook).await?;
    let step = unit.step("webhookId", step(standing(&row), command))?;
    let (state, reason) = step.state;
    row.state = state.to_string();
    row.pause_reason = reason.map(|reason| reason.to_string());
    row.paused_at = reason.map(|_| unit.now);
    keep(unit, &permit, &mut row).await?;
    unit.settle(&row.id, &[InboxKind::WebhookPaused]);
    tell_of(unit, &permit, &row, &place, step.fields);
    Ok(vec![row.id])
}

/// Tells a webhook nothing more until it is resumed; its place in the log stays. The id of the webhook.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, `WRONG_STATE`, or the database is away.
#[tracing::instrument(name = "ops.webhook.pause", skip_all)]
pub async fn pause(unit: &mut Unit, touch: &Touch) -> Outcome<Vec<String>> {
    turn(unit, touch, Command::Pause(PauseReason::ByHand)).await
}

/// Tells a webhook from where it stopped, in order; what was missed comes first. The id of the webhook.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, `WRONG_STATE`, or the database is away.
#[tracing::instrument(name = "ops.webhook.resume", skip_all)]
pub async fn resume(unit: &mut Unit, touch: &Touch) -> Outcome<Vec<String>> {
    turn(unit, touch, Command::Resume).await
}

/// Lets a webhook go on behind another place in the log, before or behind the one where it stands. The id of the webhook.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, a cursor that is not the account's, or the database is away.
#[tracing::instrument(name = "ops.webhook.replay", skip_all)]
pub async fn replay(unit: &mut Unit, touch: &Touch, cursor: &str) -> Outcome<Vec<String>> {
    let (mut row, place, permit) = found(unit, touch, Action::ChangeWebhook).await?;
    let step = unit.step("webhookId", step(standing(&row), Command::Replay))?;
    let (epoch, at) = place_in_log(unit, &row.account_id, Some(cursor)).await?;
    // The version first: whoever tells it notes nothing over the new place.
    keep(unit, &permit, &mut row).await?;
    unit.write.place_webhook(&permit, &row.id, &epoch, at).await?;
    tell_of(unit, &permit, &row, &place, step.fields);
    Ok(vec![row.id])
}

/// Makes a new secret, told once; messages are signed with the old ones too for the overlap. The id of the webhook.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, `INVALID` of the overlap, `TOO_MANY` that go on, or the database is away.
#[tracing::instrument(name = "ops.webhook.rotate", skip_all)]
pub async fn rotate(unit: &mut Unit, touch: &Touch, overlap_hours: i64, told: &Told) -> Outcome<Vec<String>> {
    let (mut row, place, permit) = found(unit, touch, Action::ChangeWebhook).await?;
    let step = unit.step("webhookId", step(standing(&row), Command::RotateSecret))?;
    let end = overlap_ends(unit.now, overlap_hours)?;
    unit.write.end_webhook_secrets(&row.id, (unit.now, end)).await?;
    one_more(unit.write.count_webhook_secrets(&row.id, unit.now).await?, "webhookId")?;
    keep(unit, &permit, &mut row).await?;
    fresh_secret(unit, &permit, &row.id, told).await?;
    tell_of(unit, &permit, &row, &place, step.fields);
    Ok(vec![row.id])
}

/// Lets a trial be sent, once and beside the order, also to a paused webhook. The ids of the webhook and of the message.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `TOO_MANY` that wait already, or the database is away.
#[tracing::instrument(name = "ops.webhook.test", skip_all)]
pub async fn test(unit: &mut Unit, touch: &Touch) -> Outcome<Vec<String>> {
    let (row, place, permit) = found(unit, touch, Action::TestWebhook).await?;
    unit.step("webhookId", step(standing(&row), Command::Test))?;
    if unit.write.count_trials(&row.id).await? >= TRIALS {
        return Err(Problem::at(ProblemCode::TooMany, "webhookId")
            .with("max", TRIALS)
            .into());
    }
    let message_id = format!("tst_{}", unit.app.ids.plain());
    let trial = WebhookDelivery {
        // Whatever the clock of the node that takes it says.
        due_at: Some(DateTime::UNIX_EPOCH),
        ..untried(&unit.app, &row.id, (DeliveryKind::Test, &message_id), unit.now)
    };
    unit.write.insert_delivery(trial).await?;
    let at = (place.id.as_str(), place.path.as_str());
    unit.trail(
        &permit,
        &upsert(EntityKind::Webhook, &row.id, row.version, at, &[]),
        None,
    );
    Ok(vec![row.id, message_id])
}
