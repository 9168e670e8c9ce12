use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::NaiveDate;
use domain::vocabulary::{MemberStatus, SealedField, Standing};

use crate::graphql::context::ContextExt as _;
use crate::graphql::loaders::{self, ExternalIdsOf, MemberById, OrganizationById};
use crate::graphql::organization::object::{ExternalId, Organization};
use crate::ops::member::Seen;

pub struct Member(pub Seen);

/// A sealed field: masked unless the policy shows it to this reader.
#[derive(SimpleObject)]
pub struct MaskedString {
    pub masked: bool,
    pub value: Option<String>,
}

impl Member {
    /// A member by id whom an edge names; outside the roster id and name only.
    pub async fn named(ctx: &Context<'_>, id: &str) -> async_graphql::Result<Option<Self>> {
        Ok(loaders::load(ctx.data()?, MemberById(id.to_owned())).await?.map(Self))
    }

    fn own<T>(&self, value: T) -> Option<T> {
        self.0.in_roster.then_some(value)
    }

    async fn sealed(&self, ctx: &Context<'_>, field: SealedField) -> async_graphql::Result<Option<MaskedString>> {
        let reading = ctx.operation()?.reading().await?;
        let sealed = reading.sealed(&self.0, field);
        Ok(sealed.map(|sealed| MaskedString {
            masked: sealed.masked,
            value: sealed.value,
        }))
    }
}

/// A Party member 党员. A person named outside the reader's roster shows id and name only.
#[Object]
impl Member {
    async fn id(&self) -> ID {
        ID(self.0.row.id.clone())
    }
    async fn name(&self) -> &str {
        &self.0.row.name
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> Option<i64> {
        self.own(self.0.row.version)
    }
    async fn standing(&self) -> Option<Standing> {
        self.own(self.0.row.standing.parse().ok()).flatten()
    }
    async fn status(&self) -> Option<MemberStatus> {
        self.own(self.0.row.status.parse().ok()).flatten()
    }
    async fn joined_on(&self) -> Option<NaiveDate> {
        self.own(self.0.row.joined_on)
    }
    async fn became_full_on(&self) -> Option<NaiveDate> {
        self.own(self.0.row.became_full_on).flatten()
    }
    async fn branch(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.own(self.0.row.branch_id.clone()) else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }
    async fn group(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.own(self.0.row.group_id.clone()).flatten() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }
    async fn phone(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<MaskedString>> {
        self.sealed(ctx, SealedField::Phone).await
    }
    async fn identity_number(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<MaskedString>> {
        self.sealed(ctx, SealedField::IdentityNumber).await
    }
    async fn birth_date(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<MaskedString>> {
        self.sealed(ctx, SealedField::BirthDate).await
    }
    async fn address(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<MaskedString>> {
        self.sealed(ctx, SealedField::Address).await
    }
    /// Names of this member in other systems.
    async fn external_ids(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Vec<ExternalId>>> {
        let Some(id) = self.own(self.0.row.id.clone()) else {
            return Ok(None);
        };
        let found = loaders::load(ctx.data()?, ExternalIdsOf(id)).await?.unwrap_or_default();
        Ok(Some(
            found
                .into_iter()
                .map(|(system, value)| ExternalId { system, value })
                .collect(),
        ))
    }
}
