use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::policy::Target;
use domain::policy::attention::{Level, stands_at, urged};
use domain::problem::Problem;
use domain::vocabulary::{AlertLevelState, DecisionState};

use super::finding::responsible_for;
use super::object::{Obligation, ObligationById, basis_of, period_of, rule_of};
use super::permission::{AlertAction, AlertPermission};
use crate::graphql::activity::object::PlaceOf;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::Basis;
use crate::graphql::loaders::{self, Loaders, OrganizationById};
use crate::graphql::member::object::Member;
use crate::graphql::organization::figures::{PeriodObject, Rule};
use crate::graphql::organization::object::Organization;
use crate::ops::obligation::reading::{Alert as Row, AlertLevel, Obligation as Owed};
use crate::ops::reading::Reading;
use crate::{connection, loader};

pub struct Alert(pub Arc<Row>);

connection!(AlertConnection, AlertEdge, Alert);

loader!(
    /// The levels of an alert.
    LevelsOf => Vec<AlertLevel>, |reading, ids| {
        let mut map: HashMap<String, Vec<AlertLevel>> = HashMap::new();
        for level in reading.alert_levels(&ids).await? {
            map.entry(level.alert_id.clone()).or_default().push(level);
        }
        Ok(map)
    }
);

loader!(
    /// Alert by id, as the reader may see it.
    AlertById => Arc<Row>, |reading, ids| {
        let rows = reading.alerts(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

/// How an alert stands at one level: 0 is the org itself, 1 the level above it.
#[derive(SimpleObject)]
pub struct AlertLevelStanding {
    /// 0 is the org itself, 1 the level above it.
    pub level: i64,
    /// The org at this level.
    pub organization_id: ID,
    /// How it stands.
    pub state: Option<AlertLevelState>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What was asked for with 督办.
    pub note: Option<String>,
    /// The day by which it is due.
    pub due_on: Option<Date>,
}

/// What the org answered, and what the superior made of it.
#[derive(SimpleObject)]
pub struct AlertAnswer {
    /// What the org said.
    pub text: String,
    /// `ACCEPTED` closed the alert.
    pub state: DecisionState,
    /// When the org answered.
    pub answered_at: DateTime<Utc>,
    /// What the superior says to it, at most 2 000 characters.
    pub reply: Option<String>,
    /// When the superior decided.
    pub replied_at: Option<DateTime<Utc>>,
}

/// Where the reader stands towards an alert.
#[derive(Default)]
struct Standing {
    /// They hold a post at one of the levels that it has come up to.
    at_a_level: bool,
    /// There is a level that they may urge.
    urges: bool,
}

impl Alert {
    async fn standing(&self, ctx: &Context<'_>, reading: &Reading) -> async_graphql::Result<Standing> {
        let levels = loaders::load(ctx.data()?, LevelsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        let orgs = levels.iter().map(|level| PlaceOf(level.organization_id.clone()));
        let places = ctx.data::<Arc<Loaders>>()?.load_many(orgs).await;
        let places = places.map_err(|error| (*error).clone())?;
        let known: Vec<Level<'_>> = levels
            .iter()
            .filter_map(|level| {
                let place = places.get(&PlaceOf(level.organization_id.clone()))?;
                Some(Level {
                    level: level.level,
                    place,
                })
            })
            .collect();
        Ok(Standing {
            at_a_level: levels
                .iter()
                .any(|level| stands_at(&reading.actor, &level.organization_id)),
            urges: urged(&reading.actor, &known).is_some(),
        })
    }

    async fn owed(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Arc<Owed>>> {
        loaders::load(ctx.data()?, ObligationById(self.0.obligation_id.clone())).await
    }
}

/// Something overdue that goes up one level at a time (一级抓一级, G3.1a).
#[Object]
impl Alert {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// The highest level reached.
    async fn level(&self) -> i64 {
        self.0.level
    }
    /// One state per level, from the org upward.
    async fn states(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AlertLevelStanding>> {
        let levels = loaders::load(ctx.data()?, LevelsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        Ok(levels
            .into_iter()
            .map(|level| AlertLevelStanding {
                level: level.level,
                organization_id: ID(level.organization_id.clone()),
                state: level.state.parse().ok(),
                since: level.since,
                note: level.note,
                due_on: level.due_on.map(Date),
            })
            .collect())
    }
    /// When it was raised.
    async fn raised_at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }
    /// The day by which it is due.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }
    /// When it was closed.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }
    /// The org that did not act.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.organization_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// The person responsible: the org's secretary; in a vacancy the acting holder, the deputy, the superior's.
    async fn responsible(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.organization_id.clone())).await?;
        let Some(owner) = found else { return Ok(None) };
        Ok(responsible_for(ctx, &owner.path).await?.first)
    }
    /// What the org answered instead of holding it; null without an answer.
    async fn answer(&self) -> Option<AlertAnswer> {
        Some(AlertAnswer {
            text: self.0.answer.clone()?,
            state: self.0.answer_state.as_deref()?.parse().ok()?,
            answered_at: self.0.answered_at?,
            reply: self.0.reply.clone(),
            replied_at: self.0.replied_at,
        })
    }
    /// The obligation; null where the reader may not see it.
    async fn obligation(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Obligation>> {
        Ok(self.owed(ctx).await?.map(Obligation))
    }
    /// The rule behind it.
    async fn rule(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Rule>> {
        let Some(owed) = self.owed(ctx).await? else {
            return Ok(None);
        };
        rule_of(ctx, &owed).await
    }
    /// The period that it is about.
    async fn period(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<PeriodObject>> {
        let language = ctx.operation()?.language;
        let owed = self.owed(ctx).await?;
        Ok(owed
            .and_then(|owed| period_of(&owed))
            .map(|period| PeriodObject::of(&period, language)))
    }
    /// What the reader may do about it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<AlertAction>,
    ) -> async_graphql::Result<Vec<AlertPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.organization_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let target = Target::at((*place).clone());
        let attends = actions
            .iter()
            .any(|action| matches!(action, AlertAction::Acknowledge | AlertAction::Urge));
        let standing = if attends {
            self.standing(ctx, &reading).await?
        } else {
            Standing::default()
        };
        let answer = |action: AlertAction| {
            let there = match action {
                AlertAction::Acknowledge => standing.at_a_level,
                AlertAction::Urge => standing.urges,
                AlertAction::Answer | AlertAction::DecideAnswer => true,
            };
            // Who may urge a level above the org need not be above the org directly.
            let refusals = match action {
                AlertAction::Urge if standing.urges => Vec::new(),
                _ => reading.against(action.act(), &target),
            };
            let below = || Problem::wrong_state("alertIds", "BELOW_YOUR_LEVEL");
            let state = action.against(&self.0).or_else(|| (!there).then(below));
            let state = state.map(|problem| problem.or_about(action.act()));
            AlertPermission::of(action, &refusals, state, operation.language)
        };
        Ok(actions.into_iter().map(answer).collect())
    }
    /// The clause behind it.
    async fn basis(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Basis>> {
        let Some(owed) = self.owed(ctx).await? else {
            return Ok(None);
        };
        basis_of(ctx, &owed).await
    }
}
