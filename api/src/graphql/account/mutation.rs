use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::object::Viewer;
use crate::graphql::context::{ContextExt as _, Operation};
use crate::graphql::error::{UserError, split};
use crate::ops::outcome::Outcome;
use crate::ops::reading::verify;
use crate::ops::session::{self, Session};

/// User name and password.
#[derive(InputObject)]
pub struct SignInInput {
    /// What one signs in with.
    pub username: String,
    /// The password.
    #[graphql(secret)]
    pub password: String,
}

/// A refresh token to be exchanged.
#[derive(InputObject)]
pub struct RefreshInput {
    /// Exchange it once for a new session.
    #[graphql(secret)]
    pub refresh_token: String,
}

/// The session to be ended.
#[derive(InputObject)]
pub struct SignOutInput {
    /// Exchange it once for a new session.
    #[graphql(secret)]
    pub refresh_token: String,
}

/// Client id and secret of a service account.
#[derive(InputObject)]
pub struct SignInServiceInput {
    /// Id of the service account, as `orglife account service` printed it.
    pub client_id: ID,
    /// The secret, shown once when it was made.
    #[graphql(secret)]
    pub client_secret: String,
}

/// A service account's token, or why there is none. It has no refresh token: sign in again.
#[derive(SimpleObject)]
pub struct ServiceSessionPayload {
    /// Send it as `Authorization: Bearer`.
    pub access_token: Option<String>,
    /// Until when it holds.
    pub expires_at: Option<DateTime<Utc>>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
}

/// A session, or why there is none. Keep the refresh token: it is shown once.
#[derive(SimpleObject, Default)]
pub struct SessionPayload {
    /// Send it as `Authorization: Bearer`.
    pub access_token: Option<String>,
    /// Until when it holds.
    pub expires_at: Option<DateTime<Utc>>,
    /// Exchange it once for a new session.
    pub refresh_token: Option<String>,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
}

/// Whether the session was ended.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Signs in with user name and password.
    async fn sign_in(&self, ctx: &Context<'_>, input: SignInInput) -> async_graphql::Result<SessionPayload> {
        let operation = ctx.operation()?;
        signed_in(
            operation,
            session::sign_in(&operation.app, &input.username, &input.password).await,
        )
        .await
    }

    /// Signs in a service account with its client id and secret.
    async fn sign_in_service(
        &self,
        ctx: &Context<'_>,
        input: SignInServiceInput,
    ) -> async_graphql::Result<ServiceSessionPayload> {
        let operation = ctx.operation()?;
        let outcome = session::sign_in_service(&operation.app, &input.client_id, &input.client_secret).await;
        let (session, user_errors) = split(outcome, operation.language)?;
        Ok(ServiceSessionPayload {
            expires_at: session.as_ref().map(|session| session.expires_at),
            access_token: session.map(|session| session.access_token),
            user_errors,
        })
    }

    /// Exchanges a refresh token for a new session. Each token works once; a lost answer may be asked for again for 60 s, and
    /// then only the last answer holds.
    async fn refresh(&self, ctx: &Context<'_>, input: RefreshInput) -> async_graphql::Result<SessionPayload> {
        let operation = ctx.operation()?;
        signed_in(operation, session::refresh(&operation.app, &input.refresh_token).await).await
    }

    /// Ends the session that a refresh token belongs to.
    async fn sign_out(&self, ctx: &Context<'_>, input: SignOutInput) -> async_graphql::Result<SignOutPayload> {
        let operation = ctx.operation()?;
        let (_, user_errors) = split(
            session::sign_out(&operation.app, &input.refresh_token).await,
            operation.language,
        )?;
        Ok(SignOutPayload { user_errors })
    }
}

/// The answer to a session that was opened, or why there is none.
pub async fn signed_in(operation: &Arc<Operation>, outcome: Outcome<Session>) -> async_graphql::Result<SessionPayload> {
    let (session, user_errors) = split(outcome, operation.language)?;
    let Some(session) = session else {
        return Ok(SessionPayload {
            user_errors,
            ..SessionPayload::default()
        });
    };
    let viewer = match verify(&operation.app, &session.access_token).await {
        Some(holder) => Some(Viewer(operation.became(holder).await?)),
        None => None,
    };
    Ok(SessionPayload {
        access_token: Some(session.access_token),
        expires_at: Some(session.expires_at),
        refresh_token: Some(session.refresh_token),
        viewer,
        user_errors,
    })
}
