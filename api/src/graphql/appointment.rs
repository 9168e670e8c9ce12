//! Posts 职务.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::vocabulary::Post;

use super::date::Date;
use super::loaders::{self, OrganizationById};
use super::member::object::Member;
use super::organization::object::Organization;
use crate::loader;
use crate::ops::member::Appointment as Row;

loader!(
    /// Appointment by id, as the reader may see it.
    AppointmentById => Row, |reading, ids| {
        Ok(reading.appointments(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);

pub struct Appointment(pub Row);

/// A post held by a member 任职, with its term; acting holders are marked.
#[Object]
impl Appointment {
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    async fn post(&self) -> Option<Post> {
        self.0.post.parse().ok()
    }
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.member_id).await
    }
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        Ok(
            loaders::load(ctx.data()?, OrganizationById(self.0.organization_id.clone()))
                .await?
                .map(Organization),
        )
    }
    async fn since(&self) -> Date {
        self.0.since.into()
    }
    /// The first day on which it is no longer held.
    async fn until(&self) -> Option<Date> {
        self.0.until.map(Date)
    }
    async fn term_ends_on(&self) -> Option<Date> {
        self.0.term_ends_on.map(Date)
    }
    async fn acting(&self) -> bool {
        self.0.acting
    }
    /// Units without an org of their own that are in the holder's charge, by name.
    async fn portfolio_units(&self) -> Vec<String> {
        let charges = self.0.portfolio.as_array().map_or(&[][..], Vec::as_slice);
        let names = charges.iter().filter_map(|charge| charge.get("unit")?.as_str());
        names.map(ToOwned::to_owned).collect()
    }
    /// Orgs in the holder's charge 分管; it steers responsibility, never rights.
    async fn portfolio(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Organization>> {
        let charges = self.0.portfolio.as_array().map_or(&[][..], Vec::as_slice);
        let ids = charges.iter().filter_map(|charge| charge.as_str());
        let keys: Vec<_> = ids.map(|id| OrganizationById(id.to_owned())).collect();
        let all = ctx
            .data::<Arc<loaders::Loaders>>()?
            .load_many(keys.clone())
            .await
            .map_err(|error| (*error).clone())?;
        Ok(keys
            .iter()
            .filter_map(|key| all.get(key).cloned().map(Organization))
            .collect())
    }
}
