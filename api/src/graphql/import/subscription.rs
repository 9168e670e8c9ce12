use async_graphql::{Context, ID, Subscription};
use futures_util::stream::{Stream, unfold};

use super::object::ImportJob;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::ops::import::follow::{follow, is_over};
use crate::ops::outcome::Failure;
use domain::problem::{Problem, ProblemCode};

#[derive(Default)]
pub struct ImportSubscription;

#[Subscription]
impl ImportSubscription {
    /// An import of the reader's own account: as it stands, then each time it has come on, a few times a second at most. The
    /// stream ends when the import is over.
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<ImportJob>> + use<>> {
        let operation = ctx.operation()?.clone();
        let reading = operation.reading().await?;
        if reading.bearer.is_none() {
            return Err(to_error(&Failure::Unauthenticated));
        }
        let found = reading
            .import_jobs(&[id.0])
            .await
            .map_err(|failure| to_error(&failure))?
            .pop();
        let job = found.ok_or_else(|| to_error(&Problem::at(ProblemCode::NotFound, "id").into()))?;
        drop(reading);
        operation.renew().await;
        let mut changes = follow(&operation.app, job);
        changes.mark_changed();
        let (app, leaving) = (operation.app.clone(), operation.leaving.clone());
        Ok(unfold(Some(changes), move |changes| {
            let (app, leaving) = (app.clone(), leaving.clone());
            async move {
                let mut changes = changes?;
                tokio::select! {
                    () = leaving.cancelled() => return None,
                    changed = changes.changed() => changed.ok()?,
                }
                let job = changes.borrow_and_update().as_ref().clone();
                let rest = (!is_over(&app, &job)).then_some(changes);
                Some((Ok(ImportJob(job)), rest))
            }
        }))
    }
}
