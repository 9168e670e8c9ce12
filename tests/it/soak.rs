//! A soak: two nodes on one database, of which one is killed again and again under writers and subscribers. Every
//! subscriber's log is complete, in order, and without repetition.
//!
//! `ORGLIFE_SOAK_SECONDS` (24) of writing, `ORGLIFE_SOAK_SUBSCRIBERS` (48), a node killed every `ORGLIFE_SOAK_KILL` (6)
//! seconds; the long form stands in `docs/benchmarks.md`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use tests::orgs::{create, decision};
use tests::{Client, Kind, Server, TestDatabase, Ws, WsMessage, run_on, switch};
use tokio::sync::watch;

const EVENTS: &str =
    "subscription($after: LogCursor, $within: OrganizationScopeInput) { events(after: $after, within: $within) {
    __typename ... on Change { cursor entityId version } ... on Resumed { cursor replayed } ... on Gap { cursor cause }
    ... on Lagged { cursor } } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { version } userErrors { code } replayed } }";
const WRITERS: i64 = 8;
/// Time between two changes of one writer.
const PAUSE: Duration = Duration::from_millis(700);
/// More than the account of any one subscriber needs.
const ROOM: [&str; 2] = ["--sockets-per-account", "40"];

type Log = Vec<(String, i64)>;
/// The last version of each org, once nobody writes any more.
type Goal = watch::Receiver<Option<BTreeMap<String, i64>>>;

/// Both nodes' addresses; who finds one away tries the other.
type Nodes = Arc<[String; 2]>;

/// What one subscriber went through.
#[derive(Default)]
struct Heard {
    log: Log,
    cuts: u32,
    lags: u32,
}

struct Subscriber {
    nodes: Nodes,
    turn: usize,
    token: String,
    after: Value,
    within: Value,
    goal: Goal,
    heard: Heard,
}

impl Subscriber {
    /// Follows until the goal is reached, through every cut.
    async fn follow(mut self) -> Heard {
        while !self.is_there() {
            let Some(ws) = Ws::attempt(&self.nodes[self.turn % 2], &self.token).await else {
                self.turn += 1;
                tokio::time::sleep(Duration::from_millis(150)).await;
                continue;
            };
            self.listen(ws).await;
        }
        self.heard
    }

    fn is_there(&self) -> bool {
        let goal = self.goal.borrow();
        let Some(goal) = goal.as_ref() else { return false };
        let known: BTreeMap<&str, i64> = self
            .heard
            .log
            .iter()
            .map(|(id, version)| (id.as_str(), *version))
            .collect();
        goal.iter().all(|(id, version)| known.get(id.as_str()) == Some(version))
    }

    /// Listens until the socket or the stream ends, or all is heard.
    async fn listen(&mut self, mut ws: Ws) {
        ws.subscribe("s", EVENTS, json!({"after": self.after, "within": self.within}))
            .await;
        while !self.is_there() {
            let event = match ws.next_within(Duration::from_millis(500)).await {
                None => continue,
                Some(WsMessage::Next { mut payload, .. }) => payload["data"]["events"].take(),
                Some(WsMessage::Closed { .. }) => {
                    self.heard.cuts += 1;
                    self.turn += 1;
                    return;
                }
                // Refused for now: the node is busy, or its database.
                Some(_) => {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    return;
                }
            };
            match event["__typename"].as_str() {
                Some("Change") => {
                    let id = event["entityId"].as_str().unwrap_or_default().to_owned();
                    self.heard.log.push((id, event["version"].as_i64().expect("a version")));
                }
                Some("Resumed") => {}
                Some("Lagged") => self.heard.lags += 1,
                _ => panic!("{event}"),
            }
            self.after = event["cursor"].clone();
        }
    }
}

/// Renames an org until the time is up, at whichever node answers; the last version that was acknowledged.
async fn write(client: Client, nodes: Nodes, id: String, until: Instant) -> (String, i64) {
    let (mut version, mut turn) = (1, 0);
    while Instant::now() < until {
        let input = json!({"id": id, "expectedVersion": version, "name": format!("浸{version}"), "reason": "更名",
            "decision": decision(), "idempotencyKey": format!("soak-{id}-{version}")});
        let body = json!({"query": RENAME, "variables": {"input": input}});
        let done = loop {
            let reply = client.at(&nodes[turn % 2]).try_post(&body).await;
            match reply {
                Some(reply) if reply.status == 200 && reply.body.get("errors").is_none() => break reply.body,
                _ => turn += 1,
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let done = &done["data"]["renameOrganization"];
        version += 1;
        assert_eq!(
            done["organization"]["version"], version,
            "acknowledged once, under one key: {done}"
        );
        tokio::time::sleep(PAUSE).await;
    }
    (id, version)
}

/// What the log's table holds of these orgs, from their second version on.
async fn kept(database: &TestDatabase, orgs: &BTreeMap<String, i64>) -> Log {
    let rows = database.connect().await;
    let sql = "SELECT entity_id, version FROM event WHERE entity_kind = 'ORGANIZATION' AND version > 1 ORDER BY position, sub";
    let statement = Statement::from_string(rows.get_database_backend(), sql);
    let rows = rows.query_all_raw(statement).await.expect("rows");
    let read = |row: &sea_orm::QueryResult| -> (String, i64) {
        (
            row.try_get_by_index(0).expect("an id"),
            row.try_get_by_index(1).expect("a version"),
        )
    };
    rows.iter().map(read).filter(|(id, _)| orgs.contains_key(id)).collect()
}

/// Kills one node after the other, each time while the other one lives, and starts it again.
async fn kill(database: &TestDatabase, demo: &Server, mut nodes: [Server; 2], until: Instant) -> ([Server; 2], u32) {
    let every = Duration::from_secs(switch("ORGLIFE_SOAK_KILL", 6));
    let mut kills = 0;
    while Instant::now() + every < until {
        tokio::time::sleep(every).await;
        let one = kills as usize % 2;
        nodes[one].kill();
        tokio::time::sleep(Duration::from_millis(700)).await;
        let listen = nodes[one].url().trim_start_matches("http://").to_owned();
        nodes[one] = demo.node(database, &listen, &ROOM).await;
        kills += 1;
    }
    (nodes, kills)
}

const HERE: &str = "{ log { cursor } }";
const SEEN: &str = "query($after: LogCursor!, $within: OrganizationScopeInput!) {
    changes(after: $after, within: $within, first: 100) { changes { entityId } cursor } }";

/// Orgs for the writers, and the accounts that hear of them, each with the place in the log behind their founding.
async fn prepare(demo: &Server) -> (Vec<String>, Vec<(String, Value)>, Value) {
    let county = demo.account("county-organization", "organizationId");
    let within = json!({"childrenOf": county});
    let accounts = demo.accounts();
    let tokens: Vec<&str> = accounts
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|account| account["accessToken"].as_str())
        .collect();
    let anybody = |token: &str| Client::new(demo.url()).with_token(token);
    let mut places = Vec::new();
    for token in tokens {
        let here = anybody(token).data(HERE, json!({})).await["log"]["cursor"].clone();
        places.push((token, here));
    }
    let client = demo.client("county-organization");
    let mut orgs = Vec::new();
    for writer in 0..WRITERS {
        let made = create(&client, &county, "WORKING_COMMITTEE", &format!("soak-{writer}")).await;
        orgs.push(made["organization"]["id"].as_str().expect("an id").to_owned());
    }
    let mut readers = Vec::new();
    for (token, after) in places {
        let asked = json!({"after": after, "within": within});
        let answer = anybody(token).graphql(SEEN, asked).await;
        let page = &answer["data"]["changes"];
        let changes = page["changes"].as_array().map_or(&[] as &[Value], Vec::as_slice);
        let hears = |org: &String| changes.iter().any(|change| change["entityId"] == json!(org));
        if orgs.iter().all(hears) {
            readers.push((token.to_owned(), page["cursor"].clone()));
        }
    }
    assert!(readers.len() > 5, "too few accounts hear of these orgs");
    (orgs, readers, within)
}

async fn soak(database: TestDatabase) {
    let demo = Server::demo_on(&database).await;
    demo.quiet().await;
    let (orgs, readers, within) = prepare(&demo).await;
    let nodes = [
        demo.node(&database, "127.0.0.1:0", &ROOM).await,
        demo.node(&database, "127.0.0.1:0", &ROOM).await,
    ];
    let addresses: Nodes = Arc::new([nodes[0].url().to_owned(), nodes[1].url().to_owned()]);
    let (tell, goal) = watch::channel(None);
    let mut subscribers = Vec::new();
    for number in 0..usize::try_from(switch("ORGLIFE_SOAK_SUBSCRIBERS", 48)).expect("small") {
        let (token, after) = readers[number % readers.len()].clone();
        let subscriber = Subscriber {
            nodes: addresses.clone(),
            turn: number,
            token,
            after,
            within: within.clone(),
            goal: goal.clone(),
            heard: Heard::default(),
        };
        subscribers.push(tokio::spawn(subscriber.follow()));
    }
    let until = Instant::now() + Duration::from_secs(switch("ORGLIFE_SOAK_SECONDS", 24));
    let client = demo.client("county-organization");
    let writers: Vec<_> = orgs
        .into_iter()
        .map(|id| tokio::spawn(write(client.clone(), addresses.clone(), id, until)))
        .collect();
    let (_nodes, kills) = kill(&database, &demo, nodes, until).await;
    let mut last = BTreeMap::new();
    for writer in writers {
        let (id, version) = writer.await.expect("the writer ends well");
        last.insert(id, version);
    }
    let kept = kept(&database, &last).await;
    assert!(
        last.iter().all(|(id, version)| kept.contains(&(id.clone(), *version))),
        "an acknowledged write is not in the log"
    );
    tell.send_replace(Some(last));
    let (mut cuts, mut lags) = (0, 0);
    for (number, subscriber) in subscribers.into_iter().enumerate() {
        let heard = tokio::time::timeout(Duration::from_secs(60), subscriber).await;
        let heard = heard
            .unwrap_or_else(|_| panic!("subscriber {number} never hears the end"))
            .expect("it ends well");
        assert_eq!(heard.log, kept, "subscriber {number}");
        cuts += heard.cuts;
        lags += heard.lags;
    }
    assert!(kills >= 2 && cuts > 0, "{kills} kills, {cuts} cuts");
    tests::note(&format!(
        "{} changes, {kills} kills, {cuts} cuts, {lags} lags",
        kept.len()
    ));
}

#[test]
fn a_node_killed_again_and_again_costs_no_subscriber_a_change() {
    run_on(Kind::Postgres, soak);
}
