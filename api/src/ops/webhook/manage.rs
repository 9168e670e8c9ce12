//! Registering webhooks, changing what they are told, deleting them.

use std::collections::BTreeSet;

use domain::lifecycle::webhook::{Command, step};
use domain::policy::{Action, Grant, Permit, Subject, permit, scope};
use domain::problem::{Problem, ProblemCode};
use domain::sync::Reader;
use domain::vocabulary::{ChangeOp, EntityKind, WebhookState};
use serde_json::json;

use super::super::organization::Within;
use super::super::outcome::{Failure, Outcome};
use super::super::reading::Reading;
use super::super::structure::each_once;
use super::super::told::Told;
use super::super::writing::Unit;
use super::{Touch, Webhook, WebhookSecret, account, found, standing, stored, target_of, tell_of};
use crate::app::App;
use crate::events::resume::{from, opened};
use crate::outbound::address::{self, Refusal};
use crate::secrets::webhook as sign;
use crate::store::feed::Point;

/// Most webhooks of one account.
const MOST: u64 = 10;
/// Bytes of a document.
pub const DOCUMENT: usize = 8 * 1024;

/// What was found out about an address or a document before the write: a look-up of a name, or the judgement of a schema, has no
/// place in a transaction, and a repeat under the same key is answered whatever is found the second time. Who may not register one
/// has that found out, and makes the server look nothing up.
pub type Checked = Result<(), Problem>;

/// What somebody wants to do with an address or a document.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'a> {
    /// Register it for an account; for one's own where none is named.
    Register(Option<&'a str>),
    /// Give it to a webhook.
    Change(&'a str),
}

/// Whether the reader may do that now; the write asks once more.
///
/// # Errors
/// The database is away.
pub async fn may(reading: &Reading, wish: Wish<'_>) -> Outcome<Checked> {
    let (field, action, account_id, organization) = match wish {
        Wish::Register(named) => {
            let own = reading
                .actor
                .service
                .as_ref()
                .map(|_| reading.actor.account_id.as_str());
            let Some(id) = named.or(own) else {
                return Ok(Err(Problem::at(ProblemCode::Required, "accountId")));
            };
            let account = reading.snapshot.find_account(id).await?;
            let organization = account.and_then(|row| row.organization_id);
            ("accountId", Action::CreateWebhook, id.to_owned(), organization)
        }
        Wish::Change(id) => {
            let Some(row) = reading.webhooks(&[id.to_owned()]).await?.pop() else {
                return Ok(Err(Problem::at(ProblemCode::NotFound, "webhookId")));
            };
            (
                "webhookId",
                Action::ChangeWebhook,
                row.account_id,
                Some(row.organization_id),
            )
        }
    };
    let place = match organization {
        Some(organization) => reading.named_place(&organization).await?,
        None => None,
    };
    let Some(place) = place else {
        return Ok(Err(Problem::at(ProblemCode::NotFound, field)));
    };
    let permit = permit(&reading.actor, action, &target_of(place, &account_id));
    Ok(permit.map(|_| ()).map_err(|refusal| refusal.problem(field)))
}

/// A webhook to be registered.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The actor's own where it is left out.
    pub account_id: Option<String>,
    pub url: String,
    pub types: Option<Vec<EntityKind>>,
    pub within: Option<Within>,
    pub document: Option<String>,
    /// Told from behind this cursor on; from now on where it is left out.
    pub after: Option<String>,
    pub checked: Vec<Checked>,
}

/// Other settings; what is `None` stays.
#[derive(Debug, Clone)]
pub struct Change {
    pub touch: Touch,
    pub url: Option<String>,
    pub types: Option<Option<Vec<EntityKind>>>,
    pub within: Option<Option<Within>>,
    pub document: Option<Option<String>>,
    pub checked: Vec<Checked>,
}

/// Whether messages may be sent to an address: where its name leads is looked up now, and again with each connection.
pub async fn check_address(app: &App, url: &str) -> Checked {
    if url.len() > address::LONGEST {
        return Err(Problem::at(ProblemCode::TooLong, "url").with("max", address::LONGEST));
    }
    app.webhooks.counts.looked_at();
    let found = address::check(url, &app.webhooks.settings.networks).await;
    found
        .map(|_| ())
        .map_err(|refusal: Refusal| Problem::at(ProblemCode::AddressRefused, "url").with("reason", refusal.as_str()))
}

fn all_fine(checked: &[Checked]) -> Outcome<()> {
    let wrong: Vec<Problem> = checked.iter().filter_map(|one| one.clone().err()).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::Problems(wrong))
}

/// Each kind once; none at all would be a webhook that is told nothing.
fn checked_types(types: Option<&[EntityKind]>) -> Outcome<Option<serde_json::Value>> {
    let Some(types) = types else { return Ok(None) };
    if types.is_empty() {
        return Err(Problem::at(ProblemCode::Required, "types").into());
    }
    each_once(types, "types")?;
    Ok(Some(json!(types.iter().collect::<BTreeSet<_>>())))
}

/// Refuses a part of the tree that the account itself may not see, whoever registers it.
async fn checked_within(unit: &Unit, account_id: &str, within: Option<&Within>) -> Outcome<()> {
    let Some(bearer) = unit.write.bearer(account_id, unit.today).await? else {
        return Err(Problem::at(ProblemCode::NotFound, "accountId").into());
    };
    if let Some(within) = within {
        let visible = scope(&bearer.actor, Subject::Directory, Grant::Rows);
        let orgs = unit.write.organizations(&visible, &[within.id().to_owned()]).await?;
        if orgs.is_empty() {
            return Err(Problem::at(ProblemCode::NotFound, "within").into());
        }
    }
    if !Reader::new(bearer.actor).may_follow() {
        return Err(Problem::wrong_state("accountId", "RIGHT_LOST").into());
    }
    Ok(())
}

/// Keeps a fresh secret of a webhook and tells it, this once.
pub(super) async fn fresh_secret(unit: &Unit, permit: &Permit, webhook: &str, told: &Told) -> Outcome<()> {
    let (secret, id) = (sign::secret()?, unit.app.ids.plain());
    let row = WebhookSecret {
        secret_sealed: unit.app.keys.seal(&place_of_secret(&id), secret.as_bytes())?,
        id,
        webhook_id: webhook.to_owned(),
        created_at: unit.now,
        expires_at: None,
    };
    unit.write.keep_webhook_secret(permit, row).await?;
    told.leave(secret);
    Ok(())
}

/// What the sealed secret of this row is bound to.
#[must_use]
pub fn place_of_secret(id: &str) -> String {
    format!("webhook_secret.secret:{id}")
}

/// A place in the log that an account's cursor names, in the epoch that holds.
///
/// # Errors
/// `CURSOR_INVALID`, `CURSOR_OF_ANOTHER_ACCOUNT`, or the database is away.
pub(super) async fn place_in_log(unit: &Unit, account_id: &str, cursor: Option<&str>) -> Outcome<(String, Point)> {
    let (epoch, position) = unit.write.log_stands_at().await?;
    let Some(cursor) = cursor else {
        return Ok((epoch, Point::after(position)));
    };
    let cursor = opened(&unit.app.keys, account_id, cursor)?;
    // Of another epoch, or beyond what is kept: it is told as a gap, as everywhere.
    Ok((cursor.epoch.clone(), from(&cursor)))
}

/// Registers a webhook; its secret is told once. The id of the webhook.
///
/// # Errors
/// `REQUIRED`, `NOT_FOUND`, `FORBIDDEN`, `ADDRESS_REFUSED`, `DOCUMENT_INVALID`, `INVALID`, `TOO_MANY`, `WRONG_STATE` of an account
/// that is closed or may not follow the log, a cursor that is not the account's, or the database is away.
#[tracing::instrument(name = "ops.webhook.create", skip_all)]
pub async fn create(unit: &mut Unit, input: &Registration, told: &Told) -> Outcome<Vec<String>> {
    let own = || unit.actor.service.as_ref().map(|_| unit.actor.account_id.clone());
    let account_id = input.account_id.clone().or_else(own);
    let account_id = account_id.ok_or_else(|| Problem::at(ProblemCode::Required, "accountId"))?;
    let (owner, place, permit) = account(unit, &account_id, Action::CreateWebhook).await?;
    all_fine(&input.checked)?;
    let types = checked_types(input.types.as_deref())?;
    checked_within(unit, &owner.id, input.within.as_ref()).await?;
    if unit.write.count_webhooks(&owner.id).await? >= MOST {
        return Err(Problem::at(ProblemCode::TooMany, "accountId").with("max", MOST).into());
    }
    let (epoch, at) = place_in_log(unit, &owner.id, input.after.as_deref()).await?;
    let (within_kind, within_id) = stored(input.within.as_ref());
    let row = Webhook {
        id: unit.app.ids.next(EntityKind::Webhook),
        account_id: owner.id,
        organization_id: place.id.clone(),
        url: input.url.clone(),
        types,
        within_kind,
        within_id,
        document: input.document.clone(),
        state: WebhookState::Active.to_string(),
        pause_reason: None,
        paused_at: None,
        salt: unit.app.ids.plain(),
        created_at: unit.now,
        version: 1,
        epoch,
        position: at.position,
        sub: at.sub,
        part: 0,
        failing_since: None,
        attempts: 0,
        next_attempt_at: None,
        last_success_at: None,
        holder: None,
        leased_until: 0,
    };
    unit.write.insert_webhook(&permit, row.clone()).await?;
    fresh_secret(unit, &permit, &row.id, told).await?;
    tell_of(
        unit,
        &permit,
        &row,
        &place,
        &["url", "types", "within", "document", "state", "secrets"],
    );
    Ok(vec![row.id])
}

/// Gives a webhook another address, other kinds, another part of the tree, another document. What waits is tried at once. The id
/// of the webhook.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, `ADDRESS_REFUSED`, `DOCUMENT_INVALID`, `INVALID`, or the database is away.
#[tracing::instrument(name = "ops.webhook.change", skip_all)]
pub async fn change(unit: &mut Unit, input: &Change) -> Outcome<Vec<String>> {
    let (mut row, place, permit) = found(unit, &input.touch, Action::ChangeWebhook).await?;
    unit.step("webhookId", step(standing(&row), Command::Change))?;
    all_fine(&input.checked)?;
    let mut fields = Vec::new();
    if let Some(url) = &input.url {
        row.url.clone_from(url);
        fields.push("url");
    }
    if let Some(types) = &input.types {
        row.types = checked_types(types.as_deref())?;
        fields.push("types");
    }
    if let Some(within) = &input.within {
        checked_within(unit, &row.account_id, within.as_ref()).await?;
        (row.within_kind, row.within_id) = stored(within.as_ref());
        fields.push("within");
    }
    if let Some(document) = &input.document {
        row.document.clone_from(document);
        fields.push("document");
    }
    keep(unit, &permit, &mut row).await?;
    tell_of(unit, &permit, &row, &place, &fields);
    Ok(vec![row.id])
}

/// Writes what was changed of a webhook.
pub(super) async fn keep(unit: &Unit, permit: &Permit, row: &mut Webhook) -> Outcome<()> {
    if !unit.write.update_webhook(permit, row).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    Ok(())
}

/// Deletes a webhook with all that was noted of its deliveries. The id that it had.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.webhook.delete", skip_all)]
pub async fn delete(unit: &mut Unit, touch: &Touch) -> Outcome<Vec<String>> {
    let (row, place, permit) = found(unit, touch, Action::DeleteWebhook).await?;
    if !unit.write.delete_webhook(&permit, &row.id, row.version).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    unit.settle(&row.id, &[domain::vocabulary::InboxKind::WebhookPaused]);
    let at = (place.id.as_str(), place.path.as_str());
    let mut event = super::upsert(EntityKind::Webhook, &row.id, row.version + 1, at, &[]);
    event.op = ChangeOp::Delete;
    event.member_id = Some(row.account_id);
    unit.note(&permit, event);
    Ok(vec![row.id])
}
