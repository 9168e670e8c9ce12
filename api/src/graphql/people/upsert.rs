use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::intake::{By, ErrorPolicy, IntakeMode, RowOutcome};
use domain::vocabulary::Standing;

use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::{UserError, to_error, user_errors};
use crate::graphql::external_id::{By as Named, MemberBy, OrganizationBy};
use crate::graphql::log::LogCursor;
use crate::graphql::member::object::Member;
use crate::graphql::people::roster::SealedInput;
use crate::ops::people::roster::upsert::{self, Row, RowResult, Told, Upsert};
use crate::run;

/// A member as another system knows them. What is left out stays as it is; of who is not there yet branch, name, standing and
/// day of joining are needed. Another branch, group, unit or standing than what stands is refused: transfers, groups and
/// admissions are acts of their own.
#[derive(InputObject, Clone)]
pub struct UpsertMemberRow {
    /// Who it is. By an external id that nobody has yet a new member gets it.
    pub member: MemberBy,
    /// The branch.
    pub branch: Option<OrganizationBy>,
    /// The party group in it.
    pub group: Option<OrganizationBy>,
    /// The full name.
    pub name: Option<String>,
    /// Full or probationary.
    pub standing: Option<Standing>,
    /// The day of admission.
    pub joined_on: Option<Date>,
    /// Of a full member.
    pub became_full_on: Option<Date>,
    /// Since when a new one belongs to the branch; today where it is left out.
    pub since: Option<Date>,
    /// In a joint branch: the unit they come from.
    pub unit_tag: Option<String>,
    /// What is sealed.
    #[graphql(flatten)]
    pub sealed: SealedInput,
}

/// Members as another system knows them, up to 500.
#[derive(InputObject)]
pub struct UpsertMembersInput {
    /// 1 to 500, each about somebody else.
    pub rows: Vec<UpsertMemberRow>,
    /// Which rows are taken.
    #[graphql(default_with = "IntakeMode::Upsert")]
    pub mode: IntakeMode,
    /// What one refused row means for the others.
    #[graphql(default_with = "ErrorPolicy::AllOrNothing")]
    pub error_policy: ErrorPolicy,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time, of refused rows by
    /// their codes.
    pub idempotency_key: String,
}

/// What became of a row.
#[derive(SimpleObject)]
pub struct UpsertRowResult {
    /// Place of the row in the input, from 0.
    pub index: i32,
    /// What became of it.
    pub outcome: RowOutcome,
    /// The member as they now are; null where the row was not taken.
    pub member: Option<Member>,
    /// Why it was refused, with paths from `input` on; empty where it was not.
    pub user_errors: Vec<UserError>,
}

/// What became of the rows.
#[derive(SimpleObject)]
pub struct UpsertMembersPayload {
    /// One for each row, in their order.
    pub results: Vec<UpsertRowResult>,
    /// What stood against all of it; empty where rows were written.
    pub user_errors: Vec<UserError>,
    /// Position of the change in the log.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

fn named(by: Named) -> By {
    match by {
        Named::Id(id) => By::Id(id.0),
        Named::External(name) => By::External {
            system: name.system,
            value: name.value,
        },
    }
}

impl From<UpsertMemberRow> for Row {
    fn from(row: UpsertMemberRow) -> Self {
        Self {
            member: named(row.member.into()),
            branch: row.branch.map(|by| named(by.into())),
            group: row.group.map(|by| named(by.into())),
            name: row.name,
            standing: row.standing,
            joined_on: row.joined_on.map(Into::into),
            became_full_on: row.became_full_on.map(Into::into),
            since: row.since.map(Into::into),
            unit_tag: row.unit_tag,
            sealed: row.sealed.into(),
        }
    }
}

async fn results(ctx: &Context<'_>, rows: Vec<RowResult>) -> async_graphql::Result<Vec<UpsertRowResult>> {
    let operation = ctx.operation()?;
    let ids: Vec<String> = rows.iter().filter_map(|row| row.member_id.clone()).collect();
    let found = operation.reading().await?.members(&ids).await;
    let mut found: std::collections::HashMap<String, _> = found
        .map_err(|failure| to_error(&failure))?
        .into_iter()
        .map(|seen| (seen.row.id.clone(), seen))
        .collect();
    let result = |(number, row): (usize, RowResult)| UpsertRowResult {
        index: i32::try_from(number).unwrap_or(i32::MAX),
        outcome: row.outcome,
        member: row.member_id.and_then(|id| found.remove(&id)).map(Member),
        user_errors: user_errors(row.problems, operation.language),
    };
    Ok(rows.into_iter().enumerate().map(result).collect())
}

#[derive(Default)]
pub struct UpsertMutation;

#[Object]
impl UpsertMutation {
    /// Enters members and brings others in line, as another system knows them: up to 500 rows, each with its result.
    #[graphql(complexity = "100 * child_complexity + 1")]
    async fn upsert_members(
        &self,
        ctx: &Context<'_>,
        input: UpsertMembersInput,
    ) -> async_graphql::Result<UpsertMembersPayload> {
        let told = Told::default();
        let value = Upsert {
            rows: input.rows.iter().cloned().map(Into::into).collect(),
            mode: input.mode,
            policy: input.error_policy,
        };
        let value = (value, told.clone());
        let answer = run!(ctx, "upsertMembers", input, |unit, typed = value| upsert::upsert(unit, &typed.0, &typed.1));
        let rows = if answer.replayed {
            let kept = answer.ids.iter().enumerate();
            kept.map(|(number, text)| upsert::replayed(text, number)).collect()
        } else {
            told.lock()
                .map(|mut place| std::mem::take(&mut *place))
                .unwrap_or_default()
        };
        Ok(UpsertMembersPayload {
            results: results(ctx, rows).await?,
            user_errors: answer.user_errors,
            cursor: answer.cursor,
            replayed: answer.replayed,
        })
    }
}
