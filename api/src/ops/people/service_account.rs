//! Service accounts 服务账号: opened for the subtree of an org with scopes, given new secrets while the old ones still work.

use chrono::{DateTime, Utc};
use domain::policy::{Action, Permit, Place, Subject, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{AccountKind, EntityKind, Language, ServiceScope};
use serde_json::json;

use super::super::organization::{Page, PageRequest, Within, place_of};
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::super::structure::{each_once, org};
use super::super::told::{Told, one_more, overlap_ends};
use super::super::writing::{Unit, upsert};
use super::account::{UNUSABLE, checked_username, expect_kind, seen};
use super::expect;
use crate::app::App;
use crate::secrets::token;
use crate::store::account::Account;
pub use crate::store::service_account::ServiceSecret;
use crate::store::transaction::Write;

/// A service account to be opened.
#[derive(Debug, Clone)]
pub struct Opening {
    pub organization_id: String,
    pub username: String,
    pub scopes: Vec<String>,
}

/// What a service account may do from now on.
#[derive(Debug, Clone)]
pub struct Change {
    pub account_id: String,
    pub expected_version: Option<i64>,
    pub scopes: Vec<String>,
}

/// A new secret for a service account.
#[derive(Debug, Clone)]
pub struct Rotation {
    pub account_id: String,
    pub expected_version: Option<i64>,
    /// For so long the secrets until now go on working.
    pub overlap_hours: i64,
}

impl Reading {
    /// A page of the service accounts of a part of the tree, for who looks after accounts there.
    ///
    /// # Errors
    /// The database is away.
    pub async fn service_accounts_within(&self, within: &Within, page: &PageRequest) -> Outcome<Page<Account>> {
        Ok(self
            .snapshot
            .service_accounts_within(&self.rows(Subject::Accounts), within, page)
            .await?)
    }

    /// Secrets of accounts that still work; they are shown with the account.
    ///
    /// # Errors
    /// The database is away.
    pub async fn secrets_of(&self, accounts: &[String]) -> Outcome<Vec<ServiceSecret>> {
        Ok(self.snapshot.secrets_of(accounts, self.app.clock.now()).await?)
    }
}

/// Keeps a fresh secret of an account and tells it, this once.
pub(in crate::ops) async fn fresh_secret(
    write: &Write,
    app: &App,
    permit: &Permit,
    account_id: &str,
    now: DateTime<Utc>,
) -> Outcome<String> {
    let secret = token::opaque("ols")?;
    let row = ServiceSecret {
        id: app.ids.plain(),
        account_id: account_id.to_owned(),
        secret_hash: token::stored_secret(&secret),
        created_at: now,
        expires_at: None,
        last_used_at: None,
    };
    write.keep_secret(permit, row).await?;
    Ok(secret)
}

/// Each scope once, in the order of the list.
fn checked_scopes(scopes: &[String]) -> Outcome<serde_json::Value> {
    if scopes.is_empty() {
        return Err(Problem::not_offered("scopes", ServiceScope::ALL).into());
    }
    if let Some(at) = scopes.iter().position(|scope| scope.parse::<ServiceScope>().is_err()) {
        return Err(Problem::not_offered(&format!("scopes.{at}"), ServiceScope::ALL).into());
    }
    each_once(scopes, "scopes")?;
    let known = ServiceScope::ALL.iter().map(|scope| scope.as_str());
    Ok(json!(
        known
            .filter(|known| scopes.iter().any(|scope| scope == known))
            .collect::<Vec<_>>()
    ))
}

fn tell(unit: &mut Unit, permit: &Permit, row: &Account, place: &Place, fields: &[&'static str]) {
    let at = (place.id.as_str(), place.path.as_str());
    let event = upsert(EntityKind::Account, &row.id, row.version, at, fields);
    unit.note(permit, event);
}

/// Opens a service account for the subtree of an org. The id of the account, which is its client id.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WRONG_STATE` of a dissolved org, `INVALID`, `USERNAME_TAKEN`, or the database is away.
#[tracing::instrument(name = "ops.people.service_account.open", skip_all)]
pub async fn open(unit: &mut Unit, input: &Opening, told: &Told) -> Outcome<Vec<String>> {
    let organization = org(unit, &input.organization_id, "organizationId").await?;
    let place = place_of(&organization)?;
    let target = Target::at(place.clone());
    let permit = unit.require(Action::OpenServiceAccount, &target, "organizationId")?;
    if organization.dissolved_on.is_some() {
        return Err(Problem::wrong_state("organizationId", super::super::structure::DISSOLVED).into());
    }
    checked_username(&input.username)?;
    let scopes = checked_scopes(&input.scopes)?;
    if unit.write.is_username_taken(&input.username).await? {
        return Err(Problem::at(ProblemCode::UsernameTaken, "username").into());
    }
    let row = Account {
        id: unit.app.ids.next(EntityKind::Account),
        username: input.username.clone(),
        kind: AccountKind::Service.to_string(),
        password_hash: UNUSABLE.to_owned(),
        member_id: None,
        applicant_id: None,
        language: Language::ZhCn.to_string(),
        organization_id: Some(place.id.clone()),
        scopes,
        disabled_at: None,
        auth_epoch: 0,
        version: 1,
    };
    unit.write.insert_account(&permit, row.clone()).await?;
    told.leave(fresh_secret(&unit.write, &unit.app, &permit, &row.id, unit.now).await?);
    tell(
        unit,
        &permit,
        &row,
        &place,
        &["username", "organization", "scopes", "secrets"],
    );
    Ok(vec![row.id])
}

/// A service account that the actor may act on. It is held: acts on one go one after the other.
async fn open_one(
    unit: &Unit,
    id: &str,
    expected_version: Option<i64>,
    action: Action,
) -> Outcome<(Account, Permit, Place)> {
    let (row, target) = seen(unit, id).await?;
    let permit = unit.require(action, &target, "accountId")?;
    let row = unit.write.hold_account(&row.id).await?.unwrap_or(row);
    expect_kind(&row, AccountKind::Service)?;
    expect(row.version, expected_version)?;
    if row.disabled_at.is_some() {
        return Err(Problem::wrong_state("accountId", "CLOSED").into());
    }
    Ok((row, permit, target.org))
}

/// Gives a service account other scopes; they hold from its next request on. The id of the account.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `WRONG_STATE` of a closed one, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.people.service_account.change", skip_all)]
pub async fn change(unit: &mut Unit, input: &Change) -> Outcome<Vec<String>> {
    let action = Action::ChangeServiceAccount;
    let (mut row, permit, place) = open_one(unit, &input.account_id, input.expected_version, action).await?;
    row.scopes = checked_scopes(&input.scopes)?;
    row.version += 1;
    unit.write.update_account(&row).await?;
    tell(unit, &permit, &row, &place, &["scopes"]);
    Ok(vec![row.id])
}

/// Makes a new secret. Those until now go on for the overlap; without one, tokens got with them end at once too. The id of
/// the account.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID` of the overlap, `TOO_MANY` that go on, `WRONG_STATE` of a closed account, `CONFLICT`, or the
/// database is away.
#[tracing::instrument(name = "ops.people.service_account.rotate", skip_all)]
pub async fn rotate(unit: &mut Unit, input: &Rotation, told: &Told) -> Outcome<Vec<String>> {
    let action = Action::RotateServiceSecret;
    let (mut row, permit, place) = open_one(unit, &input.account_id, input.expected_version, action).await?;
    let end = overlap_ends(unit.now, input.overlap_hours)?;
    unit.write.end_secrets(&row.id, end).await?;
    one_more(unit.write.count_secrets(&row.id, unit.now).await?, "accountId")?;
    if input.overlap_hours == 0 {
        row.auth_epoch += 1;
    }
    row.version += 1;
    unit.write.update_account(&row).await?;
    told.leave(fresh_secret(&unit.write, &unit.app, &permit, &row.id, unit.now).await?);
    tell(unit, &permit, &row, &place, &["secrets"]);
    Ok(vec![row.id])
}
