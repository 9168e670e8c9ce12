use async_graphql::{Context, ID, Object};
use domain::vocabulary::WebhookState;

use super::object::{Webhook, WebhookById, WebhookConnection};
use crate::graphql::loaders;
use crate::graphql::page::{PageArguments, binding, instant};
use crate::graphql::within::{self, OrganizationScopeInput};
use crate::ops::webhook::{Asked, Webhook as Row};
use crate::reads;

#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// Webhooks of service accounts, the oldest first: a service account's own; of every account for administrators, of those of
    /// their org for its officers.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filters"
    )]
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of service accounts of this part of the tree.")] within: Option<
            OrganizationScopeInput,
        >,
        #[graphql(desc = "Only those of this service account.")] account: Option<ID>,
        #[graphql(desc = "Only those that stand so.")] states: Option<Vec<WebhookState>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<WebhookConnection> {
        let asked = Asked {
            within: within::read(ctx, within).await?,
            account_id: account.map(|id| id.0),
            states: states.unwrap_or_default().iter().map(ToString::to_string).collect(),
        };
        let binding = binding("webhooks", &asked);
        let read = reads!(asked => |reading, request| reading.webhooks_within(&asked, &request));
        let values = |row: &Row| vec![instant(row.created_at), row.id.clone()];
        let page = PageArguments::new(first, after, last, before);
        WebhookConnection::list(ctx, &binding, page, read, values, Webhook).await
    }

    /// A webhook by its id; null for what one may not see, as for what does not exist.
    async fn webhook(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Webhook>> {
        let found = loaders::load(ctx.data()?, WebhookById(id.0)).await?;
        Ok(found.map(Webhook))
    }
}
