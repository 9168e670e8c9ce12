use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use chrono::NaiveDate;

use super::object::Member;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::external_id::{MemberBy, id_of};
use crate::graphql::page::{
    Count, CountMode, OrganizationScopeInput, PageArguments, PageInfo, SortDirection, binding, frame,
};
use crate::ops::external_id::Identified;
use crate::ops::member::Sought;
use crate::ops::organization::{Key, KeyKind, Within};

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MemberSortField {
    /// By pinyin.
    Name,
    /// By the day of admission.
    JoinedOn,
}

#[derive(InputObject)]
pub struct MemberSortInput {
    pub field: MemberSortField,
    #[graphql(default_with = "SortDirection::Asc")]
    pub direction: SortDirection,
}

#[derive(SimpleObject)]
pub struct MemberEdge {
    pub cursor: String,
    pub node: Member,
}

/// A page of the roster.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct MemberConnection {
    pub edges: Vec<MemberEdge>,
    pub nodes: Vec<Member>,
    pub page_info: PageInfo,
    #[graphql(skip)]
    within: Within,
    #[graphql(skip)]
    sought: Sought,
}

#[async_graphql::ComplexObject]
impl MemberConnection {
    /// How many there are, counted only when asked.
    async fn total_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "CountMode::Capped")] mode: CountMode,
    ) -> async_graphql::Result<Count> {
        let reading = ctx.operation()?.reading().await?;
        let counted = reading
            .count_roster(&self.within, &self.sought, Count::cap(mode))
            .await
            .map_err(|f| to_error(&f))?;
        Ok(Count::of(counted, mode))
    }
}

#[derive(Default)]
pub struct MemberQuery;

#[Object]
impl MemberQuery {
    /// A member by id or by an id in another system; null for what one may not see.
    async fn member(&self, ctx: &Context<'_>, by: MemberBy) -> async_graphql::Result<Option<Member>> {
        let reading = ctx.operation()?.reading().await?;
        let Some(id) = id_of(ctx, (None, Some(by)), Identified::Member).await? else {
            return Ok(None);
        };
        Ok(reading
            .members(&[id])
            .await
            .map_err(|f| to_error(&f))?
            .into_iter()
            .next()
            .map(Member))
    }

    /// The roster 名册 of a part of the tree, as far as one may see it.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filter and sort"
    )]
    async fn members(
        &self,
        ctx: &Context<'_>,
        within: OrganizationScopeInput,
        #[graphql(desc = "Who belonged there that day, as known now; the objects show what holds today.")]
        as_of: Option<Date>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        sort: Option<MemberSortInput>,
        #[graphql(
            desc = "Equality only, among those whose number the reader sees or may reveal.",
            secret
        )]
        identity_number: Option<String>,
        #[graphql(
            desc = "Equality only, among those whose number the reader sees or may reveal.",
            secret
        )]
        phone: Option<String>,
    ) -> async_graphql::Result<MemberConnection> {
        let operation = ctx.operation()?;
        let within = Within::from(within);
        let descending = sort.as_ref().is_some_and(|sort| sort.direction == SortDirection::Desc);
        let by_joining = sort
            .as_ref()
            .is_some_and(|sort| sort.field == MemberSortField::JoinedOn);
        let as_of = as_of.map(NaiveDate::from);
        let first_key = if by_joining {
            Key::of("member.joined_on", KeyKind::Date, descending)
        } else {
            Key::of("member.name_key", KeyKind::Text, descending)
        };
        let keys = [first_key, Key::of("member.id", KeyKind::Text, descending)];
        let sought = Sought {
            identity_number,
            phone,
            as_of,
        };
        let binding = binding("members", &(&within, by_joining, descending, &sought));
        let request = PageArguments::new(first, after, last, before).request(&operation.app.keys, &binding)?;
        let page = operation
            .reading()
            .await?
            .roster(&within, &sought, &keys, &request)
            .await
            .map_err(|f| to_error(&f))?;
        let (page_info, cursors) = frame(&operation.app.keys, &binding, &page, |seen| {
            let first = if by_joining {
                seen.row.joined_on.to_string()
            } else {
                seen.row.name_key.clone()
            };
            vec![first, seen.row.id.clone()]
        })?;
        let edges = page.rows.iter().cloned().zip(cursors);
        Ok(MemberConnection {
            edges: edges
                .map(|(seen, cursor)| MemberEdge {
                    cursor,
                    node: Member(seen),
                })
                .collect(),
            nodes: page.rows.into_iter().map(Member).collect(),
            page_info,
            within,
            sought,
        })
    }
}
