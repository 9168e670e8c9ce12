use async_graphql::{Context, InputObject, Object};

use crate::graphql::account::object::{Account, AccountById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::loaders;
use crate::ops::people::language::{self, Speak};
use crate::{payload, run};

/// The language of one's own account.
#[derive(InputObject)]
pub struct SetLanguageInput {
    /// `zh-CN` or `en`.
    pub language: String,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

payload!(
    /// One's own account after the change; present with `CONFLICT` too, as it stands now.
    SetLanguagePayload { account: Account }
);

#[derive(Default)]
pub struct LanguageMutation;

#[Object]
impl LanguageMutation {
    /// Sets the language of one's own account: that of messages and labels where a request names none.
    async fn set_language(
        &self,
        ctx: &Context<'_>,
        input: SetLanguageInput,
    ) -> async_graphql::Result<SetLanguagePayload> {
        let value = Speak {
            language: input.language.clone(),
            expected_version: input.expected_version,
        };
        let answer = run!(ctx, "setLanguage", input, |unit, typed = value| language::set(unit, &typed));
        let own = ctx.operation()?.reading().await?.actor.account_id.clone();
        let account = match answer.entity(&own) {
            Some(id) => loaders::load(ctx.data()?, AccountById(id)).await?,
            None => None,
        };
        Ok(SetLanguagePayload::of(answer, account))
    }
}
