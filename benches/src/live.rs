//! Ten thousand subscribers on one node, a steady writer, and what asking each second would take instead.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;
use tokio::task::JoinSet;

use crate::figures::{Durations, Taken};
use crate::node::{City, Client};
use crate::queries::as_fast;
use crate::say;
use crate::socket::Socket;

const EVENTS: &str = "subscription($org: ID!) { events(within: {exactly: $org}) { __typename
    ... on Change { cursor op entityId version entity { ... on Organization { id name version } } }
    ... on Resumed { cursor replayed } ... on Gap { cursor cause } ... on Lagged { cursor } } }";
/// Sockets that are opened at the same time.
const OPENING: usize = 48;
/// Connections that ask as fast as they can, to see what one question takes.
const ASKING: usize = 32;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 10_000)]
    subscribers: usize,
    /// Orgs that are changed; each is followed by as many subscribers.
    #[arg(long, default_value_t = 400)]
    orgs: usize,
    /// Changes a second.
    #[arg(long, default_value_t = 50)]
    changes: u32,
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Changes that every subscriber hears, one each five seconds.
    #[arg(long, default_value_t = 6)]
    broadcasts: i64,
}

/// When each change was sent, and what was heard of it.
#[derive(Default)]
struct Board {
    changes: Mutex<HashMap<(String, i64), Change>>,
    heard: AtomicU64,
    lost: AtomicU64,
}

struct Change {
    sent: Instant,
    heard: usize,
    last: Duration,
}

impl Board {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<(String, i64), Change>) -> T) -> T {
        work(&mut self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Noted before the request leaves: the time of the write itself counts as well.
    fn sent(&self, id: &str, version: i64) {
        let change = Change {
            sent: Instant::now(),
            heard: 0,
            last: Duration::ZERO,
        };
        self.with(|changes| changes.insert((id.to_owned(), version), change));
    }

    fn heard(&self, id: &str, version: i64) {
        self.heard.fetch_add(1, Ordering::Relaxed);
        self.with(|changes| {
            if let Some(change) = changes.get_mut(&(id.to_owned(), version)) {
                change.heard += 1;
                change.last = change.sent.elapsed();
            }
        });
    }

    /// The time to the last subscriber of each change, and how many deliveries are missing.
    fn take(&self, followers: usize) -> (Durations, usize) {
        let (mut lasts, mut missing) = (Durations::default(), 0);
        self.with(|changes| {
            for (_, change) in changes.drain() {
                missing += followers - change.heard.min(followers);
                lasts.push(change.last);
            }
        });
        (lasts, missing)
    }
}

/// Follows one org until it is told to follow another.
async fn follow(mut socket: Socket, board: Arc<Board>) {
    while let Ok(message) = socket.next().await {
        let event = &message["payload"]["data"]["events"];
        if let (Some(id), Some(version)) = (event["entityId"].as_str(), event["version"].as_i64()) {
            board.heard(id, version);
        } else {
            board.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
    board.lost.fetch_add(1, Ordering::Relaxed);
}

async fn begin(url: String, client: Client, org: String) -> anyhow::Result<Socket> {
    let mut socket = Socket::open(&url, &client.token).await?;
    let first = socket.subscribe("s", EVENTS, &json!({"org": org})).await?;
    anyhow::ensure!(first["payload"]["data"]["events"]["__typename"] == "Resumed", "{first}");
    Ok(socket)
}

/// All subscribers, each on a socket of its own.
async fn open(city: &City, count: usize, orgs: &[String], board: &Arc<Board>) -> anyhow::Result<JoinSet<()>> {
    let clients = city.followers(orgs.first().context("an org")?).await;
    anyhow::ensure!(!clients.is_empty(), "nobody may follow the log");
    let (mut opening, mut following) = (JoinSet::new(), JoinSet::new());
    for number in 0..count {
        if opening.len() >= OPENING
            && let Some(socket) = opening.join_next().await
        {
            following.spawn(follow(socket??, board.clone()));
        }
        let (client, org) = (
            clients[number % clients.len()].clone(),
            orgs[number % orgs.len()].clone(),
        );
        opening.spawn(begin(city.url.clone(), client, org));
    }
    while let Some(socket) = opening.join_next().await {
        following.spawn(follow(socket??, board.clone()));
    }
    Ok(following)
}

/// Changes one org after the other at a steady pace; each change is sent when it is due, or as soon as the one before of the
/// same org is done. Its time runs from when it was due.
async fn write(
    client: Client,
    orgs: Vec<String>,
    board: Arc<Board>,
    every: Duration,
    count: usize,
) -> anyhow::Result<Durations> {
    let mut pace = tokio::time::interval(every);
    let mut versions = vec![1_i64; orgs.len()];
    let turns: Vec<Arc<tokio::sync::Mutex<()>>> = orgs.iter().map(|_| Arc::default()).collect();
    let mut writes: JoinSet<anyhow::Result<Duration>> = JoinSet::new();
    for number in 0..count {
        pace.tick().await;
        let at = number % orgs.len();
        let (id, version) = (orgs[at].clone(), versions[at]);
        versions[at] += 1;
        let (client, board, turn) = (client.clone(), board.clone(), turns[at].clone());
        writes.spawn(async move {
            board.sent(&id, version + 1);
            let begun = Instant::now();
            let _turn = turn.lock().await;
            client.rename(&id, version).await?;
            Ok(begun.elapsed())
        });
    }
    let mut took = Durations::default();
    while let Some(write) = writes.join_next().await {
        took.push(write??);
    }
    Ok(took)
}

pub async fn run(city: City, args: Args) -> anyhow::Result<()> {
    let run = format!("live-{}", std::process::id());
    let orgs = city.orgs(args.orgs, &run).await?;
    let everybody = city.orgs(1, &format!("{run}-all")).await?;
    let client = city.client("county-organization")?;
    let board = Arc::new(Board::default());
    tokio::time::sleep(Duration::from_secs(3)).await;
    let empty = Taken::by(city.pid);

    let begun = Instant::now();
    let mut following = open(&city, args.subscribers, &orgs, &board).await?;
    say(&format!(
        "{} subscribers on as many sockets, opened in {:.1} s",
        args.subscribers,
        begun.elapsed().as_secs_f64()
    ));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let full = Taken::by(city.pid);
    memory("idle", empty, full, args.subscribers);

    let count = usize::try_from(u64::from(args.changes) * args.seconds)?;
    let (before, begun) = (Taken::by(city.pid), Instant::now());
    let every = Duration::from_secs(1) / args.changes;
    let mut took = write(client.clone(), orgs.clone(), board.clone(), every, count).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (after, passed) = (Taken::by(city.pid), begun.elapsed());
    let live = after.cores_since(before, passed);
    let (mut lasts, missing) = board.take(args.subscribers / args.orgs);
    let heard = board.heard.load(Ordering::Relaxed);
    say(&format!(
        "{count} changes, {:.1} a second; {heard} deliveries, {missing} missing",
        f64::from(u32::try_from(count)?) / passed.as_secs_f64()
    ));
    say(&format!("the write itself:                 {}", took.line()));
    say(&format!(
        "from sending to the last of its {} subscribers: {}",
        args.subscribers / args.orgs,
        lasts.line()
    ));
    say(&format!("processor: {live:.2} cores"));
    memory("after it", empty, after, args.subscribers);
    following.abort_all();
    while following.join_next().await.is_some() {}

    broadcast(&city, &args, &everybody, &client).await?;
    poll(&city, &args, &orgs, live).await
}

/// Changes that all subscribers hear.
async fn broadcast(city: &City, args: &Args, org: &[String], client: &Client) -> anyhow::Result<()> {
    let board = Arc::new(Board::default());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut following = open(city, args.subscribers, org, &board).await?;
    let (before, begun) = (Taken::by(city.pid), Instant::now());
    let count = usize::try_from(args.broadcasts)?;
    write(
        client.clone(),
        org.to_vec(),
        board.clone(),
        Duration::from_secs(5),
        count,
    )
    .await?;
    tokio::time::sleep(Duration::from_secs(8)).await;
    let (mut lasts, missing) = board.take(args.subscribers);
    let cores = Taken::by(city.pid).cores_since(before, begun.elapsed());
    say(&format!(
        "a change that all hear, from sending to the last of {}: {}; {missing} missing, {cores:.2} cores",
        args.subscribers,
        lasts.line()
    ));
    following.abort_all();
    while following.join_next().await.is_some() {}
    Ok(())
}

fn memory(when: &str, empty: Taken, full: Taken, subscribers: usize) {
    let more = full.resident.saturating_sub(empty.resident);
    let each = f64::from(u32::try_from(more).unwrap_or(u32::MAX)) / f64::from(u32::try_from(subscribers).unwrap_or(1));
    say(&format!(
        "memory, {when}: {} MiB, of which {} MiB without subscribers: {each:.1} KiB each",
        full.resident / 1024,
        empty.resident / 1024
    ));
}

/// What the naive way would take: each of them asks for its org each second.
async fn poll(city: &City, args: &Args, orgs: &[String], live: f64) -> anyhow::Result<()> {
    tokio::time::sleep(Duration::from_secs(5)).await;
    let clients = city.followers(orgs.first().context("an org")?).await;
    let time = Duration::from_secs(10);
    let (before, begun) = (Taken::by(city.pid), Instant::now());
    let mut took = as_fast(&clients, orgs, ASKING, time).await?;
    let passed = begun.elapsed();
    let cores = Taken::by(city.pid).cores_since(before, passed);
    let rate = f64::from(u32::try_from(took.len())?) / passed.as_secs_f64();
    let needed = cores / rate * f64::from(u32::try_from(args.subscribers)?);
    say(&format!(
        "asking instead: {rate:.0} answers a second at most ({cores:.2} cores; {})",
        took.line()
    ));
    say(&format!(
        "so {} askers, once a second each, need {needed:.1} cores: {:.1} × what following takes",
        args.subscribers,
        needed / live
    ));
    Ok(())
}
