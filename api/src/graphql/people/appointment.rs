use async_graphql::{Context, ID, InputObject, Object, OneofObject};
use chrono::NaiveDate;
use domain::vocabulary::Post;

use crate::graphql::appointment::Appointment;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::organization::input::{CollectiveDecisionInput, decision};
use crate::graphql::page::{PageArguments, binding};
use crate::ops::people::appointment::{self, Appoint, Assign, Charge, End};
use crate::ops::people::reading::rank;
use crate::{connection, payload, reads, run};

/// One thing an officer looks after 分管; exactly one field.
#[derive(OneofObject, Clone)]
pub enum ChargeInput {
    /// An org at or below that of the post.
    OrganizationId(ID),
    /// A unit without an org of its own, by name.
    Unit(String),
}

/// Fills a post.
#[derive(InputObject)]
pub struct AppointInput {
    /// The org that it is about.
    pub organization_id: ID,
    /// The member.
    pub member_id: ID,
    /// The post.
    pub post: Post,
    /// Today where it is left out.
    pub since: Option<Date>,
    /// Of an acting holder, and of nobody else: the first day on which they no longer hold it.
    pub until: Option<Date>,
    /// When the term ends.
    pub term_ends_on: Option<Date>,
    /// Whether it is held in an acting capacity.
    #[graphql(default)]
    pub acting: bool,
    /// What the holder looks after.
    #[graphql(default)]
    pub portfolio: Vec<ChargeInput>,
    /// The election, confirmation or decision that the post rests on.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// A post to be ended.
#[derive(InputObject)]
pub struct EndAppointmentInput {
    /// The post that is held.
    pub appointment_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// The first day on which it is no longer held; today where it is left out.
    pub until: Option<Date>,
    /// The collective decision that it rests on, recorded with date and document number.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// What the holder of a post looks after.
#[derive(InputObject)]
pub struct AssignPortfolioInput {
    /// The post that is held.
    pub appointment_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// The whole portfolio, as it is from now on; at most 50.
    pub portfolio: Vec<ChargeInput>,
    /// The collective decision that it rests on, recorded with date and document number.
    pub decision: Option<CollectiveDecisionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

payload!(
    /// A post after the change.
    AppointmentPayload { appointment: Appointment }
);

connection!(AppointmentConnection, AppointmentEdge, Appointment);

fn charges(inputs: &[ChargeInput]) -> Vec<Charge> {
    inputs
        .iter()
        .map(|input| match input {
            ChargeInput::OrganizationId(id) => Charge::Organization(id.0.clone()),
            ChargeInput::Unit(name) => Charge::Unit(name.clone()),
        })
        .collect()
}

async fn one(ctx: &Context<'_>, id: Option<String>) -> async_graphql::Result<Option<Appointment>> {
    let Some(id) = id else { return Ok(None) };
    let found = ctx.operation()?.reading().await?.appointments(&[id]).await;
    Ok(found.map_err(|failure| to_error(&failure))?.pop().map(Appointment))
}

/// The posts of an org on a day, as far as the reader may see them.
pub async fn of_organization(
    ctx: &Context<'_>,
    id: &str,
    on: Option<NaiveDate>,
    page: PageArguments,
) -> async_graphql::Result<AppointmentConnection> {
    let on = on.unwrap_or(ctx.operation()?.reading().await?.today);
    let binding = binding("appointments", &(id, on));
    let organization = id.to_owned();
    let read = reads!(organization => |reading, request| reading.appointments_of(&organization, on, &request));
    let values = |row: &crate::ops::member::Appointment| vec![rank(&row.post).to_owned(), row.id.clone()];
    AppointmentConnection::list(ctx, &binding, page, read, values, Appointment).await
}

#[derive(Default)]
pub struct AppointmentMutation;

#[Object]
impl AppointmentMutation {
    /// Fills a post. A secretary is confirmed, or designated as an acting one, by the superior or the organization
    /// department; other posts are filled by the head of the org; all of it on a recorded decision.
    async fn appoint(&self, ctx: &Context<'_>, input: AppointInput) -> async_graphql::Result<AppointmentPayload> {
        let value = Appoint {
            organization_id: input.organization_id.0.clone(),
            member_id: input.member_id.0.clone(),
            post: input.post,
            since: input.since.map(Into::into),
            until: input.until.map(Into::into),
            term_ends_on: input.term_ends_on.map(Into::into),
            acting: input.acting,
            portfolio: charges(&input.portfolio),
            decision: decision(input.decision.as_ref()),
        };
        let answer = run!(ctx, "appoint", input, |unit, typed = value| appointment::appoint(unit, &typed));
        let entity = one(ctx, answer.entity("")).await?;
        Ok(AppointmentPayload::of(answer, entity))
    }

    /// Ends a post.
    async fn end_appointment(
        &self,
        ctx: &Context<'_>,
        input: EndAppointmentInput,
    ) -> async_graphql::Result<AppointmentPayload> {
        let value = End {
            appointment_id: input.appointment_id.0.clone(),
            expected_version: input.expected_version,
            until: input.until.map(Into::into),
            decision: decision(input.decision.as_ref()),
        };
        let answer = run!(ctx, "endAppointment", input, |unit, typed = value| appointment::end(unit, &typed));
        let entity = one(ctx, answer.entity(&input.appointment_id)).await?;
        Ok(AppointmentPayload::of(answer, entity))
    }

    /// Says what an officer looks after 分管: it steers responsibility, never rights.
    async fn assign_portfolio(
        &self,
        ctx: &Context<'_>,
        input: AssignPortfolioInput,
    ) -> async_graphql::Result<AppointmentPayload> {
        let value = Assign {
            appointment_id: input.appointment_id.0.clone(),
            expected_version: input.expected_version,
            portfolio: charges(&input.portfolio),
            decision: decision(input.decision.as_ref()),
        };
        let answer = run!(ctx, "assignPortfolio", input, |unit, typed = value| appointment::assign(unit, &typed));
        let entity = one(ctx, answer.entity(&input.appointment_id)).await?;
        Ok(AppointmentPayload::of(answer, entity))
    }
}
