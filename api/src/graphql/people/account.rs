use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::graphql::account::mutation::{SessionPayload, signed_in};
use crate::graphql::account::object::{Account, AccountById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::{UserError, split, to_error};
use crate::graphql::loaders;
use crate::graphql::write::Answer;
use crate::ops::outcome::Failure;
use crate::ops::people::account::{self, Link, Open, Touch};
use crate::ops::session;
use crate::ops::told::Told;
use crate::{answered, run};

/// An account to be opened for a member.
#[derive(InputObject)]
pub struct OpenAccountInput {
    /// The member.
    pub member_id: ID,
    /// 3 to 40 lower-case letters, digits, `.`, `-`, `_`.
    pub username: String,
    /// `zh-CN` (where it is left out) or `en`.
    pub language: Option<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// An account to be closed.
#[derive(InputObject)]
pub struct CloseAccountInput {
    /// The account.
    pub account_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Asks for a one-time link for a new password.
#[derive(InputObject)]
pub struct IssueResetLinkInput {
    /// The account.
    pub account_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Sets a password with a one-time token.
#[derive(InputObject)]
pub struct SetPasswordInput {
    /// The one-time token.
    #[graphql(secret)]
    pub token: String,
    /// 10 to 128 characters.
    #[graphql(secret)]
    pub new_password: String,
}

/// One's own new password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password until now.
    #[graphql(secret)]
    pub current_password: String,
    /// 10 to 128 characters.
    #[graphql(secret)]
    pub new_password: String,
}

answered!(
    /// An account after the change.
    AccountPayload {
        /// The account after the change.
        account: Option<Account>,
        /// With which a password is set once, to be handed over in person. Given to the head of the org only, and only in this
        /// one answer: a repeat has none, and the administrator never sees one.
        one_time_token: Option<String>,
        /// Until when the token works.
        one_time_token_expires_at: Option<DateTime<Utc>>,
    }
);

/// Whether the password was set.
#[derive(SimpleObject)]
pub struct SetPasswordPayload {
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
}

async fn payload(
    ctx: &Context<'_>,
    answer: Answer,
    handed: &Told<Link>,
    present: &str,
) -> async_graphql::Result<AccountPayload> {
    let account = match answer.entity(present) {
        Some(id) => loaders::load(ctx.data()?, AccountById(id)).await?,
        None => None,
    };
    let (token, expires_at) = answer.secret(handed).map(|link| (link.token, link.expires_at)).unzip();
    Ok(AccountPayload::with(account, token, expires_at, answer))
}

#[derive(Default)]
pub struct PeopleAccountMutation;

#[Object]
impl PeopleAccountMutation {
    /// Opens an account for a member of one's org.
    async fn open_account(&self, ctx: &Context<'_>, input: OpenAccountInput) -> async_graphql::Result<AccountPayload> {
        let handed = Told::default();
        let value = Open {
            member_id: input.member_id.0.clone(),
            username: input.username.clone(),
            language: input.language.clone(),
        };
        let value = (value, handed.clone());
        let answer = run!(ctx, "openAccount", input, |unit, typed = value| account::open(unit, &typed.0, &typed.1));
        payload(ctx, answer, &handed, "").await
    }

    /// Closes an account: its sessions and tokens end at once.
    async fn close_account(
        &self,
        ctx: &Context<'_>,
        input: CloseAccountInput,
    ) -> async_graphql::Result<AccountPayload> {
        let value = Touch {
            account_id: input.account_id.0.clone(),
            expected_version: input.expected_version,
        };
        let answer = run!(ctx, "closeAccount", input, |unit, typed = value| account::close(unit, &typed));
        payload(ctx, answer, &Told::default(), &input.account_id).await
    }

    /// Issues a one-time link for a new password. From the administrator it asks the head of the org to issue one.
    async fn issue_reset_link(
        &self,
        ctx: &Context<'_>,
        input: IssueResetLinkInput,
    ) -> async_graphql::Result<AccountPayload> {
        let handed = Told::default();
        let value = Touch {
            account_id: input.account_id.0.clone(),
            expected_version: input.expected_version,
        };
        let value = (value, handed.clone());
        let answer = run!(ctx, "issueResetLink", input, |unit, typed = value| account::issue_link(
            unit, &typed.0, &typed.1
        ));
        payload(ctx, answer, &handed, &input.account_id).await
    }

    /// Sets a password with a one-time token; then sign in.
    async fn set_password(
        &self,
        ctx: &Context<'_>,
        input: SetPasswordInput,
    ) -> async_graphql::Result<SetPasswordPayload> {
        let operation = ctx.operation()?;
        let done = account::set_password(&operation.app, &input.token, &input.new_password).await;
        let (_, user_errors) = split(done, operation.language)?;
        Ok(SetPasswordPayload { user_errors })
    }

    /// Changes one's own password. Every earlier session ends; the answer holds a new one.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        input: ChangePasswordInput,
    ) -> async_graphql::Result<SessionPayload> {
        let operation = ctx.operation()?;
        let holder = operation
            .holder
            .clone()
            .ok_or_else(|| to_error(&Failure::Unauthenticated))?;
        // The token may outlive its account's rights: they are read afresh first.
        if operation.reading().await?.actor.is_anonymous() {
            return Err(to_error(&Failure::Unauthenticated));
        }
        let (current, new) = (&input.current_password, &input.new_password);
        let session = match account::change_password(&operation.app, &holder.account_id, current, new).await {
            Ok(account) => session::open(&operation.app, &account, "session.sign_in").await,
            Err(failure) => Err(failure),
        };
        signed_in(operation, session).await
    }
}
