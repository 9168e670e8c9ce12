use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::graphql::account::object::{Account, AccountById};
use crate::graphql::loaders;
use crate::graphql::page::{PageArguments, binding};
use crate::graphql::within::OrganizationScopeInput;
use crate::graphql::write::Answer;
use crate::ops::people::reading::Account as Row;
use crate::ops::people::service_account::{self, Change, Opening, Rotation, ServiceSecret as SecretRow};
use crate::ops::told::Told;
use crate::{answered, connection, loader, reads, run};

/// A service account to be opened.
#[derive(InputObject)]
pub struct CreateServiceAccountInput {
    /// The org whose subtree it may reach.
    pub organization_id: ID,
    /// 3 to 40 lower-case letters, digits, `.`, `-`, `_`: how the program is called in lists and in the trail.
    pub username: String,
    /// What it may do there; at least one.
    pub scopes: Vec<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Other scopes for a service account.
#[derive(InputObject)]
pub struct SetServiceScopesInput {
    /// The service account.
    pub account_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// What it may do from now on; at least one.
    pub scopes: Vec<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// A new secret for a service account.
#[derive(InputObject)]
pub struct RotateServiceSecretInput {
    /// The service account.
    pub account_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// For so many hours (0 to 168) the secrets until now go on working; with the new one at most 5. With 0 the tokens got with them end as well.
    #[graphql(default = 24)]
    pub overlap_hours: i32,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

answered!(
    /// A service account after the change.
    ServiceAccountPayload {
        /// The account; its id is the client id.
        account: Option<Account>,
        /// The new secret, in this one answer and never again: a repeat has none.
        client_secret: Option<String>,
    }
);

/// A secret of a service account, without the secret.
#[derive(SimpleObject, Clone)]
pub struct ServiceSecret {
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it no longer works; null until another takes over.
    pub expires_at: Option<DateTime<Utc>>,
    /// When somebody last signed in with it; null where nobody has.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl From<SecretRow> for ServiceSecret {
    fn from(row: SecretRow) -> Self {
        Self {
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

loader!(
    /// Secrets of a service account that still work, the oldest first.
    SecretsOf => Vec<ServiceSecret>, |reading, ids| {
        let mut secrets = std::collections::HashMap::<String, Vec<ServiceSecret>>::new();
        for row in reading.secrets_of(&ids).await? {
            secrets.entry(row.account_id.clone()).or_default().push(row.into());
        }
        Ok(secrets)
    }
);

connection!(ServiceAccountConnection, ServiceAccountEdge, Account);

async fn payload(
    ctx: &Context<'_>,
    answer: Answer,
    told: &Told,
    present: &str,
) -> async_graphql::Result<ServiceAccountPayload> {
    let account = match answer.entity(present) {
        Some(id) => loaders::load(ctx.data()?, AccountById(id)).await?,
        None => None,
    };
    Ok(ServiceAccountPayload::with(account, answer.secret(told), answer))
}

#[derive(Default)]
pub struct ServiceAccountQuery;

#[Object]
impl ServiceAccountQuery {
    /// Service accounts of the orgs in a part of the tree, by user name, for who looks after accounts there.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn service_accounts(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ServiceAccountConnection> {
        let within = within.read(ctx).await?;
        let binding = binding("serviceAccounts", &within);
        let read = reads!(within => |reading, request| reading.service_accounts_within(&within, &request));
        let values = |row: &Row| vec![row.username.clone(), row.id.clone()];
        let page = PageArguments::new(first, after, last, before);
        ServiceAccountConnection::list(ctx, &binding, page, read, values, Account::from).await
    }
}

#[derive(Default)]
pub struct ServiceAccountMutation;

#[Object]
impl ServiceAccountMutation {
    /// Opens a service account for a program: client id and secret, shown once; sign in with `signInService`.
    async fn create_service_account(
        &self,
        ctx: &Context<'_>,
        input: CreateServiceAccountInput,
    ) -> async_graphql::Result<ServiceAccountPayload> {
        let told = Told::default();
        let value = Opening {
            organization_id: input.organization_id.0.clone(),
            username: input.username.clone(),
            scopes: input.scopes.clone(),
        };
        let value = (value, told.clone());
        let answer = run!(ctx, "createServiceAccount", input, |unit, typed = value| {
            service_account::open(unit, &typed.0, &typed.1)
        });
        payload(ctx, answer, &told, "").await
    }

    /// Gives a service account other scopes; they hold from its next request on.
    async fn set_service_scopes(
        &self,
        ctx: &Context<'_>,
        input: SetServiceScopesInput,
    ) -> async_graphql::Result<ServiceAccountPayload> {
        let value = Change {
            account_id: input.account_id.0.clone(),
            expected_version: input.expected_version,
            scopes: input.scopes.clone(),
        };
        let answer = run!(ctx, "setServiceScopes", input, |unit, typed = value| {
            service_account::change(unit, &typed)
        });
        payload(ctx, answer, &Told::default(), &input.account_id).await
    }

    /// Makes a new secret for a service account, shown once; those until now go on for the overlap.
    async fn rotate_service_secret(
        &self,
        ctx: &Context<'_>,
        input: RotateServiceSecretInput,
    ) -> async_graphql::Result<ServiceAccountPayload> {
        let told = Told::default();
        let value = Rotation {
            account_id: input.account_id.0.clone(),
            expected_version: input.expected_version,
            overlap_hours: input.overlap_hours.into(),
        };
        let value = (value, told.clone());
        let answer = run!(ctx, "rotateServiceSecret", input, |unit, typed = value| {
            service_account::rotate(unit, &typed.0, &typed.1)
        });
        payload(ctx, answer, &told, &input.account_id).await
    }
}
