use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use domain::obligation::{Missing, NotOwedReason};

use crate::graphql::activity::object::{Activity, ActivityById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::organization::object::Organization;
use crate::ops::obligation::evidence::{self, Evidence as Kept};
use crate::ops::obligation::reading::Obligation as Row;

/// Why nothing is owed although the rule is for such orgs.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "NotOwedReason", name = "NotOwedReasonCode")]
pub enum NotOwedCode {
    /// The rule, or its body, did not stand for the whole period (of a half-year or year: for half of it).
    RuleNotInForce,
    /// The org did not stand for the whole period (of a half-year or year: for half of it).
    DidNotStand,
    /// The committee was set up within the period.
    NoCommittee,
    /// Nobody is left who is neither exempt nor away.
    NobodyExpected,
    /// It was owed when it began; facts or rules have changed since.
    Lapsed,
}

/// Why nothing is owed.
#[derive(SimpleObject)]
pub struct NotOwed {
    /// Decide by this.
    pub code: NotOwedCode,
    /// In the reader's language.
    pub text: &'static str,
}

/// What would have to be there.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MissingCode {
    /// So many more are to be held: `count`.
    Activities,
    /// Held, minutes not filed (G1.1f): they are to be filed by `until`.
    Minutes,
    /// Held, too few came: `present` of the `needed`.
    Attendance,
    /// Joint, and this org was not named before it began.
    NamedBeforeStart,
    /// Joint, of a kind that each org holds alone.
    HeldAlone,
    /// Other groups have held it, this one has not: `organization`.
    Group,
}

/// One thing that is missing for an obligation to be met.
pub struct MissingItem(pub(super) Missing);

/// One thing that is missing for an obligation to be met.
#[Object]
impl MissingItem {
    /// Decide by this.
    async fn code(&self) -> MissingCode {
        match self.0 {
            Missing::Activities { .. } => MissingCode::Activities,
            Missing::Minutes { .. } => MissingCode::Minutes,
            Missing::Attendance { .. } => MissingCode::Attendance,
            Missing::NamedBeforeStart { .. } => MissingCode::NamedBeforeStart,
            Missing::HeldAlone { .. } => MissingCode::HeldAlone,
            Missing::Group { .. } => MissingCode::Group,
        }
    }
    /// In the reader's language.
    async fn text(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.0.text(ctx.operation()?.language))
    }
    /// How many more are to be held.
    async fn count(&self) -> Option<u32> {
        match self.0 {
            Missing::Activities { count } => Some(count),
            _ => None,
        }
    }
    /// How many came.
    async fn present(&self) -> Option<u32> {
        match self.0 {
            Missing::Attendance { present, .. } => Some(present),
            _ => None,
        }
    }
    /// How many would have to come.
    async fn needed(&self) -> Option<u32> {
        match self.0 {
            Missing::Attendance { needed, .. } => Some(needed),
            _ => None,
        }
    }
    /// The last day on which it may still be done.
    async fn until(&self) -> Option<Date> {
        match self.0 {
            Missing::Minutes { until, .. } => Some(Date(until)),
            _ => None,
        }
    }
    /// The group that has not held it.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Missing::Group { organization } = &self.0 else {
            return Ok(None);
        };
        let found = loaders::load(ctx.data()?, OrganizationById(organization.clone())).await?;
        Ok(found.map(Organization))
    }
    /// The activity that it is about; null where the reader may not see it, and where it is about none.
    async fn activity(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Activity>> {
        let id = match &self.0 {
            Missing::Activities { .. } | Missing::Group { .. } => return Ok(None),
            Missing::Minutes { activity, .. }
            | Missing::Attendance { activity, .. }
            | Missing::NamedBeforeStart { activity }
            | Missing::HeldAlone { activity } => activity.clone(),
        };
        let found = loaders::load(ctx.data()?, ActivityById(id)).await?;
        Ok(found.map(Activity::from))
    }
}

/// What speaks for an obligation, and what is missing.
pub struct Evidence(pub(super) Arc<Row>);

/// What speaks for an obligation, and what is missing.
#[Object(name = "ObligationEvidence")]
impl Evidence {
    /// How many activities count.
    async fn count(&self) -> i64 {
        Kept::read(&self.0.evidence).count
    }
    /// How many are needed.
    async fn at_least(&self) -> i64 {
        Kept::read(&self.0.evidence).at_least
    }
    /// The activities that count, by date; null in the place of one that the reader may not see.
    async fn activities(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Option<Activity>>> {
        let kept = Kept::read(&self.0.evidence).activities;
        let keys: Vec<_> = kept.into_iter().map(ActivityById).collect();
        let found = ctx
            .data::<Arc<loaders::Loaders>>()?
            .load_many(keys.clone())
            .await
            .map_err(|error| (*error).clone())?;
        Ok(keys
            .iter()
            .map(|key| found.get(key).cloned().map(Activity::from))
            .collect())
    }
    /// What would have to be there, in the reader's language.
    async fn missing(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<String>> {
        let language = ctx.operation()?.language;
        let missing = evidence::missing_read(&self.0.missing);
        Ok(missing.iter().map(|missing| missing.text(language)).collect())
    }
}
