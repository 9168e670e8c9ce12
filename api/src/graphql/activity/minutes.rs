use async_graphql::{Context, SimpleObject};
use chrono::{DateTime, Utc};

use crate::graphql::member::object::Member;
use crate::graphql::page::{PageArguments, binding};
use crate::ops::activity::Revision;
use crate::{connection, reads};

/// One revision of the minutes 会议记录; earlier ones are kept for ever (G1.1f).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Minutes {
    /// Counted from 1.
    pub revision: i64,
    /// The text of the revision.
    pub text: String,
    /// When it was filed.
    pub filed_at: DateTime<Utc>,
    /// Why it was corrected; null for a first revision.
    pub reason: Option<String>,
    #[graphql(skip)]
    author_id: Option<String>,
}

#[async_graphql::ComplexObject]
impl Minutes {
    /// Who filed this revision.
    async fn author(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match &self.author_id {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }
}

impl From<Revision> for Minutes {
    fn from(row: Revision) -> Self {
        Self {
            revision: row.revision,
            text: row.text.unwrap_or_default(),
            filed_at: row.filed_at,
            reason: row.reason,
            author_id: row.author_id,
        }
    }
}

connection!(MinutesConnection, MinutesEdge, Minutes);

/// A page of the revisions of an activity's minutes, newest first.
///
/// # Errors
/// Wrong page arguments, or the database is away.
pub async fn history(
    ctx: &Context<'_>,
    activity_id: &str,
    page: PageArguments,
) -> async_graphql::Result<MinutesConnection> {
    let binding = binding("minutes", &activity_id);
    let activity = activity_id.to_owned();
    let read = reads!(activity => |reading, request| reading.minutes_history(&activity, &request));
    let values = |row: &Revision| vec![row.revision.to_string()];
    MinutesConnection::list(ctx, &binding, page, read, values, Minutes::from).await
}
