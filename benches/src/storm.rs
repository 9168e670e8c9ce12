//! A storm: sockets that all come back at once behind their cursors, while plain queries go on at a steady pace.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::figures::Durations;
use crate::node::{City, Client};
use crate::queries::steadily;
use crate::say;
use crate::socket::Socket;

const EVENTS: &str = "subscription($after: LogCursor) { events(after: $after) { __typename
    ... on Change { cursor } ... on Resumed { cursor } ... on Gap { cursor } ... on Lagged { cursor } } }";
/// Time between two queries.
const PACE: Duration = Duration::from_millis(20);
/// So long a subscriber tries to come back.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 500)]
    sockets: usize,
    /// Seconds of queries before the storm, to compare with.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often they all come back.
    #[arg(long, default_value_t = 5)]
    times: u32,
}

/// One subscriber comes (back); the socket, the cursor, and how long it took. Who is told that the node is busy comes again
/// after a second, as clients of the protocol do.
async fn come(url: String, client: Client, after: Value) -> anyhow::Result<(Socket, Value, Duration)> {
    let begun = Instant::now();
    let mut socket = loop {
        match Socket::open(&url, &client.token).await {
            Err(refused) if refused.to_string().contains("Again") && begun.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            opened => break opened?,
        }
    };
    let first = socket.subscribe("s", EVENTS, &json!({"after": after})).await?;
    let cursor = first["payload"]["data"]["events"]["cursor"].clone();
    anyhow::ensure!(cursor.is_string(), "{first}");
    Ok((socket, cursor, begun.elapsed()))
}

type Open = Vec<(Socket, Value)>;

/// All at once, each behind its cursor.
async fn all_come(city: &City, clients: &[Client], cursors: Vec<Value>) -> anyhow::Result<(Open, Durations)> {
    let tasks: Vec<_> = cursors
        .into_iter()
        .enumerate()
        .map(|(number, after)| tokio::spawn(come(city.url.clone(), clients[number % clients.len()].clone(), after)))
        .collect();
    let (mut open, mut took) = (Vec::new(), Durations::default());
    for task in tasks {
        let (socket, cursor, time) = task.await??;
        open.push((socket, cursor));
        took.push(time);
    }
    Ok((open, took))
}

/// Queries at a steady pace from a thread of their own: they stand in no queue of this process behind five hundred sockets
/// that it opens, so that what is late is late at the node.
struct Queries {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<anyhow::Result<Durations>>,
}

impl Queries {
    fn begin(city: &City, org: &str) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (city, org, until) = (city.clone(), org.to_owned(), stop.clone());
        let thread = std::thread::spawn(move || {
            let asker = city.client("county-organization")?;
            runtime.block_on(steadily(asker, org, PACE, until))
        });
        Ok(Self { stop, thread })
    }

    async fn end(self) -> anyhow::Result<Durations> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = tokio::task::spawn_blocking(|| self.thread.join()).await?;
        ended.map_err(|_| anyhow::anyhow!("the queries ended badly"))?
    }
}

pub async fn run(city: City, args: Args) -> anyhow::Result<()> {
    let org = city.orgs(1, "storm").await?.pop().context("one org")?;
    let clients = city.followers(&org).await;
    let (mut open, _) = all_come(&city, &clients, vec![Value::Null; args.sockets]).await?;
    let calm = Queries::begin(&city, &org)?;
    tokio::time::sleep(Duration::from_secs(args.seconds)).await;
    let mut calm = calm.end().await?;

    let meanwhile = Queries::begin(&city, &org)?;
    let mut back = Durations::default();
    for _ in 0..args.times {
        // Dropped without a word, as by a node that dies.
        let cursors = open.drain(..).map(|(_, cursor)| cursor).collect();
        let (again, took) = all_come(&city, &clients, cursors).await?;
        open = again;
        back.extend(took);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let mut meanwhile = meanwhile.end().await?;
    say(&format!("{} sockets, {} times at once", args.sockets, args.times));
    say(&format!("queries before:     {}", calm.line()));
    say(&format!("queries meanwhile:  {}", meanwhile.line()));
    say(&format!("a socket is back:   {}", back.line()));
    let ratio = meanwhile.hundredth(99).as_secs_f64() / calm.hundredth(99).as_secs_f64();
    say(&format!("p99 meanwhile is {ratio:.2} × p99 before"));
    Ok(())
}
