use async_graphql::{Context, Object};
use domain::obligation::advice::Advice as Row;

use crate::graphql::context::ContextExt as _;
use crate::graphql::error::Basis;
use crate::graphql::loaders;
use crate::graphql::organization::figures::PeriodObject;
use crate::loader;
use crate::ops::rulebook::Ground;

loader!(
    /// What the rulebook recommends to an org.
    AdviceFor => Vec<Row>, |reading, ids| reading.advice(&ids).await
);

/// What the rulebook recommends (`MAY`) to an org: never owed, never overdue, in no figure.
pub struct Advice(Row);

/// The advice for one org, in the rulebook's order.
pub async fn advice_for(ctx: &Context<'_>, organization_id: &str) -> async_graphql::Result<Vec<Advice>> {
    let found = loaders::load(ctx.data()?, AdviceFor(organization_id.to_owned())).await?;
    Ok(found.unwrap_or_default().into_iter().map(Advice).collect())
}

/// What the rulebook recommends (`MAY`) to an org: never owed, never overdue, in no figure.
#[Object]
impl Advice {
    /// Key of the rulebook's entry.
    async fn rule(&self) -> &str {
        &self.0.rule
    }
    /// The entry's name in the reader's language.
    async fn label(&self, ctx: &Context<'_>) -> async_graphql::Result<&str> {
        Ok(self.0.label.text(ctx.operation()?.language))
    }
    /// What is recommended, in the reader's language.
    async fn text(&self, ctx: &Context<'_>) -> async_graphql::Result<&str> {
        Ok(self.0.text.text(ctx.operation()?.language))
    }
    /// How far it was followed; null where that is not counted here.
    async fn followed(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<AdviceFollowed>> {
        let language = ctx.operation()?.language;
        Ok(self.0.followed.as_ref().map(|followed| AdviceFollowed {
            period: PeriodObject::of(&followed.period, language),
            count: followed.count,
            at_least: followed.at_least,
            enough: followed.is_enough(),
        }))
    }
    /// The clause behind it.
    async fn basis(&self, ctx: &Context<'_>) -> async_graphql::Result<Basis> {
        let basis = &self.0.basis;
        let ground = Ground {
            rulebook: basis.rulebook.clone(),
            entry: basis.entry.clone(),
            clause: basis.clause.clone(),
            heading: basis.heading.clone(),
            text: self.0.text.text(ctx.operation()?.language).to_owned(),
        };
        Ok(ground.into())
    }
}

/// How far a recommended cadence was followed in the period that runs.
#[derive(async_graphql::SimpleObject)]
pub struct AdviceFollowed {
    /// The period that runs.
    pub period: PeriodObject,
    /// How many activities count.
    pub count: u32,
    /// So many are recommended.
    pub at_least: u32,
    /// Whether it was followed.
    pub enough: bool,
}
