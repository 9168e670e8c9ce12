//! Clients that nobody here wrote, against the real server: cut off, they go on at another node (on SQLite: at the same
//! one, started again) with nothing lost, doubled or out of order; and they take the end of an account for what it is.
//!
//! `tests/run` installs them from their lock files; by hand: `npm ci` and a `venv` with `requirements.txt` in
//! `tests/clients`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::orgs::create;
use tests::{Client, Kind, Server, TestDatabase, both_databases, run_on, watchdog};
use tokio::sync::mpsc;

const CLIENTS: [&str; 7] = [
    "graphql-ws",
    "graphql-sse",
    "graphql-sse, single connection",
    "apollo, socket",
    "apollo, multipart",
    "urql",
    "gql",
];
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id } userErrors { code path } cursor } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { version } userErrors { code path } } }";
const CHANGES: &str = "query($after: LogCursor!, $id: ID!) { changes(after: $after, types: [ORGANIZATION],
    within: {exactly: $id}, first: 100) { changes { entityId version } hasMore } }";
/// The most that the clients need to come back: their own waits between tries, and a server's start.
const PATIENCE: Duration = Duration::from_secs(40);

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// Whether the clients are installed; where they must be, their absence is a failure.
pub fn installed() -> bool {
    let there = folder().join("node_modules").is_dir() && folder().join("venv/bin/python").exists();
    let required = std::env::var_os("ORGLIFE_REQUIRE_CLIENTS").is_some();
    assert!(
        there || !required,
        "install the clients: npm ci and a venv in tests/clients"
    );
    if !there {
        tests::not_run("tests/clients is not installed: tests/run does that");
    }
    there
}

/// What the clients said, each for itself.
struct Heard {
    lines: mpsc::UnboundedReceiver<Value>,
    events: BTreeMap<String, Vec<Value>>,
    ends: BTreeMap<String, Value>,
    tries: BTreeMap<String, i64>,
    /// The close codes of sockets, in order.
    closes: BTreeMap<String, Vec<i64>>,
}

impl Heard {
    /// Starts all clients; they are ended with the test.
    fn start(given: &Value) -> Self {
        let (say, lines) = mpsc::unbounded_channel();
        let (node, python) = (folder().join("follow.mjs"), folder().join("follow.py"));
        let programs = [
            (PathBuf::from("node"), node),
            (folder().join("venv/bin/python"), python),
        ];
        for (program, script) in programs {
            let mut command = Command::new(program);
            command.arg(script).arg(given.to_string());
            let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
            let mut child = spawned.unwrap_or_else(|why| panic!("{command:?} cannot be started: {why}"));
            watchdog::watch(child.id());
            let output = child.stdout.take().expect("its output is piped");
            let say = say.clone();
            std::thread::spawn(move || {
                let lines = std::io::BufRead::lines(std::io::BufReader::new(output));
                for line in lines.map_while(Result::ok) {
                    let _ = say.send(serde_json::from_str(&line).unwrap_or_else(|_| json!({ "client": line })));
                }
                let _ = child.wait();
                watchdog::unwatch(child.id());
            });
        }
        Self {
            lines,
            events: BTreeMap::new(),
            ends: BTreeMap::new(),
            tries: BTreeMap::new(),
            closes: BTreeMap::new(),
        }
    }

    /// Listens until something holds.
    async fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            let left = end.saturating_duration_since(Instant::now());
            let line = tokio::time::timeout(left, self.lines.recv()).await;
            let Ok(Some(line)) = line else {
                panic!("{what}: {:?}, {:?}, {:?}", self.versions(), self.ends, self.tries)
            };
            self.take(line);
        }
    }

    fn take(&mut self, line: Value) {
        let client = line["client"].as_str().unwrap_or_default().to_owned();
        if let Some(tries) = line["tries"].as_i64() {
            self.tries.insert(client, tries);
        } else if let Some(code) = line["closed"].as_i64() {
            self.closes.entry(client).or_default().push(code);
        } else if line["event"].is_object() {
            self.events.entry(client).or_default().push(line["event"].clone());
        } else {
            self.ends.entry(client).or_insert(line);
        }
    }

    /// The versions that each client was told of, in its own order.
    fn versions(&self) -> BTreeMap<&str, Vec<i64>> {
        let versions = |events: &Vec<Value>| events.iter().filter_map(|event| event["version"].as_i64()).collect();
        let events = self.events.iter();
        events
            .map(|(client, events)| (client.as_str(), versions(events)))
            .collect()
    }

    fn all(&self, holds: impl Fn(&[Value]) -> bool) -> bool {
        CLIENTS
            .iter()
            .all(|client| self.events.get(*client).is_some_and(|events| holds(events)))
    }

    fn all_know(&self, version: i64) -> bool {
        self.all(|events| events.iter().any(|event| event["version"] == version))
    }
}

async fn rename(client: &Client, id: &Value, version: i64) {
    let input = json!({"id": id, "expectedVersion": version, "name": format!("改名{version}"), "reason": "更名",
        "decision": {"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕8号"}, "idempotencyKey": format!("clients-{version}")});
    let done = client.data(RENAME, json!({"input": input})).await["renameOrganization"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
}

both_databases!(
    stock_clients_go_on_at_another_node_and_stay_away_when_the_account_is_disabled,
    |database: TestDatabase| async move {
        if !installed() {
            return;
        }
        let mut first = Server::demo_on(&database).await;
        // One SQLite file has one node.
        let beside = match database.kind {
            Kind::Postgres => Some(first.beside(&database).await),
            Kind::Sqlite => None,
        };
        let writer = first.client("county-organization");
        let county = first.account("county-organization", "organizationId");
        let input = json!({"parentId": county, "name": "众端之组织", "kind": "WORKING_COMMITTEE", "sector": "ORGAN",
            "foundedOn": "2026-01-05", "reason": "新设", "idempotencyKey": "clients",
            "decision": {"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕8号"}});
        let made = writer.data(CREATE, json!({"input": input})).await["createOrganization"].clone();
        let (id, after) = (made["organization"]["id"].clone(), made["cursor"].clone());
        let mut urls = vec![first.url().to_owned()];
        urls.extend(beside.iter().map(|node| node.url().to_owned()));
        let mut heard = Heard::start(&json!({
            "urls": urls,
            "token": first.account("county-organization", "accessToken"),
            "after": after,
            "organization": id,
        }));
        heard
            .until("all begin", |heard| heard.all(|events| !events.is_empty()))
            .await;
        for version in 1..4 {
            rename(&writer, &id, version).await;
        }
        heard.until("all follow", |heard| heard.all_know(4)).await;
        first.kill();
        let second = match beside {
            Some(node) => node,
            None => first.again(&database).await,
        };
        let writer = writer.at(second.url());
        for version in 4..8 {
            rename(&writer, &id, version).await;
        }
        heard.until("all come back", |heard| heard.all_know(8)).await;

        // Each client's log is that of the database.
        let kept = writer.data(CHANGES, json!({"after": after, "id": id})).await["changes"].clone();
        let kept: Vec<i64> = kept["changes"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|change| change["version"].as_i64())
            .collect();
        assert_eq!(kept, [2, 3, 4, 5, 6, 7, 8]);
        for (client, versions) in heard.versions() {
            assert_eq!(versions, kept, "{client}");
        }
        let greetings = |events: &[Value]| {
            let first = events.iter().filter(|event| event["version"].is_null());
            first.map(|event| event["__typename"].clone()).collect::<Vec<_>>()
        };
        for client in CLIENTS {
            let greetings = greetings(&heard.events[client]);
            assert!(
                greetings.len() >= 2 && greetings.iter().all(|name| name == "Resumed"),
                "{client}: {greetings:?}"
            );
        }

        // The account ends: each client is told so and stays away.
        let rows = database.connect().await;
        let sql = "UPDATE account SET disabled_at = '2026-01-01 00:00:00+00:00' WHERE username = 'county-organization'";
        rows.execute_unprepared(sql).await.expect("the row can be changed");
        heard
            .until("all end", |heard| {
                CLIENTS.iter().all(|client| heard.ends.contains_key(*client))
            })
            .await;
        let tries = heard.tries.clone();
        tokio::time::sleep(Duration::from_secs(2)).await;
        while let Ok(line) = heard.lines.try_recv() {
            heard.take(line);
        }
        assert_eq!(heard.tries, tries, "nobody comes back");
    }
);

/// Clients that say with which code their socket was closed.
const SOCKETS: [&str; 4] = ["graphql-ws", "apollo, socket", "urql", "gql"];

/// An org to rename, the place in the log before that, and the clients that follow it, all of them begun.
async fn begin(server: &Server, urls: &[&str], sign_in: Value) -> (Value, Value, Heard) {
    let county = server.account("county-organization", "organizationId");
    let made = create(
        &server.client("county-organization"),
        &county,
        "WORKING_COMMITTEE",
        "clients-0",
    )
    .await;
    let (id, after) = (made["organization"]["id"].clone(), made["cursor"].clone());
    let mut heard = Heard::start(&json!({
        "urls": urls,
        "token": server.account("county-organization", "accessToken"),
        "after": after,
        "organization": id,
        "signIn": sign_in,
    }));
    heard
        .until("all begin", |heard| heard.all(|events| !events.is_empty()))
        .await;
    (id, after, heard)
}

/// A node that drains, then a token that is taken back: both times the clients come back by themselves, to another node
/// and with a new token, and go on behind their last cursor.
async fn drained_and_renewed(database: TestDatabase) {
    if !installed() {
        return;
    }
    let first = Server::demo_on(&database).await;
    let second = first.beside(&database).await;
    let password = first.account("county-organization", "password");
    let sign_in = json!({"username": "county-organization", "password": password});
    let writer = first.client("county-organization").at(second.url());
    let (id, _, mut heard) = begin(&first, &[first.url(), second.url()], sign_in.clone()).await;
    rename(&writer, &id, 1).await;
    heard.until("all follow", |heard| heard.all_know(2)).await;
    assert!(first.terminate(Duration::from_secs(25)).await.success());
    rename(&writer, &id, 2).await;
    heard
        .until("all come to the other node", |heard| heard.all_know(3))
        .await;
    for client in SOCKETS {
        assert_eq!(
            heard.closes[client].first(),
            Some(&1012),
            "{client}: {:?}",
            heard.closes
        );
    }
    let rows = database.connect().await;
    let reset = "UPDATE account SET auth_epoch = auth_epoch + 1 WHERE username = 'county-organization'";
    rows.execute_unprepared(reset).await.expect("the row can be changed");
    let query = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";
    let signed_in = Client::new(second.url()).data(query, json!({"input": sign_in})).await;
    let token = signed_in["signIn"]["accessToken"].as_str().expect("a token");
    let renewed = |heard: &Heard| SOCKETS.iter().all(|client| heard.closes[*client].contains(&4403));
    heard.until("the old token is refused", renewed).await;
    rename(&writer.with_token(token), &id, 3).await;
    heard
        .until("all come back with a new token", |heard| heard.all_know(4))
        .await;
    for (client, versions) in heard.versions() {
        assert_eq!(versions, [2, 3, 4], "{client}");
    }
    assert!(heard.ends.is_empty(), "{:?}", heard.ends);
}

#[test]
fn stock_clients_leave_a_draining_node_and_come_back_with_a_new_token() {
    run_on(Kind::Postgres, drained_and_renewed);
}

/// Runs one of the programs that look into a client's cache.
fn looks_into(cache: &str, given: &Value) {
    let run = || {
        Command::new("node")
            .arg(folder().join(cache))
            .arg(given.to_string())
            .output()
    };
    let ran = tokio::task::block_in_place(run).expect("node can be started");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// The same of a screen that shows orgs.
async fn looks_at_orgs(cache: &str, database: &TestDatabase) {
    if !installed() {
        return;
    }
    let server = Server::city(database).await;
    let given = json!({
        "url": server.url(),
        "token": server.account("county-organization", "accessToken"),
        "parent": server.account("county-organization", "organizationId"),
    });
    looks_into(cache, &given);
}

both_databases!(
    a_live_event_merges_into_apollos_cache_and_touches_nothing_else,
    |database: TestDatabase| async move { looks_at_orgs("cache.mjs", &database).await }
);

both_databases!(
    events_and_payloads_merge_into_relays_store_and_touch_nothing_else,
    |database: TestDatabase| async move { looks_at_orgs("relay.mjs", &database).await }
);

both_databases!(
    live_activities_obligations_and_lines_of_the_inbox_merge_into_both_stores_as_the_server_has_them,
    |database: TestDatabase| async move {
        if !installed() {
            return;
        }
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let given = json!({
            "url": server.url(),
            "secretary": server.account("branch-secretary", "accessToken"),
            "member": server.account("branch-committee", "accessToken"),
            "branch": server.account("branch-secretary", "organizationId"),
        });
        looks_into("nouns.mjs", &given);
    }
);
