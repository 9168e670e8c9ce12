use async_graphql::{ID, InputObject, MaybeUndefined};
use domain::vocabulary::EntityKind;

use crate::graphql::log::LogCursor;
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::webhook::Touch;

/// A webhook to be registered.
#[derive(InputObject)]
pub struct CreateWebhookInput {
    /// The service account whose rights decide what is told; the caller's own where it is left out.
    pub account_id: Option<ID>,
    /// Where messages are sent: https, without user name or password, port 443 or from 1024 on, to a name whose addresses all belong to
    /// the public internet or to networks that the deployment allows.
    pub url: String,
    /// Only these kinds; all where it is left out. What is about a subtree comes always.
    pub types: Option<Vec<EntityKind>>,
    /// Only this part of the tree, which the account must see.
    pub within: Option<OrganizationScopeInput>,
    /// A GraphQL document with one query, at most 8 KiB, answered for each change with the account's rights at that time. Variables that
    /// it may ask for: `$id: ID!`, `$kind: EntityKind!`, `$op: ChangeOp!`, `$extent: ChangeExtent!`, `$cursor: LogCursor!`, `$version: Int`.
    pub document: Option<String>,
    /// Told from behind this cursor of the account on; from now on where it is left out.
    pub after: Option<LogCursor>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Other settings of a webhook: what is left out stays, what is null is cleared.
#[derive(InputObject)]
pub struct ChangeWebhookInput {
    /// The webhook.
    pub webhook_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// Where messages are sent, as in `createWebhook`.
    pub url: Option<String>,
    /// Only these kinds.
    pub types: MaybeUndefined<Vec<EntityKind>>,
    /// Only this part of the tree.
    pub within: MaybeUndefined<OrganizationScopeInput>,
    /// The document that is answered for each change.
    pub document: MaybeUndefined<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Declares an input that names a webhook, with what else it says.
macro_rules! about_a_webhook {
    ($(#[$meta:meta])* $input:ident { $($(#[$fmeta:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(InputObject)]
        pub struct $input {
            /// The webhook.
            pub webhook_id: ID,
            /// The version that was read; `CONFLICT` where it has changed since.
            pub expected_version: Option<i64>,
            $($(#[$fmeta])* pub $field: $kind,)*
            /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
            pub idempotency_key: String,
        }

        impl $input {
            /// The webhook at the version that was read.
            pub fn touch(&self) -> Touch {
                Touch {
                    webhook_id: self.webhook_id.0.clone(),
                    expected_version: self.expected_version,
                }
            }
        }
    };
}

about_a_webhook!(
    /// A webhook to be paused.
    PauseWebhookInput {}
);
about_a_webhook!(
    /// A webhook to be resumed.
    ResumeWebhookInput {}
);
about_a_webhook!(
    /// A webhook to be told from another place in the log on.
    ReplayWebhookInput {
        /// It goes on behind this cursor of its account: an earlier one tells again, `log { cursor }` passes over what waits.
        from: LogCursor,
    }
);
about_a_webhook!(
    /// A new secret for a webhook.
    RotateWebhookSecretInput {
        /// For so many hours (0 to 168) messages are signed with the secrets until now too; with the new one at most 5.
        #[graphql(default = 24)]
        overlap_hours: i32,
    }
);
about_a_webhook!(
    /// A webhook to be tried.
    TestWebhookInput {}
);
about_a_webhook!(
    /// A webhook to be deleted.
    DeleteWebhookInput {}
);
