use async_graphql::{Context, Object};
use domain::vocabulary::Post;

use super::tally::Tally;
use crate::graphql::member::object::Member;
use crate::graphql::page::{PageArguments, binding};
use crate::ops::activity::dual_life::Lived;
use crate::{connection, reads};

/// A leader's year as an ordinary member of their own branch 双重组织生活 (G2.2a).
#[derive(Clone)]
pub struct DualLife(Lived);

connection!(DualLifeConnection, DualLifeEdge, DualLife);

/// A leader's year as an ordinary member of their own branch 双重组织生活 (G2.2a).
#[Object]
impl DualLife {
    /// Whom it concerns.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.appointment.member_id).await
    }
    /// The post that makes them a leader of this org.
    async fn post(&self) -> Option<Post> {
        self.0.appointment.post.parse().ok()
    }
    /// At meetings and lectures of their own branch and group.
    async fn attendance(&self) -> Tally {
        Tally::of(&self.0.tally)
    }
    /// Follow-ups of this year's resolutions that they carried out.
    async fn follow_ups_done(&self) -> i64 {
        self.0.tasks.done
    }
    /// Follow-ups not done yet.
    async fn follow_ups_open(&self) -> i64 {
        self.0.tasks.open
    }
    /// Of those open, whose day has passed.
    async fn follow_ups_overdue(&self) -> i64 {
        self.0.tasks.overdue
    }
}

/// A page of an org's leaders with their year.
///
/// # Errors
/// Wrong page arguments, or the database is away.
pub async fn dual_life_of(
    ctx: &Context<'_>,
    organization_id: &str,
    year: i32,
    page: PageArguments,
) -> async_graphql::Result<DualLifeConnection> {
    let binding = binding("dualLife", &(organization_id, year));
    let organization = organization_id.to_owned();
    let read = reads!(organization => |reading, request| reading.dual_life(&organization, year, &request));
    let values = |row: &Lived| vec![row.appointment.member_id.clone(), row.appointment.id.clone()];
    DualLifeConnection::list(ctx, &binding, page, read, values, DualLife).await
}
