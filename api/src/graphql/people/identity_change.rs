use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::policy::{Subject, Visibility, visibility};
use domain::problem::Problem;
use domain::vocabulary::{IdentityChangeState, RevealPurpose, SealedField};

use super::roster::RevealFieldPayload;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::{split, to_error};
use crate::graphql::member::object::{MaskedString, Member, MemberInRoster, member_target};
use crate::graphql::{loaders, write::Answer};
use crate::ops::people::identity_change::{self, Ask, Decide, IdentityChange as Row, Look, seal_place};
use crate::{loader, payload, permission, run};

permission!(
    /// What can be done with a correction.
    IdentityChangeAction,
    IdentityChangePermission {
        /// Put the value on the member.
        Confirm => ConfirmIdentityChange,
        /// Refuse with a reason.
        Reject => RejectIdentityChange,
        /// See the value before deciding.
        Reveal => RevealIdentityChange,
    }
);

pub struct IdentityChange(pub Row);

loader!(
    /// Corrections that a member asked for, newest first.
    IdentityChangesOf => Vec<Row>, |reading, ids| {
        let mut map: std::collections::HashMap<String, Vec<Row>> = std::collections::HashMap::new();
        for row in reading.identity_changes_of(&ids).await? {
            map.entry(row.member_id.clone()).or_default().push(row);
        }
        Ok(map)
    }
);

loader!(
    /// Correction by id, as the reader may see it.
    IdentityChangeById => Row, |reading, ids| {
        Ok(reading.identity_changes(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);

/// A correction of identity data 身份信息更正 that a member asked for; the branch confirms or rejects it.
#[Object]
impl IdentityChange {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// Whom it concerns.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.member_id).await
    }
    /// Which field.
    async fn field(&self) -> Option<SealedField> {
        self.0.field.parse().ok()
    }
    /// What it shall be: plain for the member; for others it says nothing, and who decides reveals it. Null once it is
    /// decided.
    async fn value(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<MaskedString>> {
        let Some(sealed) = &self.0.value_sealed else {
            return Ok(None);
        };
        let seen = loaders::load(ctx.data()?, MemberInRoster(self.0.member_id.clone())).await?;
        let Some(target) = seen.and_then(|seen| seen.target()) else {
            return Ok(None);
        };
        let reading = ctx.operation()?.reading().await?;
        if visibility(&reading.actor, Subject::Identity, &target) != Visibility::Plain {
            return Ok(Some(MaskedString {
                masked: true,
                value: None,
            }));
        }
        let plain = reading.app.keys.open(&seal_place(&self.0.id), sealed);
        let plain = plain.map_err(|error| to_error(&error.into()))?;
        Ok(Some(MaskedString {
            masked: false,
            value: String::from_utf8(plain).ok(),
        }))
    }
    /// How it stands.
    async fn state(&self) -> Option<IdentityChangeState> {
        self.0.state.parse().ok()
    }
    /// When it was asked for.
    async fn asked_at(&self) -> DateTime<Utc> {
        self.0.asked_at
    }
    /// When it was decided.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
    /// Who decided.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match &self.0.decided_by {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }
    /// Why it was rejected.
    async fn reason(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }
    /// What the reader may do with it now, and why not.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<IdentityChangeAction>,
    ) -> async_graphql::Result<Vec<IdentityChangePermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let target = member_target(ctx, &self.0.member_id).await?;
        let decided = self.0.state.parse() != Ok(IdentityChangeState::Asked);
        let against = |_| decided.then(|| Problem::decided("identityChangeId", &self.0.state));
        Ok(target.map_or_else(Vec::new, |target| {
            IdentityChangePermission::each(operation, &reading, actions, &target, against)
        }))
    }
}

/// Asks that one's own identity data be corrected.
#[derive(InputObject)]
pub struct AskIdentityChangeInput {
    /// `IDENTITY_NUMBER`, `BIRTH_DATE` or `ADDRESS`.
    pub field: SealedField,
    /// What it shall be; a birth date as `YYYY-MM-DD`.
    #[graphql(secret)]
    pub value: String,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// A correction to be confirmed.
#[derive(InputObject)]
pub struct ConfirmIdentityChangeInput {
    /// The correction.
    pub identity_change_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// A correction to be rejected.
#[derive(InputObject)]
pub struct RejectIdentityChangeInput {
    /// The correction.
    pub identity_change_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// The member reads it.
    pub reason: String,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Asks for the value that waits for one's decision.
#[derive(InputObject)]
pub struct RevealIdentityChangeInput {
    /// The correction.
    pub identity_change_id: ID,
    /// What it is revealed for.
    pub purpose: RevealPurpose,
    /// At most 200 characters; the member reads it.
    pub note: Option<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

payload!(
    /// A correction after the change; present with `CONFLICT` too, as it stands now.
    IdentityChangePayload { identity_change: IdentityChange by IdentityChangeById }
);

#[derive(Default)]
pub struct IdentityChangeMutation;

#[Object]
impl IdentityChangeMutation {
    /// Asks that one's own identity number, birth date or address be corrected; the branch confirms. A request that
    /// waits for the same field is withdrawn.
    async fn ask_identity_change(
        &self,
        ctx: &Context<'_>,
        input: AskIdentityChangeInput,
    ) -> async_graphql::Result<IdentityChangePayload> {
        let value = Ask {
            field: input.field,
            value: input.value.clone(),
        };
        let answer = run!(ctx, "askIdentityChange", input, |unit, typed = value| identity_change::ask(unit, &typed));
        IdentityChangePayload::after(ctx, answer, "").await
    }

    /// Confirms a correction: the value stands on the member from now on. Nobody confirms their own.
    async fn confirm_identity_change(
        &self,
        ctx: &Context<'_>,
        input: ConfirmIdentityChangeInput,
    ) -> async_graphql::Result<IdentityChangePayload> {
        let value = decide(&input.identity_change_id, input.expected_version, None);
        let answer = run!(ctx, "confirmIdentityChange", input, |unit, typed = value| identity_change::decide(
            unit, &typed
        ));
        IdentityChangePayload::after(ctx, answer, &input.identity_change_id).await
    }

    /// Rejects a correction with a reason.
    async fn reject_identity_change(
        &self,
        ctx: &Context<'_>,
        input: RejectIdentityChangeInput,
    ) -> async_graphql::Result<IdentityChangePayload> {
        let value = decide(&input.identity_change_id, input.expected_version, Some(&input.reason));
        let answer = run!(ctx, "rejectIdentityChange", input, |unit, typed = value| identity_change::decide(
            unit, &typed
        ));
        IdentityChangePayload::after(ctx, answer, &input.identity_change_id).await
    }

    /// Shows the value of a correction to who decides it. The line in the trail is committed before the value is read.
    async fn reveal_identity_change(
        &self,
        ctx: &Context<'_>,
        input: RevealIdentityChangeInput,
    ) -> async_graphql::Result<RevealFieldPayload> {
        let value = Look {
            id: input.identity_change_id.0.clone(),
            purpose: input.purpose,
            note: input.note.clone(),
        };
        let answer = run!(ctx, "revealIdentityChange", input, |unit, typed = value| identity_change::look(
            unit, &typed
        ));
        revealed(ctx, answer).await
    }
}

async fn revealed(ctx: &Context<'_>, answer: Answer) -> async_graphql::Result<RevealFieldPayload> {
    let (mut value, mut user_errors) = (None, answer.user_errors);
    if user_errors.is_empty() {
        let operation = ctx.operation()?;
        let read = operation.reading().await?.asked_value(&answer.ids).await;
        let (found, problems) = split(read, operation.language)?;
        (value, user_errors) = (found.flatten(), problems);
    }
    Ok(RevealFieldPayload {
        value,
        user_errors,
        cursor: answer.cursor,
        replayed: answer.replayed,
    })
}

fn decide(id: &ID, expected_version: Option<i64>, rejection: Option<&String>) -> Decide {
    Decide {
        id: id.0.clone(),
        expected_version,
        rejection: rejection.cloned(),
    }
}
