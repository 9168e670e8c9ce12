//! What is left of the caller's budget, as a field.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

/// The caller's budget of cost points; a refusal says how long to wait.
#[derive(SimpleObject, Clone)]
pub struct RateLimit {
    /// Points in a full budget.
    pub limit: i64,
    /// Points reserved for this operation.
    pub cost: i64,
    /// Points left.
    pub remaining: i64,
    /// When the budget is full again.
    pub reset_at: DateTime<Utc>,
}

#[derive(Default)]
pub struct RateQuery;

#[Object]
impl RateQuery {
    /// The caller's budget after this operation's reservation.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        ctx.data_opt::<RateLimit>().cloned()
    }
}
