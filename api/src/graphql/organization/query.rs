use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::period::Period;

use super::figures::{PeriodInput, codes_within};
use super::object::{Organization, OrganizationSortField, OrganizationSortInput};
use crate::graphql::context::Operation;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::page::SortDirection;
use crate::ops::organization::Order;

#[derive(Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// An org by id; null for what one may not see.
    async fn organization(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Organization>> {
        Ok(loaders::load(ctx.data()?, OrganizationById(id.0))
            .await?
            .map(Organization))
    }
}

/// The order of a list of orgs.
#[must_use]
pub fn order(sort: Option<OrganizationSortInput>, period: Option<PeriodInput>, operation: &Arc<Operation>) -> Order {
    let field = sort.map_or(OrganizationSortField::Name, |sort| sort.field);
    let descending = sort.is_some_and(|sort| sort.direction == SortDirection::Desc);
    let head = if descending { "-" } else { "" };
    match field {
        OrganizationSortField::Name => Order {
            name: format!("{head}name"),
            descending,
            periods: None,
        },
        OrganizationSortField::Rate => {
            let today = operation.app.today();
            let period = match period {
                Some(input) => Period::containing(input.kind, input.on.map_or(today, Into::into)),
                None => Period::containing(domain::vocabulary::PeriodKind::Year, today),
            };
            Order {
                name: format!("{head}rate:{}", period.code()),
                descending,
                periods: Some(codes_within(&period)),
            }
        }
    }
}
