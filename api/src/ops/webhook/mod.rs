//! Webhooks 事件推送: addresses at which a service account is told what changes, in order, with the rights that it has when it is
//! told (ADR 0094 to 0097).

pub mod manage;
pub mod run;
pub mod tell;

use chrono::{DateTime, Utc};
use domain::lifecycle::webhook::Standing;
use domain::policy::{Action, Permit, Place, Subject, Target, permit};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{
    AccountKind, DeliveryFailure, DeliveryKind, DeliveryState, EntityKind, PauseReason, WebhookState,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::organization::{Page, PageRequest, Within, place_of};
use super::outcome::Outcome;
use super::people::orgs;
use super::reading::Reading;
use super::writing::{Unit, upsert};
use crate::app::App;
use crate::secrets::cursor::LogCursor;
use crate::store::account::Account;
use crate::store::feed::Point;
pub use crate::store::webhook::{Webhook, WebhookDelivery, WebhookSecret};

/// A webhook that was read at a version.
#[derive(Debug, Clone)]
pub struct Touch {
    pub webhook_id: String,
    pub expected_version: Option<i64>,
}

/// One attempt to deliver a message, as it is noted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub ms: i64,
    /// What the receiver answered; none where it did not.
    pub status: Option<u16>,
    /// Why it failed; none where the message was taken.
    pub failure: Option<DeliveryFailure>,
}

/// Which webhooks a list is about.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    pub within: Option<Within>,
    pub account_id: Option<String>,
    pub states: Vec<String>,
}

impl Reading {
    /// Webhooks by id: one's own, and those that one looks after.
    ///
    /// # Errors
    /// The database is away.
    pub async fn webhooks(&self, ids: &[String]) -> Outcome<Vec<Webhook>> {
        Ok(self.snapshot.webhooks(&self.rows(Subject::Webhooks), ids).await?)
    }

    /// A page of webhooks, the oldest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn webhooks_within(&self, asked: &Asked, page: &PageRequest) -> Outcome<Page<Webhook>> {
        let scope = self.rows(Subject::Webhooks);
        let asked = (
            asked.within.as_ref(),
            asked.account_id.as_deref(),
            asked.states.as_slice(),
        );
        Ok(self.snapshot.webhooks_within(&scope, asked, page).await?)
    }

    /// Secrets of webhooks that messages are signed with; shown, without the secrets, with the webhook.
    ///
    /// # Errors
    /// The database is away.
    pub async fn webhook_secrets(&self, webhooks: &[String]) -> Outcome<Vec<WebhookSecret>> {
        Ok(self.snapshot.webhook_secrets(webhooks, self.app.clock.now()).await?)
    }

    /// A page of what a webhook that the reader sees was told, the latest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn webhook_deliveries(
        &self,
        webhook: &str,
        states: &[String],
        page: &PageRequest,
    ) -> Outcome<Page<WebhookDelivery>> {
        Ok(self.snapshot.webhook_deliveries(webhook, states, page).await?)
    }

    /// The place in the log that a webhook has been told up to, as a cursor of its account.
    ///
    /// # Errors
    /// No randomness.
    pub fn position_of(&self, webhook: &Webhook) -> Outcome<String> {
        cursor(&self.app, webhook, &webhook.epoch, position(webhook))
    }
}

/// A place in an epoch of the log as a cursor of a webhook's account.
///
/// # Errors
/// No randomness.
pub fn cursor(app: &App, webhook: &Webhook, epoch: &str, at: Point) -> Outcome<String> {
    let cursor = LogCursor::of(&webhook.account_id, epoch, (at.position, at.sub));
    Ok(cursor.seal(&app.keys)?)
}

/// The state of a webhook, with why it is paused.
#[must_use]
pub fn standing(row: &Webhook) -> Standing {
    let state = row.state.parse().unwrap_or(WebhookState::Paused);
    let reason: Option<PauseReason> = row.pause_reason.as_deref().and_then(|code| code.parse().ok());
    (state, reason)
}

/// The part of the tree that a webhook is about; none: all that its account may see.
#[must_use]
pub fn within(row: &Webhook) -> Option<Within> {
    Within::stored(row.within_kind.as_deref()?, row.within_id.clone()?)
}

/// A part of the tree as it is stored: kind and org.
fn stored(within: Option<&Within>) -> (Option<String>, Option<String>) {
    within
        .map(|within| (within.extent().to_owned(), within.id().to_owned()))
        .unzip()
}

/// The kinds of entity that a webhook is told of; none: all.
#[must_use]
pub fn types(row: &Webhook) -> Option<Vec<EntityKind>> {
    serde_json::from_value(row.types.clone()?).ok()
}

/// A message of a webhook that was not tried yet.
fn untried(app: &App, webhook: &str, (kind, message_id): (DeliveryKind, &str), at: DateTime<Utc>) -> WebhookDelivery {
    WebhookDelivery {
        id: app.ids.plain(),
        webhook_id: webhook.to_owned(),
        message_id: message_id.to_owned(),
        kind: kind.to_string(),
        op: None,
        extent: None,
        entity_kind: None,
        entity_id: None,
        state: DeliveryState::Pending.to_string(),
        tries: 0,
        attempts: json!([]),
        created_at: at,
        finished_at: None,
        due_at: None,
    }
}

/// What rights are asked about: the org of the account, and the account itself.
#[must_use]
pub fn target_of(place: Place, account_id: &str) -> Target {
    Target::at(place).about(account_id)
}

/// Where a webhook has been told up to.
#[must_use]
pub fn position(row: &Webhook) -> Point {
    Point {
        position: row.position,
        sub: row.sub,
    }
}

/// A service account with its place, and the permit for an act on its webhooks. It is held: two that register go one after the
/// other, and neither counts past the other.
async fn account(unit: &Unit, id: &str, action: Action) -> Outcome<(Account, Place, Permit)> {
    let missing = || Problem::at(ProblemCode::NotFound, "accountId");
    let row = unit.write.hold_account(id).await?.ok_or_else(missing)?;
    let org = row
        .organization_id
        .clone()
        .filter(|_| row.kind == AccountKind::Service.as_str())
        .ok_or_else(missing)?;
    let place = place_of(&orgs(unit, &[org]).await?.pop().ok_or_else(missing)?)?;
    let own = unit.actor.account_id == row.id;
    let permit = permit(&unit.actor, action, &target_of(place.clone(), &row.id)).map_err(|refusal| match own {
        // One's own account is there, whatever one may do with it.
        true => refusal.reason(),
        false => refusal.problem("accountId"),
    })?;
    if row.disabled_at.is_some() {
        return Err(Problem::wrong_state("accountId", "CLOSED").into());
    }
    Ok((row, place, permit))
}

/// A webhook that the actor may act on, with its place. It is held: acts on one go one after the other.
async fn found(unit: &Unit, touch: &Touch, action: Action) -> Outcome<(Webhook, Place, Permit)> {
    let missing = || Problem::at(ProblemCode::NotFound, "webhookId");
    let scope = unit.rows_of(Subject::Webhooks);
    let row = unit
        .write
        .hold_webhook(&scope, &touch.webhook_id)
        .await?
        .ok_or_else(missing)?;
    let ids = std::slice::from_ref(&row.organization_id);
    let place = place_of(&orgs(unit, ids).await?.pop().ok_or_else(missing)?)?;
    let permit = unit.require(action, &target_of(place.clone(), &row.account_id), "webhookId")?;
    super::people::expect(row.version, touch.expected_version)?;
    Ok((row, place, permit))
}

fn tell_of(unit: &mut Unit, permit: &Permit, row: &Webhook, place: &Place, fields: &[&'static str]) {
    let at = (place.id.as_str(), place.path.as_str());
    let mut event = upsert(EntityKind::Webhook, &row.id, row.version, at, fields);
    event.member_id = Some(row.account_id.clone());
    unit.note(permit, event);
}
