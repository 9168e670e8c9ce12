use async_graphql::{Context, ID, InputObject, Object};

use super::object::Rulebook;
use super::query::library;
use crate::answered;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::organization::mutation::{OrganizationPayload, payload};
use crate::graphql::page::input_text;
use crate::graphql::write::{Keyed, write};
use crate::ops::rulebook::administer;

/// A rulebook, or a new version of one.
#[derive(InputObject)]
pub struct LoadRulebookInput {
    /// The TOML document; `docs/rulebook.md` says how to write one.
    pub text: String,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Puts an org and everything below it under a rulebook.
#[derive(InputObject)]
pub struct AssignRulebookInput {
    /// The org that it is about.
    pub organization_id: ID,
    /// Key of the rulebook.
    pub rulebook_key: String,
    /// First day; not before the first of this month.
    pub from_on: Date,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

answered!(
    /// A rulebook that was loaded, or every mistake of the document with line and key.
    RulebookPayload {
        /// The rulebook.
        rulebook: Option<Rulebook>,
    }
);

#[derive(Default)]
pub struct RulebookMutation;

#[Object]
impl RulebookMutation {
    /// Loads a rulebook, or a new version of one; by the administrator. It holds nowhere until it is assigned; a new
    /// version of a book that is assigned holds from its own first day.
    async fn load_rulebook(
        &self,
        ctx: &Context<'_>,
        input: LoadRulebookInput,
    ) -> async_graphql::Result<RulebookPayload> {
        let keyed = Keyed {
            operation: "loadRulebook",
            key: &input.idempotency_key,
            input: input_text(&input),
        };
        let text = input.text.clone();
        let answer = write(ctx, keyed, move |unit| {
            let text = text.clone();
            Box::pin(async move { administer::load(unit, &text).await })
        })
        .await?;
        let rulebook = match answer.ids.get(1) {
            Some(name) => loaded(ctx, name).await?,
            None => None,
        };
        Ok(RulebookPayload::with(rulebook, answer))
    }

    /// Puts an org and everything below it under a rulebook from a day on; by an organization department. The nearest
    /// assignment above an org wins. Open obligations are judged again at once; closed periods keep their book.
    async fn assign_rulebook(
        &self,
        ctx: &Context<'_>,
        input: AssignRulebookInput,
    ) -> async_graphql::Result<OrganizationPayload> {
        let keyed = Keyed {
            operation: "assignRulebook",
            key: &input.idempotency_key,
            input: input_text(&input),
        };
        let (id, key) = (input.organization_id.0.clone(), input.rulebook_key.clone());
        let answer = write(ctx, keyed, move |unit| {
            let (id, key) = (id.clone(), key.clone());
            Box::pin(async move { administer::assign(unit, &id, &key, input.from_on.0).await })
        })
        .await?;
        payload(ctx, answer, &input.organization_id).await
    }
}

/// The rulebook named `key@version`.
async fn loaded(ctx: &Context<'_>, name: &str) -> async_graphql::Result<Option<Rulebook>> {
    let on = ctx.operation()?.app.today();
    let library = library(ctx).await?;
    let named = name.split_once('@');
    let book = named.and_then(|(key, version)| library.version(key, version.parse().ok()?));
    Ok(book.map(|book| Rulebook { book: book.clone(), on }))
}
