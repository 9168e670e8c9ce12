//! Accounts of an org's people: opened, closed, a new password by a one-time link that only the org's head sees.

use chrono::{DateTime, Duration, Utc};
use domain::audience::Audience;
use domain::policy::{Action, Permit, Place, Subject, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{AccountKind, EntityKind, InboxKind, Language};
use serde_json::json;

use super::super::outcome::Outcome;
use super::super::told::Told;
use super::super::writing::{Unit, upsert};
use super::{expect, orgs, person, place_in, still_here, target_of};
use crate::app::App;
use crate::secrets::token;
use crate::store::account::{Account, OneTimeToken};
use crate::store::transaction::{Ledger, Trail, Write};

/// Stored where no password may ever fit.
pub(in crate::ops) const UNUSABLE: &str = "!";
/// A one-time link is good for so long.
const LINK_HOURS: i64 = 72;
const SHORTEST: usize = 10;
const LONGEST: usize = 128;

/// A one-time link on its way to who may hand it over; never stored, never given again.
#[derive(Debug, Clone)]
pub struct Link {
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

/// An account to be opened.
#[derive(Debug, Clone)]
pub struct Open {
    pub member_id: String,
    pub username: String,
    /// `zh-CN` where it is left out.
    pub language: Option<String>,
}

/// An account to be closed, or given a link.
#[derive(Debug, Clone)]
pub struct Touch {
    pub account_id: String,
    pub expected_version: Option<i64>,
}

fn tell(unit: &mut Unit, permit: &Permit, row: &Account, place: &Place, fields: &[&'static str]) {
    let at = (place.id.as_str(), place.path.as_str());
    let mut event = upsert(EntityKind::Account, &row.id, row.version, at, fields);
    event.member_id.clone_from(&row.member_id);
    unit.note(permit, event);
}

/// Makes a link. The administrator never sees one: the head of the branch is asked to issue it.
async fn hand_over(unit: &mut Unit, row: &Account, branch: &Place, handed: &Told<Link>) -> Outcome<()> {
    if unit.actor.kind != AccountKind::Person {
        unit.write.drop_one_time_tokens(&row.id).await?;
        let about = (EntityKind::Account, row.id.as_str());
        let params = json!({"username": row.username, "memberId": row.member_id});
        let audience = Audience::Head(branch.id.clone());
        unit.raise(InboxKind::ResetLinkToIssue, audience, about, &branch.id, (params, None));
        return Ok(());
    }
    unit.settle(&row.id, &[InboxKind::ResetLinkToIssue]);
    handed.leave(fresh_link(&unit.write, &unit.app, &row.id, unit.now).await?);
    Ok(())
}

/// A new link for an account; an earlier one no longer works.
pub(in crate::ops) async fn fresh_link(
    write: &Write,
    app: &App,
    account_id: &str,
    now: DateTime<Utc>,
) -> Outcome<Link> {
    write.drop_one_time_tokens(account_id).await?;
    let link = Link {
        token: token::opaque("olp")?,
        expires_at: now + Duration::hours(LINK_HOURS),
    };
    let row = OneTimeToken {
        id: app.ids.plain(),
        account_id: account_id.to_owned(),
        token_hash: token::fingerprint(&link.token),
        created_at: now,
        expires_at: link.expires_at,
        used_at: None,
    };
    write.keep_one_time_token(row).await?;
    Ok(link)
}

pub(in crate::ops) fn checked_username(username: &str) -> Outcome<()> {
    let fits = (3..=40).contains(&username.len())
        && username
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_'));
    if fits {
        return Ok(());
    }
    Err(Problem::invalid("username", Flaw::Form)
        .with("form", "[a-z0-9._-]{3,40}")
        .into())
}

/// Opens an account for a member of one's org. The id of the account.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `INVALID`, `USERNAME_TAKEN`, `WRONG_STATE`, or the database is away.
#[tracing::instrument(name = "ops.people.account.open", skip_all)]
pub async fn open(unit: &mut Unit, input: &Open, handed: &Told<Link>) -> Outcome<Vec<String>> {
    // Of somebody outside the writer's roster only the administrator learns anything, and that is the name.
    let member = if unit.actor.kind == AccountKind::Administrator {
        person(unit, &input.member_id, "memberId").await?
    } else {
        super::member(unit, &input.member_id, "memberId").await?
    };
    let target = target_of(unit, &member).await?.shown_by(&unit.rows_of(Subject::Roster));
    let permit = unit.require(Action::OpenAccount, &target, "memberId")?;
    still_here(&member, "memberId")?;
    checked_username(&input.username)?;
    let language = match input.language.as_deref() {
        Some(code) => code
            .parse::<Language>()
            .map_err(|_| Problem::not_offered("language", Language::ALL))?,
        None => Language::ZhCn,
    };
    if unit.write.open_account_of(&member.id).await?.is_some() {
        return Err(Problem::wrong_state("memberId", "HAS_ACCOUNT").into());
    }
    if unit.write.is_username_taken(&input.username).await? {
        return Err(Problem::at(ProblemCode::UsernameTaken, "username").into());
    }
    let row = Account {
        id: unit.app.ids.next(EntityKind::Account),
        username: input.username.clone(),
        kind: AccountKind::Person.to_string(),
        password_hash: UNUSABLE.to_owned(),
        member_id: Some(member.id.clone()),
        applicant_id: None,
        language: language.to_string(),
        organization_id: None,
        scopes: json!([]),
        disabled_at: None,
        auth_epoch: 0,
        version: 1,
    };
    unit.write.insert_account(&permit, row.clone()).await?;
    tell(unit, &permit, &row, &target.org, &["username", "member"]);
    hand_over(unit, &row, &target.org, handed).await?;
    Ok(vec![row.id])
}

/// An account that the writer sees, their own too, as a target of acts: where its member belongs, or at a program's org.
pub(super) async fn seen(unit: &Unit, id: &str) -> Outcome<(Account, Target)> {
    let sight = unit.rows_of(Subject::Accounts);
    let row = if unit.actor.account_id == id {
        unit.write.find_account(id).await?
    } else {
        unit.write.account(&sight, id).await?
    };
    let row = row.ok_or_else(|| Problem::at(ProblemCode::NotFound, "accountId"))?;
    let target = match (&row.member_id, &row.organization_id) {
        (Some(member), _) => target_of(unit, &person(unit, member, "accountId").await?).await?,
        (None, Some(org)) => Target::at(place_in(&orgs(unit, std::slice::from_ref(org)).await?, org)?),
        // An applicant's or an administrator's, which nobody but themselves sees.
        (None, None) => {
            return Err(Problem::at(ProblemCode::OwnMatter, "accountId")
                .with("right", "ACCOUNTS:A")
                .with("reason", "OWN_MATTER")
                .into());
        }
    };
    Ok((row, target.shown_by(&sight)))
}

/// Refuses an account of the other kind: a program has no password, a person no scopes.
pub(super) fn expect_kind(row: &Account, kind: AccountKind) -> Outcome<()> {
    if row.kind == kind.as_str() {
        return Ok(());
    }
    Err(Problem::at(ProblemCode::KindNotAllowedHere, "accountId")
        .with("kind", &row.kind)
        .with("allowed", kind)
        .into())
}

/// An account, with the permit of an act on it. Of a program's account everything is a change of it.
async fn found(unit: &Unit, id: &str, action: Action) -> Outcome<(Account, Permit, Place)> {
    let (row, target) = seen(unit, id).await?;
    let closes_program = row.kind == AccountKind::Service.as_str() && action == Action::CloseAccount;
    let action = match closes_program {
        true => Action::ChangeServiceAccount,
        false => action,
    };
    let permit = unit.require(action, &target, "accountId")?;
    if !closes_program {
        expect_kind(&row, AccountKind::Person)?;
    }
    Ok((row, permit, target.org))
}

/// Closes an account: no token of it works any more. The id of the account.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `WRONG_STATE`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.people.account.close", skip_all)]
pub async fn close(unit: &mut Unit, input: &Touch) -> Outcome<Vec<String>> {
    let (mut row, permit, place) = found(unit, &input.account_id, Action::CloseAccount).await?;
    expect(row.version, input.expected_version)?;
    if row.disabled_at.is_some() {
        return Err(Problem::wrong_state("accountId", "CLOSED").into());
    }
    row.disabled_at = Some(unit.now);
    row.auth_epoch += 1;
    row.version += 1;
    unit.write.drop_one_time_tokens(&row.id).await?;
    unit.write.revoke_all(&row.id, unit.now).await?;
    unit.write.update_account(&row).await?;
    unit.settle(&row.id, &[InboxKind::ResetLinkToIssue]);
    tell(unit, &permit, &row, &place, &["disabledAt"]);
    Ok(vec![row.id])
}

/// Issues a one-time link for a new password; an earlier one no longer works. The id of the account.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `WRONG_STATE`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.people.account.issue_link", skip_all)]
pub async fn issue_link(unit: &mut Unit, input: &Touch, handed: &Told<Link>) -> Outcome<Vec<String>> {
    let (row, permit, place) = found(unit, &input.account_id, Action::IssueResetLink).await?;
    expect(row.version, input.expected_version)?;
    if row.disabled_at.is_some() {
        return Err(Problem::wrong_state("accountId", "CLOSED").into());
    }
    tell(unit, &permit, &row, &place, &["resetLink"]);
    hand_over(unit, &row, &place, handed).await?;
    Ok(vec![row.id])
}

fn checked_password(password: &str) -> Outcome<()> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Problem::at(ProblemCode::PasswordTooShort, "newPassword")
            .with("min", SHORTEST)
            .into());
    }
    if length > LONGEST {
        return Err(Problem::at(ProblemCode::TooLong, "newPassword")
            .with("max", LONGEST)
            .into());
    }
    Ok(())
}

/// Sets a password with a one-time token, once. Every earlier session of the account ends.
///
/// # Errors
/// `TOKEN_INVALID`, `PASSWORD_TOO_SHORT`, `TOO_LONG`, or the database is away.
#[tracing::instrument(name = "ops.people.account.set_password", skip_all)]
pub async fn set_password(app: &App, presented: &str, password: &str) -> Outcome<()> {
    checked_password(password)?;
    let now = app.clock.now();
    let invalid = || Problem::at(ProblemCode::TokenInvalid, "token");
    let fingerprint = token::fingerprint(presented);
    // Looked up before the costly hash, and again inside the write.
    app.database
        .snapshot()
        .await?
        .one_time_token(&fingerprint)
        .await?
        .filter(|token| token.used_at.is_none() && token.expires_at > now)
        .ok_or_else(invalid)?;
    let hash = app.passwords.hash(password.to_owned()).await?;
    let write = app.database.write().await?;
    let account_id = write.use_one_time_token(&fingerprint, now).await?.ok_or_else(invalid)?;
    let account = write.find_account(&account_id).await?.ok_or_else(invalid)?;
    if account.disabled_at.is_some() {
        return Err(invalid().into());
    }
    renew(app, write, account, hash, "account.set_password").await?;
    Ok(())
}

/// Changes one's own password; every other session of the account ends. The account as it is then.
///
/// # Errors
/// `CREDENTIALS_INVALID`, `PASSWORD_TOO_SHORT`, `TOO_LONG`, or the database is away.
#[tracing::instrument(name = "ops.people.account.change_password", skip_all)]
pub async fn change_password(app: &App, account_id: &str, current: &str, password: &str) -> Outcome<Account> {
    let invalid = || Problem::at(ProblemCode::CredentialsInvalid, "currentPassword");
    let account = app.database.snapshot().await?.find_account(account_id).await?;
    let stored = account.map(|account| account.password_hash);
    if !app.passwords.verify(current.to_owned(), stored.clone()).await {
        return Err(invalid().into());
    }
    checked_password(password)?;
    let hash = app.passwords.hash(password.to_owned()).await?;
    let write = app.database.write().await?;
    let account = write.find_account(account_id).await?.ok_or_else(invalid)?;
    if account.disabled_at.is_some() || Some(&account.password_hash) != stored.as_ref() {
        return Err(invalid().into());
    }
    renew(app, write, account, hash, "account.change_password").await
}

async fn renew(app: &App, write: Write, mut account: Account, hash: String, action: &str) -> Outcome<Account> {
    let now = app.clock.now();
    account.password_hash = hash;
    account.auth_epoch += 1;
    account.version += 1;
    write.revoke_all(&account.id, now).await?;
    write.update_account(&account).await?;
    let mut ledger = Ledger::default();
    ledger.trail.push((
        app.ids.plain(),
        Trail {
            account_id: Some(account.id.clone()),
            member_id: account.member_id.clone(),
            action: action.to_owned(),
            subject_kind: EntityKind::Account.to_string(),
            subject_id: account.id.clone(),
            ..Trail::default()
        },
    ));
    write.finish(ledger, now).await?;
    Ok(account)
}
