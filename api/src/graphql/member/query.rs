use async_graphql::{Context, Enum, InputObject, Object};

use chrono::NaiveDate;

use super::object::Member;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::external_id::{MemberBy, id_of};
use crate::graphql::page::{PageArguments, SortDirection, binding};
use crate::graphql::within::OrganizationScopeInput;
use crate::ops::external_id::Identified;
use crate::ops::member::{Seen, Sought};
use crate::ops::organization::{Key, KeyKind};
use crate::{connection, reads};

/// What the roster is sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MemberSortField {
    /// By pinyin.
    Name,
    /// By the day of admission.
    JoinedOn,
}

/// How the roster is sorted.
#[derive(InputObject)]
pub struct MemberSortInput {
    /// Which field.
    pub field: MemberSortField,
    /// Ascending or descending.
    #[graphql(default_with = "SortDirection::Asc")]
    pub direction: SortDirection,
}

connection!(MemberConnection, MemberEdge, Member);

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
        let within = within.read(ctx).await?;
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
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(within, sought => |reading, request| reading.roster(&within, &sought, &keys, &request));
        let values = move |seen: &Seen| {
            let first = if by_joining {
                seen.row.joined_on.to_string()
            } else {
                seen.row.name_key.clone()
            };
            vec![first, seen.row.id.clone()]
        };
        MemberConnection::list(ctx, &binding, page, read, values, Member).await
    }
}
