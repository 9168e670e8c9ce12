use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};
use domain::period::Period;
use domain::vocabulary::{OrganizationKind, PeriodKind, Sector};

use super::figures::{PeriodInput, codes_within};
use super::object::{Organization, OrganizationEdge, OrganizationSortField, OrganizationSortInput};
use crate::graphql::context::Operation;
use crate::graphql::external_id::{OrganizationBy, id_of};
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::page::{PageArguments, SortDirection, binding, refused};
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::external_id::Identified;
use crate::ops::organization::{Order, OrderBy, Organization as Row, OrganizationFilter, Within};
use crate::{connection, reads};

/// Fewest and most characters of a search by name.
const NAME_PART: std::ops::RangeInclusive<usize> = 2..=50;

/// Which orgs of the directory.
#[derive(InputObject, Default)]
pub struct OrganizationFilterInput {
    /// Only these kinds.
    pub kinds: Option<Vec<OrganizationKind>>,
    /// Only these sectors.
    pub sectors: Option<Vec<Sector>>,
    /// Part of the name, 2 to 50 characters, taken literally; capital letters make no difference.
    pub name_contains: Option<String>,
    /// Dissolved ones too.
    #[graphql(default)]
    pub dissolved: bool,
}

impl OrganizationFilterInput {
    fn read(self) -> async_graphql::Result<OrganizationFilter> {
        let name_contains = self.name_contains.map(|part| part.trim().to_owned());
        if let Some(part) = &name_contains
            && !NAME_PART.contains(&part.chars().count())
        {
            return Err(refused("A search by name takes 2 to 50 characters.", "BAD_USER_INPUT"));
        }
        let codes = |codes: Vec<String>| codes;
        Ok(OrganizationFilter {
            kinds: self
                .kinds
                .map(|kinds| codes(kinds.iter().map(ToString::to_string).collect())),
            sectors: self
                .sectors
                .map(|sectors| codes(sectors.iter().map(ToString::to_string).collect())),
            name_contains,
            dissolved: self.dissolved,
        })
    }
}

connection!(OrganizationDirectory of OrganizationEdge, Organization);

#[derive(Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// An org by id, or `by` an id in another system; null for what one may not see.
    async fn organization(
        &self,
        ctx: &Context<'_>,
        id: Option<ID>,
        by: Option<OrganizationBy>,
    ) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = id_of(ctx, (id, by), Identified::Organization).await? else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }

    /// The directory of a part of the tree by name (pinyin), filtered.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filter and sort"
    )]
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        filter: Option<OrganizationFilterInput>,
        #[graphql(default_with = "SortDirection::Asc")] direction: SortDirection,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<OrganizationDirectory> {
        let page = PageArguments::new(first, after, last, before);
        let filter = filter.unwrap_or_default().read()?;
        directory(
            ctx,
            within.read(ctx).await?,
            filter,
            direction == SortDirection::Desc,
            page,
        )
        .await
    }
}

async fn directory(
    ctx: &Context<'_>,
    within: Within,
    filter: OrganizationFilter,
    descending: bool,
    page: PageArguments,
) -> async_graphql::Result<OrganizationDirectory> {
    let binding = binding("directory", &(&within, &filter, descending));
    let read = reads!(within, filter => |reading, request| {
        reading.directory(&within, &filter, descending, &request)
    });
    let values = |row: &Row| vec![row.name_key.clone(), row.id.clone()];
    let node = |row| Organization(Arc::new(row));
    OrganizationDirectory::list(ctx, &binding, page, read, values, node).await
}

/// The order of a list of orgs.
#[must_use]
pub fn order(sort: Option<OrganizationSortInput>, period: Option<PeriodInput>, operation: &Arc<Operation>) -> Order {
    let field = sort.map_or(OrganizationSortField::Name, |sort| sort.field);
    let descending = sort.is_some_and(|sort| sort.direction == SortDirection::Desc);
    let head = if descending { "-" } else { "" };
    let (name, by) = match field {
        OrganizationSortField::Name => ("name".to_owned(), OrderBy::Name),
        OrganizationSortField::Headcount => ("headcount".to_owned(), OrderBy::Headcount),
        OrganizationSortField::OpenAlerts => ("openAlerts".to_owned(), OrderBy::OpenAlerts),
        OrganizationSortField::Rate => {
            let today = operation.app.today();
            let period = match period {
                Some(input) => Period::containing(input.kind, input.on.map_or(today, Into::into)),
                None => Period::containing(PeriodKind::Year, today),
            };
            (format!("rate:{}", period.code()), OrderBy::Rate(codes_within(&period)))
        }
    };
    Order {
        name: format!("{head}{name}"),
        descending,
        by,
    }
}
