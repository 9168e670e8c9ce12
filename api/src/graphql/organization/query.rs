use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::period::Period;
use domain::vocabulary::{OrganizationKind, PeriodKind, Sector};

use super::figures::{PeriodInput, codes_within};
use super::object::{Organization, OrganizationEdge, OrganizationSortField, OrganizationSortInput};
use crate::graphql::context::{ContextExt as _, Operation};
use crate::graphql::error::to_error;
use crate::graphql::external_id::{OrganizationBy, id_of};
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::page::{
    Count, CountMode, OrganizationScopeInput, PageArguments, PageInfo, SortDirection, binding, frame, refused,
};
use crate::ops::external_id::Identified;
use crate::ops::organization::{Order, OrderBy, OrganizationFilter, Within};

/// Fewest and most characters of a search by name.
const NAME_PART: std::ops::RangeInclusive<usize> = 2..=50;

/// Which orgs of the directory.
#[derive(InputObject, Default)]
pub struct OrganizationFilterInput {
    pub kinds: Option<Vec<OrganizationKind>>,
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

/// A page of the directory.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrganizationDirectory {
    pub edges: Vec<OrganizationEdge>,
    /// The nodes without their edges.
    pub nodes: Vec<Organization>,
    pub page_info: PageInfo,
    #[graphql(skip)]
    within: Within,
    #[graphql(skip)]
    filter: OrganizationFilter,
}

#[async_graphql::ComplexObject]
impl OrganizationDirectory {
    /// How many there are, counted only when asked.
    async fn total_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "CountMode::Capped")] mode: CountMode,
    ) -> async_graphql::Result<Count> {
        let reading = ctx.operation()?.reading().await?;
        let counted = reading
            .count_directory(&self.within, &self.filter, Count::cap(mode))
            .await;
        Ok(Count::of(counted.map_err(|f| to_error(&f))?, mode))
    }
}

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
        directory(ctx, within.into(), filter, direction == SortDirection::Desc, page).await
    }
}

async fn directory(
    ctx: &Context<'_>,
    within: Within,
    filter: OrganizationFilter,
    descending: bool,
    page: PageArguments,
) -> async_graphql::Result<OrganizationDirectory> {
    let operation = ctx.operation()?;
    let binding = binding("directory", &(&within, &filter, descending));
    let request = page.request(&operation.app.keys, &binding)?;
    let reading = operation.reading().await?;
    let page = reading.directory(&within, &filter, descending, &request).await;
    let page = page.map_err(|f| to_error(&f))?.map(Arc::new);
    let (page_info, cursors) = frame(&operation.app.keys, &binding, &page, |row| {
        vec![row.name_key.clone(), row.id.clone()]
    })?;
    let edge = |(row, cursor): (&Arc<_>, String)| OrganizationEdge {
        cursor,
        node: Organization(Arc::clone(row)),
    };
    Ok(OrganizationDirectory {
        edges: page.rows.iter().zip(cursors).map(edge).collect(),
        nodes: page.rows.into_iter().map(Organization).collect(),
        page_info,
        within,
        filter,
    })
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
