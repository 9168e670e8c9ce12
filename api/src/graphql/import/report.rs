use async_graphql::{Context, Object, SimpleObject};
use domain::intake::RowOutcome;

use crate::connection;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::{UserError, user_errors};
use crate::graphql::node::{Node, find_node};
use crate::ops::import::report::ReportRow;

/// A field that a row changes.
#[derive(SimpleObject)]
pub struct ImportFieldChange {
    /// As the API calls it.
    pub field: String,
    /// What stood there; null where nothing did, and of what is sealed.
    pub before: Option<String>,
    /// What stands there since; null where nothing does, and of what is sealed.
    pub after: Option<String>,
}

#[derive(Clone)]
pub struct ImportReportRow(pub ReportRow);

connection!(ImportReportConnection, ImportReportEdge, ImportReportRow);

/// What became of a row of the file.
#[Object]
impl ImportReportRow {
    /// As people count: the header of a table is row 1, the lines of JSON Lines begin with 1. Null for a member who is not in the
    /// file and leaves by a mirror.
    async fn row(&self) -> Option<i64> {
        i64::try_from(self.0.row?).ok()
    }
    /// What became of it, or would have.
    async fn outcome(&self) -> RowOutcome {
        self.0.outcome
    }
    /// The object that it is about, as it stands now; null where it was not taken, in a dry run that would make it, and where the
    /// reader may not see it.
    async fn entity(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Node>> {
        match &self.0.entity_id {
            Some(id) => find_node(ctx, id).await,
            None => Ok(None),
        }
    }
    /// What of something that was there is otherwise, field by field.
    async fn changes(&self) -> Vec<ImportFieldChange> {
        let change = |change: &crate::ops::import::FieldChange| ImportFieldChange {
            field: change.field.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
        };
        self.0.changes.iter().map(change).collect()
    }
    /// Why it was refused; the path ends in the key of the column.
    async fn user_errors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<UserError>> {
        Ok(user_errors(self.0.problems.clone(), ctx.operation()?.language))
    }
}
