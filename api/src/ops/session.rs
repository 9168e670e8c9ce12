//! Sign in, stay signed in, sign out.

use chrono::{DateTime, Duration, Utc};
use domain::problem::ProblemCode;
use domain::vocabulary::AccountKind;

use super::outcome::{Failure, Outcome};
use crate::app::App;
use crate::secrets::token::{self, Claims};
use crate::store::account::{Account, RefreshToken};
use crate::store::transaction::{Ledger, Trail, Write};

/// Refresh tokens live thirty days from their last use.
const REFRESH_DAYS: i64 = 30;
/// For so long a lost answer to a refresh may be asked for again.
const RETRY_SECONDS: i64 = 60;

/// What a client keeps after signing in.
pub struct Session {
    pub account_id: String,
    pub access_token: String,
    pub expires_at: DateTime<Utc>,
    pub refresh_token: String,
}

/// What a service account keeps until it ends.
pub struct ServiceSession {
    pub access_token: String,
    pub expires_at: DateTime<Utc>,
}

/// Signs in with user name and password. Unknown name, wrong password, disabled account: one and the same answer.
///
/// # Errors
/// `CREDENTIALS_INVALID`, or the database is away.
#[tracing::instrument(name = "ops.session.sign_in", skip_all)]
pub async fn sign_in(app: &App, username: &str, password: &str) -> Outcome<Session> {
    let account = app
        .database
        .snapshot()
        .await?
        .find_account_by_username(username)
        .await?;
    let able = account
        .as_ref()
        .is_some_and(|a| a.disabled_at.is_none() && a.kind != AccountKind::Service.as_str());
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let fits = app.passwords.verify(password.to_owned(), stored).await;
    match account {
        Some(account) if fits && able => open(app, &account, "session.sign_in").await,
        _ => Err(ProblemCode::CredentialsInvalid.into()),
    }
}

/// Signs in a service account by its client id and secret: an access token, no refresh token, for it can always ask anew.
///
/// # Errors
/// `CREDENTIALS_INVALID`, or the database is away.
#[tracing::instrument(name = "ops.session.sign_in_service", skip_all)]
pub async fn sign_in_service(app: &App, client_id: &str, secret: &str) -> Outcome<ServiceSession> {
    let now = app.clock.now();
    let snapshot = app.database.snapshot().await?;
    let account = snapshot.find_account(client_id).await?;
    let stored = token::stored_secret(secret);
    let able = |a: &Account| a.disabled_at.is_none() && a.kind == AccountKind::Service.as_str();
    // The secret is 256 random bits and only its hash is looked up: time tells nothing.
    let secret = snapshot.working_secret(client_id, &stored, now).await?;
    let (account, secret) = account
        .filter(able)
        .zip(secret)
        .ok_or(Failure::from(ProblemCode::CredentialsInvalid))?;
    drop(snapshot);
    let write = app.database.write().await?;
    write.note_use(&secret.id, now).await?;
    let mut ledger = Ledger::default();
    ledger
        .trail
        .push((app.ids.plain(), trail(&account, "session.sign_in_service")));
    write.finish(ledger, now).await?;
    let (access_token, expires_at) = access_token(app, &account, now)?;
    Ok(ServiceSession {
        access_token,
        expires_at,
    })
}

/// Issues a session for an account without a password: for the demo's accounts file and service accounts.
///
/// # Errors
/// The database fails.
pub async fn open(app: &App, account: &Account, action: &str) -> Outcome<Session> {
    let now = app.clock.now();
    let write = app.database.write().await?;
    let (session, _) = issue(app, &write, account, &app.ids.plain(), now).await?;
    let mut ledger = Ledger::default();
    ledger.trail.push((app.ids.plain(), trail(account, action)));
    write.finish(ledger, now).await?;
    Ok(session)
}

/// Exchanges a refresh token for its successor. A consumed token whose successor was used revokes the whole family, and so
/// does a successor in whose stead another one was given.
///
/// # Errors
/// `REFRESH_TOKEN_INVALID`, or the database is away.
#[tracing::instrument(name = "ops.session.refresh", skip_all)]
pub async fn refresh(app: &App, presented: &str) -> Outcome<Session> {
    let now = app.clock.now();
    let write = app.database.write().await?;
    let invalid = || Failure::from(ProblemCode::RefreshTokenInvalid);
    let row = write
        .hold_refresh_token(&token::fingerprint(presented))
        .await?
        .ok_or_else(invalid)?;
    if row.revoked_at.is_some() || row.expires_at <= now {
        return Err(invalid());
    }
    let account = write.find_account(&row.account_id).await?.ok_or_else(invalid)?;
    if account.disabled_at.is_some() {
        return Err(invalid());
    }
    let mut ledger = Ledger::default();
    if is_stolen(&write, &row, now).await? {
        write.revoke_family(&row.family, now).await?;
        ledger
            .trail
            .push((app.ids.plain(), trail(&account, "session.reuse_detected")));
        write.finish(ledger, now).await?;
        return Err(invalid());
    }
    let (session, successor) = issue(app, &write, &account, &row.family, now).await?;
    write
        .consume(&row.id, &successor, row.consumed_at.unwrap_or(now))
        .await?;
    write.finish(ledger, now).await?;
    Ok(session)
}

/// Ends the session that a refresh token belongs to. An unknown token is no error: the session is over either way.
///
/// # Errors
/// The database fails.
#[tracing::instrument(name = "ops.session.sign_out", skip_all)]
pub async fn sign_out(app: &App, presented: &str) -> Outcome<()> {
    let now = app.clock.now();
    let write = app.database.write().await?;
    if let Some(row) = write.hold_refresh_token(&token::fingerprint(presented)).await? {
        write.revoke_family(&row.family, now).await?;
        write.finish(Ledger::default(), now).await?;
    }
    Ok(())
}

/// A consumed token is a lost answer for a minute, as long as nobody used its successor; else it is theft. The successor of
/// a lost answer is put out of use, so that one token never has two that work: whoever shows it after all is a second holder.
async fn is_stolen(write: &Write, row: &RefreshToken, now: DateTime<Utc>) -> Outcome<bool> {
    let Some(consumed_at) = row.consumed_at else {
        return Ok(false);
    };
    if now - consumed_at > Duration::seconds(RETRY_SECONDS) {
        return Ok(true);
    }
    match &row.successor_id {
        Some(successor) => Ok(!write.supersede(successor, now).await?),
        None => Ok(true),
    }
}

async fn issue(
    app: &App,
    write: &Write,
    account: &Account,
    family: &str,
    now: DateTime<Utc>,
) -> Outcome<(Session, String)> {
    let refresh_token = token::opaque("olr")?;
    let row = RefreshToken {
        id: app.ids.plain(),
        family: family.to_owned(),
        account_id: account.id.clone(),
        token_hash: token::fingerprint(&refresh_token),
        created_at: now,
        expires_at: now + Duration::days(REFRESH_DAYS),
        consumed_at: None,
        successor_id: None,
        revoked_at: None,
    };
    let id = row.id.clone();
    write.keep_refresh_token(row).await?;
    let (access_token, expires_at) = access_token(app, account, now)?;
    Ok((
        Session {
            account_id: account.id.clone(),
            access_token,
            expires_at,
            refresh_token,
        },
        id,
    ))
}

fn access_token(app: &App, account: &Account, now: DateTime<Utc>) -> Outcome<(String, DateTime<Utc>)> {
    let expires_at = now + Duration::minutes(app.access_token_minutes);
    let claims = Claims {
        sub: account.id.clone(),
        iss: token::ISSUER.to_owned(),
        aud: token::AUDIENCE.to_owned(),
        iat: now.timestamp(),
        nbf: now.timestamp(),
        exp: expires_at.timestamp(),
        jti: app.ids.plain(),
        epoch: account.auth_epoch,
    };
    Ok((app.signing.known().signer.sign(&claims)?, expires_at))
}

fn trail(account: &Account, action: &str) -> Trail {
    Trail {
        account_id: Some(account.id.clone()),
        member_id: account.member_id.clone(),
        action: action.to_owned(),
        subject_kind: "ACCOUNT".to_owned(),
        subject_id: account.id.clone(),
        ..Trail::default()
    }
}
