//! Plain queries beside everything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::figures::Durations;
use crate::node::Client;

/// What a screen asks of one org.
pub const ORG: &str = "query($id: ID!) { organization(id: $id) { id name version } }";

/// Asks as fast as answers come, on so many connections; the latency of each answer.
pub async fn as_fast(
    clients: &[Client],
    orgs: &[String],
    connections: usize,
    time: Duration,
) -> anyhow::Result<Durations> {
    let until = Instant::now() + time;
    let mut askers = Vec::new();
    for number in 0..connections {
        let client = clients[number % clients.len()].clone();
        let id = orgs[number % orgs.len()].clone();
        askers.push(tokio::spawn(async move {
            let mut took = Durations::default();
            while Instant::now() < until {
                let begun = Instant::now();
                client.data(ORG, json!({"id": id})).await?;
                took.push(begun.elapsed());
            }
            anyhow::Ok(took)
        }));
    }
    let mut all = Durations::default();
    for asker in askers {
        all.extend(asker.await??);
    }
    Ok(all)
}

/// Asks at a steady pace until it is told to stop; the latency of each answer, counted from when it was due.
pub async fn steadily(client: Client, id: String, every: Duration, stop: Arc<AtomicBool>) -> anyhow::Result<Durations> {
    let mut pace = tokio::time::interval(every);
    let mut answers = tokio::task::JoinSet::new();
    while !stop.load(Ordering::Relaxed) {
        let due = pace.tick().await;
        let (client, id) = (client.clone(), id.clone());
        answers.spawn(async move {
            client.data(ORG, json!({"id": id})).await?;
            anyhow::Ok(due.elapsed())
        });
    }
    let mut all = Durations::default();
    while let Some(answer) = answers.join_next().await {
        all.push(answer??);
    }
    Ok(all)
}
