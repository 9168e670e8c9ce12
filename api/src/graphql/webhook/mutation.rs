use async_graphql::{Context, ID, MaybeUndefined, Object};

use super::document::Documents;
use super::input::{
    ChangeWebhookInput, CreateWebhookInput, DeleteWebhookInput, PauseWebhookInput, ReplayWebhookInput,
    ResumeWebhookInput, RotateWebhookSecretInput, TestWebhookInput,
};
use super::object::{Webhook, WebhookById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::within::{self, OrganizationScopeInput};
use crate::graphql::write::Answer;
use crate::ops::organization::Within;
use crate::ops::reading::Reading;
use crate::ops::told::Told;
use crate::ops::webhook::manage::{self, Change, Checked, Registration, Wish};
use crate::ops::webhook::{Touch, run};
use crate::{answered, payload, run};

payload!(
    /// A webhook after the change; present with `CONFLICT` too, as it stands now.
    WebhookPayload { webhook: Webhook by WebhookById }
);

answered!(
    /// A webhook after the change, with its new secret.
    WebhookSecretPayload {
        /// As it stands afterwards; null with refusals, but for a conflict.
        webhook: Option<Webhook>,
        /// The new secret, `whsec_…`, in this one answer and never again: a repeat has none.
        secret: Option<String>,
    }
);

answered!(
    /// A trial that is on its way.
    TestWebhookPayload {
        /// The webhook; what came of the trial soon stands among its `deliveries`.
        webhook: Option<Webhook>,
        /// The `webhook-id` of the trial.
        message_id: Option<String>,
    }
);

answered!(
    /// A webhook that is gone.
    DeleteWebhookPayload {
        /// The id that it had.
        webhook_id: Option<ID>,
    }
);

async fn loaded(ctx: &Context<'_>, id: Option<String>) -> async_graphql::Result<Option<Webhook>> {
    let Some(id) = id else { return Ok(None) };
    Ok(loaders::load(ctx.data()?, WebhookById(id)).await?.map(Webhook))
}

async fn with_secret(
    ctx: &Context<'_>,
    answer: Answer,
    told: &Told,
    present: &str,
) -> async_graphql::Result<WebhookSecretPayload> {
    let webhook = loaded(ctx, answer.entity(present)).await?;
    Ok(WebhookSecretPayload::with(webhook, answer.secret(told), answer))
}

/// What was found out about address and document, before the write: first of all whether the caller may register them.
async fn checked(
    ctx: &Context<'_>,
    wish: Wish<'_>,
    (url, document): (Option<&str>, Option<&str>),
) -> async_graphql::Result<Vec<Checked>> {
    let operation = ctx.operation()?;
    let holder = operation.holder.as_ref();
    if holder.is_none() || (url.is_none() && document.is_none()) {
        return Ok(Vec::new());
    }
    let right = async {
        let reading = Reading::open(operation.app.clone(), holder).await?;
        manage::may(&reading, wish).await
    };
    let right = right.await.map_err(|failure| to_error(&failure))?;
    if right.is_err() {
        return Ok(vec![right]);
    }
    let mut checked = Vec::new();
    if let Some(url) = url {
        checked.push(manage::check_address(&operation.app, url).await);
    }
    if let Some(document) = document {
        checked.push(ctx.data::<Documents>()?.check(document).await);
    }
    Ok(checked)
}

/// The part of the tree that a webhook is told of from now on; `None` where it stays as it is.
async fn changed(
    ctx: &Context<'_>,
    input: &MaybeUndefined<OrganizationScopeInput>,
) -> async_graphql::Result<Option<Option<Within>>> {
    if input.is_undefined() {
        return Ok(None);
    }
    Ok(Some(within::read(ctx, input.value().cloned()).await?))
}

#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Registers an address at which a service account is told what changes; the secret that messages are signed with is shown once.
    /// A service account needs `webhooks:manage` for its own, and `events:read` to be told anything.
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        input: CreateWebhookInput,
    ) -> async_graphql::Result<WebhookSecretPayload> {
        let told = Told::default();
        let account = input.account_id.as_ref().map(|id| id.as_str());
        let registration = Registration {
            account_id: input.account_id.clone().map(|id| id.0),
            url: input.url.clone(),
            types: input.types.clone(),
            within: within::read(ctx, input.within.clone()).await?,
            document: input.document.clone(),
            after: input.after.clone().map(|cursor| cursor.0),
            checked: Box::pin(checked(
                ctx,
                Wish::Register(account),
                (Some(&input.url), input.document.as_deref()),
            ))
            .await?,
        };
        let value = (registration, told.clone());
        let answer = run!(ctx, "createWebhook", input, |unit, typed = value| {
            manage::create(unit, &typed.0, &typed.1)
        });
        Box::pin(with_secret(ctx, answer, &told, "")).await
    }

    /// Gives a webhook other settings. A message that waits for another attempt is tried at once.
    async fn change_webhook(
        &self,
        ctx: &Context<'_>,
        input: ChangeWebhookInput,
    ) -> async_graphql::Result<WebhookPayload> {
        let document = input.document.value().map(String::as_str);
        let value = Change {
            touch: Touch {
                webhook_id: input.webhook_id.0.clone(),
                expected_version: Some(input.expected_version),
            },
            url: input.url.clone(),
            types: input.types.clone().into(),
            within: changed(ctx, &input.within).await?,
            document: input.document.clone().into(),
            checked: Box::pin(checked(
                ctx,
                Wish::Change(&input.webhook_id),
                (input.url.as_deref(), document),
            ))
            .await?,
        };
        let answer = run!(ctx, "changeWebhook", input, |unit, typed = value| manage::change(unit, &typed));
        WebhookPayload::after(ctx, answer, &input.webhook_id).await
    }

    /// Tells a webhook nothing more until it is resumed; its place in the log stays.
    async fn pause_webhook(
        &self,
        ctx: &Context<'_>,
        input: PauseWebhookInput,
    ) -> async_graphql::Result<WebhookPayload> {
        let value = input.touch();
        let answer = run!(ctx, "pauseWebhook", input, |unit, typed = value| run::pause(unit, &typed));
        WebhookPayload::after(ctx, answer, &input.webhook_id).await
    }

    /// Tells a webhook from where it stopped, what was missed first, in order; the retry time begins anew.
    async fn resume_webhook(
        &self,
        ctx: &Context<'_>,
        input: ResumeWebhookInput,
    ) -> async_graphql::Result<WebhookPayload> {
        let value = input.touch();
        let answer = run!(ctx, "resumeWebhook", input, |unit, typed = value| run::resume(unit, &typed));
        WebhookPayload::after(ctx, answer, &input.webhook_id).await
    }

    /// Makes a new secret for a webhook, shown once; for the overlap messages carry a signature by each.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        input: RotateWebhookSecretInput,
    ) -> async_graphql::Result<WebhookSecretPayload> {
        let told = Told::default();
        let value = (input.touch(), i64::from(input.overlap_hours), told.clone());
        let answer = run!(ctx, "rotateWebhookSecret", input, |unit, typed = value| {
            run::rotate(unit, &typed.0, typed.1, &typed.2)
        });
        Box::pin(with_secret(ctx, answer, &told, &input.webhook_id)).await
    }

    /// Lets a webhook go on from another place in the log. The same change has the same `webhook-id` however often it is told.
    async fn replay_webhook(
        &self,
        ctx: &Context<'_>,
        input: ReplayWebhookInput,
    ) -> async_graphql::Result<WebhookPayload> {
        let value = (input.touch(), input.from.0.clone());
        let answer = run!(ctx, "replayWebhook", input, |unit, typed = value| {
            run::replay(unit, &typed.0, &typed.1)
        });
        WebhookPayload::after(ctx, answer, &input.webhook_id).await
    }

    /// Sends a trial, once and beside the order, also to a paused webhook.
    async fn test_webhook(
        &self,
        ctx: &Context<'_>,
        input: TestWebhookInput,
    ) -> async_graphql::Result<TestWebhookPayload> {
        let value = input.touch();
        let answer = run!(ctx, "testWebhook", input, |unit, typed = value| run::test(unit, &typed));
        Ok(TestWebhookPayload::with(
            loaded(ctx, answer.entity(&input.webhook_id)).await?,
            answer.ids.get(1).cloned(),
            answer,
        ))
    }

    /// Deletes a webhook with all that was noted of its deliveries.
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        input: DeleteWebhookInput,
    ) -> async_graphql::Result<DeleteWebhookPayload> {
        let value = input.touch();
        let answer = run!(ctx, "deleteWebhook", input, |unit, typed = value| manage::delete(unit, &typed));
        Ok(DeleteWebhookPayload::with(answer.ids.first().cloned().map(ID), answer))
    }
}
