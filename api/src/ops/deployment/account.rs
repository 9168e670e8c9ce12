//! Accounts that the command line opens and changes.

use domain::place::child_path;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{AccountKind, EntityKind, Language, ServiceScope};

use super::super::outcome::{Failure, Outcome};
use super::super::people::account::{Link, UNUSABLE, fresh_link};
use super::super::people::service_account::fresh_secret;
use super::super::structure::checked_text;
use super::super::writing::upsert;
use super::Act;
use crate::app::App;
use crate::secrets::password;
use crate::store::account::Account;

/// Shortest password that a person may bring.
const SHORTEST: usize = 12;

/// Who an account is for.
#[derive(Debug, Clone)]
pub enum Bearer {
    Administrator,
    Member(String),
    Service {
        organization_id: String,
        scopes: Vec<ServiceScope>,
    },
}

pub(super) async fn hashed(text: &str) -> Outcome<String> {
    if text.chars().count() < SHORTEST {
        return Err(Problem::at(ProblemCode::Invalid, "password")
            .with("min", SHORTEST)
            .into());
    }
    let text = text.to_owned();
    let hash = tokio::task::spawn_blocking(move || password::hash(&text)).await;
    Ok(hash.map_err(anyhow::Error::from)??)
}

pub(super) async fn keep_account(
    act: &mut Act<'_>,
    username: &str,
    password_hash: String,
    bearer: &Bearer,
) -> Outcome<String> {
    checked_text(username, "username", 64)?;
    if act.write.account_named(username).await?.is_some() {
        return Err(Problem::at(ProblemCode::AlreadyRecorded, "username").into());
    }
    let (kind, member_id, organization_id, scopes) = match bearer {
        Bearer::Administrator => (AccountKind::Administrator, None, None, Vec::new()),
        Bearer::Member(id) => (AccountKind::Person, Some(id.clone()), None, Vec::new()),
        Bearer::Service {
            organization_id,
            scopes,
        } => (
            AccountKind::Service,
            None,
            Some(organization_id.clone()),
            scopes.clone(),
        ),
    };
    let root = act.write.root().await?;
    let at = match &organization_id {
        Some(id) => act.write.path_of(id).await?.map(|path| (id.clone(), path)),
        None => root.map(|row| (row.id, row.path)),
    };
    let (org, path) = at.ok_or_else(|| Problem::at(ProblemCode::NotFound, "organization"))?;
    if let Some(id) = &member_id
        && !act.write.has_member(id).await?
    {
        return Err(Problem::at(ProblemCode::NotFound, "member").into());
    }
    let id = act.app.ids.next(EntityKind::Account);
    let row = Account {
        id: id.clone(),
        username: username.to_owned(),
        kind: kind.to_string(),
        password_hash,
        member_id,
        applicant_id: None,
        language: Language::ZhCn.to_string(),
        organization_id,
        scopes: serde_json::json!(scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>()),
        disabled_at: None,
        auth_epoch: 0,
        version: 1,
    };
    act.write.begin_account(&act.permit, row).await?;
    act.tell(
        "OPEN_ACCOUNT",
        upsert(EntityKind::Account, &id, 1, (&org, &path), &["username"]),
    );
    Ok(id)
}

/// Opens an account for an administrator or a member. Returns its id.
///
/// # Errors
/// The user name is taken, the password is short, the member is unknown; the database is away.
pub async fn open_account(app: &App, username: &str, password: &str, bearer: &Bearer) -> Outcome<String> {
    let hash = hashed(password).await?;
    let mut act = Act::begin(app).await?;
    let id = keep_account(&mut act, username, hash, bearer).await?;
    act.end().await?;
    Ok(id)
}

/// Opens a service account: its client id, and its secret, which is stored as a hash and never told again.
///
/// # Errors
/// The user name is taken, the org is unknown; the database is away.
pub async fn open_service(app: &App, username: &str, bearer: &Bearer) -> Outcome<(String, String)> {
    let mut act = Act::begin(app).await?;
    let id = keep_account(&mut act, username, UNUSABLE.to_owned(), bearer).await?;
    let secret = fresh_secret(&act.write, app, &act.permit, &id, app.clock.now()).await?;
    act.end().await?;
    Ok((id, secret))
}

/// What happens to an account that is there.
#[derive(Debug, Clone)]
pub enum AccountChange {
    /// A one-time link for a new password (spec 3); until it is used nobody signs in.
    Link,
    /// A fresh secret of a service account; those until now end at once.
    Secret,
    Disable,
    Enable,
}

/// What is told of a changed account, this once.
#[derive(Debug, Default)]
pub struct Fresh {
    pub link: Option<Link>,
    pub secret: Option<String>,
}

/// Changes an account and ends all its sessions at once. The link or the secret that was asked for.
///
/// # Errors
/// There is no such account, or not of that kind; the database is away.
pub async fn change_account(app: &App, username: &str, change: &AccountChange) -> Outcome<Fresh> {
    let mut act = Act::begin(app).await?;
    let found = act.write.account_named(username).await?;
    let mut row = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "username"))?;
    let service = row.kind == AccountKind::Service.as_str();
    let fits = match change {
        AccountChange::Link => !service,
        AccountChange::Secret => service,
        AccountChange::Disable | AccountChange::Enable => true,
    };
    if !fits {
        return Err(Problem::wrong_state("username", &row.kind).into());
    }
    let now = app.clock.now();
    match change {
        AccountChange::Disable => row.disabled_at = Some(now),
        AccountChange::Enable => row.disabled_at = None,
        AccountChange::Link => row.password_hash = UNUSABLE.to_owned(),
        AccountChange::Secret => {}
    }
    row.auth_epoch += 1;
    row.version += 1;
    let root = act.write.root().await?.ok_or(Failure::from(ProblemCode::NotFound))?;
    let (id, version) = (row.id.clone(), row.version);
    act.write.change_account(&act.permit, row, now).await?;
    let mut fresh = Fresh::default();
    match change {
        AccountChange::Link => fresh.link = Some(fresh_link(&act.write, app, &id, now).await?),
        AccountChange::Secret => {
            act.write.end_secrets(&id, now).await?;
            fresh.secret = Some(fresh_secret(&act.write, app, &act.permit, &id, now).await?);
        }
        AccountChange::Disable | AccountChange::Enable => {}
    }
    let at = (root.id.as_str(), child_path(None, &root.id));
    act.tell(
        "CHANGE_ACCOUNT",
        upsert(
            EntityKind::Account,
            &id,
            version,
            (at.0, &at.1),
            &["credentials", "disabledAt"],
        ),
    );
    act.end().await?;
    Ok(fresh)
}
