//! Work of the edge that is no GraphQL operation, under the same limits: a place among what runs at once, the time of a
//! request, and a task of its own, so that a client that leaves cancels no transaction that is just beginning.

use std::sync::Arc;

use super::code::{Code, Refusal};
use super::executor::GraphqlExecutor;
use super::graphql::internal;
use super::shared::Node;

/// Does it, and waits for its end.
///
/// # Errors
/// `OVERLOADED`, `TIMEOUT`, `UNAVAILABLE` of a database that is silent; it panicked.
pub async fn beside<E: GraphqlExecutor, T: Send + 'static>(
    node: &Node<E>,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Refusal> {
    let busy = |_| Refusal::new(Code::Overloaded, "come back later").retry_after_ms(1_000);
    let permit = Arc::clone(&node.gate).try_acquire_owned().map_err(busy)?;
    let task = node.lifetime.tasks.spawn(async move {
        let done = work.await;
        drop(permit);
        done
    });
    let done = tokio::time::timeout(node.settings.request_timeout, node.hooks.pulse.answered(task)).await;
    let late = |_| Refusal::new(Code::Timeout, "no answer in time").retry_after_ms(2_000);
    done.map_err(late)??.map_err(|_| internal())
}

/// The refusal where the database could not be asked.
pub fn away() -> Refusal {
    Refusal::new(Code::Unavailable, "the database is away: come back later").retry_after_ms(1_000)
}
