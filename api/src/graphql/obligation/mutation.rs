use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::vocabulary::DecisionState;

use super::alert::{Alert, AlertById};
use super::object::{Obligation, ObligationById};
use super::permission::{DeviationAction, DeviationPermission};
use crate::graphql::activity::object::PlaceOf;
use crate::graphql::context::{ContextExt as _, Operation};
use crate::graphql::date::Date;
use crate::graphql::error::{UserError, split, to_error};
use crate::graphql::loaders;
use crate::graphql::log::LogCursor;
use crate::graphql::page::input_text;
use crate::loader;
use crate::ops::obligation::attend::{Attention, attend};
use crate::ops::obligation::deviation::{Answer, Ask, ask, decide};
use crate::ops::obligation::reading::Deviation as Row;
use crate::ops::outcome::Outcome;
use crate::ops::writing::Written;
use domain::policy::Target;

/// Alerts that were seen; silences the actor's own level, not the clock.
#[derive(InputObject)]
pub struct AcknowledgeAlertsInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// At most 100.
    pub alert_ids: Vec<ID>,
    /// What is said with it, at most 1 000 characters; blanks alone say nothing.
    pub note: Option<String>,
}

/// Asks the next level down to act 督办.
#[derive(InputObject)]
pub struct UrgeInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// At most 100.
    pub alert_ids: Vec<ID>,
    /// What is said with it, at most 1 000 characters and not only blanks.
    pub note: String,
    /// Until when.
    pub due_on: Date,
}

/// Asks to hold later what is only normally (一般、原则上) owed.
#[derive(InputObject)]
pub struct AskDeviationInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The obligation.
    pub obligation_id: ID,
    /// Why.
    pub reason: String,
    /// Until when it is to be held instead.
    pub new_date: Date,
}

/// The superior's answer to a deviation.
#[derive(InputObject)]
pub struct DecideDeviationInput {
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
    /// The deviation.
    pub deviation_id: ID,
    /// Whether it is accepted.
    pub accepted: bool,
    /// What is said to it.
    pub answer: Option<String>,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
}

loader!(
    /// Deviation by id, as the reader may see it.
    DeviationById => Arc<Row>, |reading, ids| {
        let rows = reading.deviations(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

/// A request to do otherwise than normally owed, and its answer.
pub struct Deviation(pub Arc<Row>);

/// A request to do otherwise than normally owed, and its answer.
#[Object]
impl Deviation {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// How it stands.
    async fn state(&self) -> Option<DecisionState> {
        self.0.state.parse().ok()
    }
    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
    /// Until when it is to be held instead.
    async fn new_date(&self) -> Date {
        Date(self.0.new_date)
    }
    /// When it was asked for.
    async fn asked_at(&self) -> DateTime<Utc> {
        self.0.asked_at
    }
    /// When it was decided.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
    /// What the superior said.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }
    /// What the reader may do about it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<DeviationAction>,
    ) -> async_graphql::Result<Vec<DeviationPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.organization_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let target = Target::at((*place).clone());
        let against = |action: DeviationAction| action.against(&self.0);
        Ok(DeviationPermission::each(
            operation, &reading, actions, &target, against,
        ))
    }
    /// The obligation; null where the reader may not see it.
    async fn obligation(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Obligation>> {
        let found = loaders::load(ctx.data()?, ObligationById(self.0.obligation_id.clone())).await?;
        Ok(found.map(Obligation))
    }
}

/// What became of one alert.
#[derive(SimpleObject)]
pub struct AlertResult {
    /// The alert; null where the reader may not see it.
    pub alert: Option<Alert>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
}

/// What became of each alert, in the order asked.
#[derive(SimpleObject, Default)]
pub struct AlertsPayload {
    /// What became of each, in the order asked.
    pub results: Vec<AlertResult>,
    /// What stood against all of it; what stood against one alert is in `results`.
    pub user_errors: Vec<UserError>,
    /// Position of the change; null where nothing was changed.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

/// A deviation after the change.
#[derive(SimpleObject, Default)]
pub struct DeviationPayload {
    /// The deviation; null with refusals, but for a conflict.
    pub deviation: Option<Deviation>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// Position of the change in the log.
    pub cursor: Option<LogCursor>,
    /// True when an earlier request with this key had done it.
    pub replayed: bool,
}

#[derive(Default)]
pub struct ObligationMutation;

#[Object]
impl ObligationMutation {
    /// Acknowledges alerts at the actor's own level.
    async fn acknowledge_alerts(
        &self,
        ctx: &Context<'_>,
        input: AcknowledgeAlertsInput,
    ) -> async_graphql::Result<AlertsPayload> {
        let text = input_text(&input);
        let attention = Attention::Acknowledge { note: input.note };
        attend_to(
            ctx,
            "acknowledgeAlerts",
            &input.idempotency_key,
            text,
            &input.alert_ids,
            &attention,
        )
        .await
    }

    /// Urges 督办 the next level down, recorded and with a date.
    async fn urge(&self, ctx: &Context<'_>, input: UrgeInput) -> async_graphql::Result<AlertsPayload> {
        let text = input_text(&input);
        let attention = Attention::Urge {
            note: input.note,
            due_on: input.due_on.0,
        };
        attend_to(ctx, "urge", &input.idempotency_key, text, &input.alert_ids, &attention).await
    }

    /// Asks the superior to accept a reason and a new date.
    async fn ask_deviation(
        &self,
        ctx: &Context<'_>,
        input: AskDeviationInput,
    ) -> async_graphql::Result<DeviationPayload> {
        let operation = ctx.operation()?;
        let request = operation.request("askDeviation", &input.idempotency_key, input_text(&input));
        let asked = Ask {
            obligation_id: input.obligation_id.0.clone(),
            reason: input.reason.clone(),
            new_date: input.new_date.0,
        };
        let outcome = ask(&request, &asked).await;
        deviation_payload(ctx, outcome).await
    }

    /// Accepts or rejects a deviation.
    async fn decide_deviation(
        &self,
        ctx: &Context<'_>,
        input: DecideDeviationInput,
    ) -> async_graphql::Result<DeviationPayload> {
        let operation = ctx.operation()?;
        let request = operation.request("decideDeviation", &input.idempotency_key, input_text(&input));
        let answer = Answer {
            deviation_id: input.deviation_id.0.clone(),
            accepted: input.accepted,
            text: input.answer.clone(),
            expected_version: input.expected_version,
        };
        let outcome = decide(&request, &answer).await;
        deviation_payload(ctx, outcome).await
    }
}

pub(super) async fn cursor(operation: &Arc<Operation>, written: &Written) -> async_graphql::Result<LogCursor> {
    operation.renew().await;
    let reading = operation.reading().await?;
    Ok(LogCursor(
        reading.cursor_at(written.position).map_err(|f| to_error(&f))?,
    ))
}

async fn attend_to(
    ctx: &Context<'_>,
    name: &'static str,
    key: &str,
    input: String,
    ids: &[ID],
    attention: &Attention,
) -> async_graphql::Result<AlertsPayload> {
    let operation = ctx.operation()?;
    let ids: Vec<String> = ids.iter().map(|id| id.0.clone()).collect();
    let outcome = attend(&operation.request(name, key, input), &ids, attention).await;
    let (done, user_errors) = split(outcome, operation.language)?;
    let Some((written, mut problems)) = done else {
        return Ok(AlertsPayload {
            user_errors,
            ..AlertsPayload::default()
        });
    };
    let mut payload = AlertsPayload::default();
    if let Some(written) = &written {
        payload.cursor = Some(cursor(operation, written).await?);
        payload.replayed = written.replayed;
    }
    for id in ids {
        let found = problems.remove(&id).unwrap_or_default();
        let errors = found
            .into_iter()
            .map(|problem| UserError::of(problem, operation.language));
        payload.results.push(AlertResult {
            user_errors: errors.collect(),
            alert: loaders::load(ctx.data()?, AlertById(id)).await?.map(Alert),
        });
    }
    Ok(payload)
}

async fn deviation_payload(ctx: &Context<'_>, outcome: Outcome<Written>) -> async_graphql::Result<DeviationPayload> {
    let operation = ctx.operation()?;
    let (written, user_errors) = split(outcome, operation.language)?;
    let Some(written) = written else {
        return Ok(DeviationPayload {
            user_errors,
            ..DeviationPayload::default()
        });
    };
    let cursor = cursor(operation, &written).await?;
    let deviation = match written.ids.first() {
        Some(id) => loaders::load(ctx.data()?, DeviationById(id.clone()))
            .await?
            .map(Deviation),
        None => None,
    };
    Ok(DeviationPayload {
        deviation,
        user_errors,
        cursor: Some(cursor),
        replayed: written.replayed,
    })
}
