//! Webhooks 事件推送: addresses at which a service account is told what changes, in order, with the rights that it has when it is
//! told (ADR 0094 to 0097).

pub mod manage;
pub mod run;
pub mod tell;

use chrono::{DateTime, Utc};
use domain::lifecycle::webhook::Standing;
use domain::policy::{Action, Permit, Place, Subject, Target, permit};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{AccountKind, DeliveryFailure, EntityKind, PauseReason, WebhookState};
use serde::{Deserialize, Serialize};

use super::organization::{Page, PageRequest, Within, place_of};
use super::outcome::Outcome;
use super::people::orgs;
use super::reading::Reading;
use super::writing::{Unit, upsert};
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
#[derive(Debug, Clone, serde::Serialize)]
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
        let cursor = crate::secrets::cursor::LogCursor {
            epoch: webhook.epoch.clone(),
            position: webhook.position,
            sub: webhook.sub,
            account: webhook.account_id.clone(),
            inside: None,
        };
        Ok(cursor.seal(&self.app.keys)?)
    }
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
    let id = row.within_id.clone()?;
    match row.within_kind.as_deref() {
        Some(EXACTLY) => Some(Within::Exactly(id)),
        Some(CHILDREN_OF) => Some(Within::ChildrenOf(id)),
        Some(SUBTREE_OF) => Some(Within::SubtreeOf(id)),
        _ => None,
    }
}

const EXACTLY: &str = "EXACTLY";
const CHILDREN_OF: &str = "CHILDREN_OF";
const SUBTREE_OF: &str = "SUBTREE_OF";

/// A part of the tree as it is stored: kind and org.
fn stored(within: Option<&Within>) -> (Option<String>, Option<String>) {
    let kind = within.map(|within| match within {
        Within::Exactly(_) => EXACTLY,
        Within::ChildrenOf(_) => CHILDREN_OF,
        Within::SubtreeOf(_) => SUBTREE_OF,
    });
    (kind.map(ToOwned::to_owned), within.map(|within| within.id().to_owned()))
}

/// The kinds of entity that a webhook is told of; none: all.
#[must_use]
pub fn types(row: &Webhook) -> Option<Vec<EntityKind>> {
    serde_json::from_value(row.types.clone()?).ok()
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

/// A service account with its place, and the permit for an act on its webhooks.
async fn account(unit: &Unit, id: &str, action: Action) -> Outcome<(Account, Place, Permit)> {
    let missing = || Problem::at(ProblemCode::NotFound, "accountId");
    let row = unit.write.find_account(id).await?.ok_or_else(missing)?;
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

/// A webhook that the actor may act on, with its place.
async fn found(unit: &Unit, touch: &Touch, action: Action) -> Outcome<(Webhook, Place, Permit)> {
    let missing = || Problem::at(ProblemCode::NotFound, "webhookId");
    let scope = unit.rows_of(Subject::Webhooks);
    let row = unit
        .write
        .webhook(&scope, &touch.webhook_id)
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
