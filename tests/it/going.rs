//! A node on its way down: it says so to whoever asks, what is under way ends, nothing new begins, and no write is lost or
//! done twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, Statement, TransactionTrait as _};
use serde_json::{Value, json};
use tests::orgs::decision;
use tests::{Client, EventStream, Kind, Multipart, Server, TestDatabase, Ws, WsMessage, both_databases};

const EVENTS: &str =
    "subscription($after: LogCursor) { events(after: $after) { __typename ... on Change { cursor entityId }
    ... on Resumed { cursor replayed } ... on Gap { cursor cause } } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id } userErrors { code path } replayed } }";
/// As long as a node may take to go.
const GONE: Duration = Duration::from_secs(25);

fn founding(parent: &str, key: &str) -> Value {
    json!({"input": {"parentId": parent, "name": format!("去时之{key}"), "kind": "WORKING_COMMITTEE", "sector": "ORGAN",
        "foundedOn": "2026-01-05", "reason": "新设", "decision": decision(), "idempotencyKey": key}})
}

/// Sockets enough that one of them is closed only some seconds after the signal.
async fn sockets(server: &Server, user: &str) -> Vec<Ws> {
    let token = server.account(user, "accessToken");
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut ws = Ws::of_token(server.url(), &token).await;
        ws.subscribe("s", EVENTS, json!({})).await;
        assert_eq!(ws.heard("s", "events").await["replayed"], 0);
        open.push(ws);
    }
    open
}

async fn closed(mut ws: Ws) -> u16 {
    loop {
        if let WsMessage::Closed { code, .. } = ws.next().await {
            return code;
        }
    }
}

/// Until a connection of its own is answered with this status by a path.
async fn turns(url: &str, path: &str, status: u16) -> String {
    let end = Instant::now() + Duration::from_secs(5);
    loop {
        // A connection that waits in the client's pool would not be a new one.
        let answer = reqwest::Client::new().get(format!("{url}{path}")).send().await;
        if let Ok(answer) = answer
            && answer.status().as_u16() == status
        {
            return answer.text().await.expect("an answer");
        }
        assert!(Instant::now() < end, "{path} was never answered with {status}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A transaction that keeps every writer waiting until it ends.
#[expect(
    clippy::disallowed_methods,
    reason = "beside the server, which has its own way to begin"
)]
async fn hold(database: &TestDatabase) -> (sea_orm::DatabaseConnection, sea_orm::DatabaseTransaction) {
    let rows = database.connect().await;
    let held = rows.begin().await.expect("a transaction");
    let sql = "UPDATE log_counter SET position = position";
    held.execute_unprepared(sql).await.expect("the row can be held");
    (rows, held)
}

both_databases!(
    a_node_that_goes_is_red_ends_what_is_under_way_refuses_what_is_new_and_exits_in_time,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let open = sockets(&server, "county-secretary").await;
        let (rows, held) = hold(&database).await;
        let writing = tokio::spawn({
            let (client, input) = (client.clone(), founding(&county, "under-way"));
            async move { client.post(&json!({"query": CREATE, "variables": input})).await }
        });
        while server.counter("orglife_operations_running").await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let url = server.url().to_owned();
        let begun = Instant::now();
        let gone = tokio::spawn(server.terminate(GONE));
        assert_eq!(turns(&url, "/readyz", 503).await, "draining\n");
        assert_eq!(turns(&url, "/healthz", 200).await, "ok\n");
        // What comes now is told to come back, before anything of it was done.
        let late = Client::new(&url).with_token(client.token());
        let refused = late
            .post(&json!({"query": CREATE, "variables": founding(&county, "late")}))
            .await;
        assert_eq!(
            (
                refused.status.as_u16(),
                &refused.body["errors"][0]["extensions"]["code"]
            ),
            (503, &json!("OVERLOADED")),
            "{}",
            refused.text
        );
        assert!(refused.headers.contains_key("retry-after"), "{:?}", refused.headers);
        assert!(Ws::attempt(&url, client.token()).await.is_none());
        let stream = EventStream::open(&url, client.token(), EVENTS, json!({})).await;
        assert_eq!(stream.expect_err("no stream opens").0, 503);
        held.rollback().await.expect("it ends");
        rows.close().await.expect("closed");
        let written = writing.await.expect("it is answered").body["data"]["createOrganization"].take();
        assert_eq!(written["userErrors"], json!([]), "{written}");
        for ws in open {
            assert_eq!(closed(ws).await, 1012);
        }
        assert!(gone.await.expect("the node ends").success());
        assert!(begun.elapsed() < GONE, "{:?}", begun.elapsed());
        assert!(reqwest::get(format!("{url}/readyz")).await.is_err(), "nobody listens");
    }
);

/// What came of a write, as its client knows it.
#[derive(Debug)]
enum Outcome {
    /// The id of what was made.
    Acknowledged(Value),
    /// Told that nothing of it was done.
    Refused,
    /// The connection was refused, or broke.
    Unknown,
}

/// What writers and their test know of one another.
#[derive(Default)]
struct Course {
    acknowledged: AtomicUsize,
    stop: AtomicBool,
}

/// Writes to one node until it is told to stop, whatever comes of it.
async fn write(client: Client, parent: String, writer: String, course: Arc<Course>) -> Vec<(String, Outcome)> {
    let mut outcomes = Vec::new();
    while !course.stop.load(Ordering::Relaxed) {
        let key = format!("{writer}-{}", outcomes.len());
        let body = json!({"query": CREATE, "variables": founding(&parent, &key)});
        let outcome = match client.try_post(&body).await {
            None => Outcome::Unknown,
            Some(reply) => {
                let made = &reply.body["data"]["createOrganization"]["organization"]["id"];
                match (reply.status.as_u16(), made.is_string()) {
                    (200, true) => Outcome::Acknowledged(made.clone()),
                    (429 | 503, _) => Outcome::Refused,
                    _ => panic!("{}", reply.text),
                }
            }
        };
        let done = matches!(outcome, Outcome::Acknowledged(_));
        course.acknowledged.fetch_add(usize::from(done), Ordering::Relaxed);
        outcomes.push((key, outcome));
        tokio::time::sleep(Duration::from_millis(if done { 30 } else { 150 })).await;
    }
    outcomes
}

/// The answer to a key, whatever the budget says meanwhile.
async fn ask(client: &Client, parent: &str, key: &str) -> Value {
    loop {
        let body = json!({"query": CREATE, "variables": founding(parent, key)});
        let mut reply = client.post(&body).await;
        if reply.status.as_u16() != 429 {
            return reply.body["data"]["createOrganization"].take();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn count(database: &TestDatabase, sql: &str) -> i64 {
    let rows = database.connect().await;
    let statement = Statement::from_string(rows.get_database_backend(), sql);
    let row = rows.query_one_raw(statement).await.expect(sql).expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// A demo city that is served by other processes, which come and go.
async fn filled(database: &TestDatabase) -> Server {
    let mut demo = Server::demo_on(database).await;
    demo.kill();
    demo
}

both_databases!(
    writes_while_a_node_goes_are_there_where_acknowledged_and_not_where_refused,
    |database: TestDatabase| async move {
        let demo = filled(&database).await;
        let county = demo.account("county-organization", "organizationId");
        let first = demo.node(&database, "127.0.0.1:0", &[]).await.with_accounts_of(&demo);
        let mut other = match database.kind {
            Kind::Postgres => Some(demo.node(&database, "127.0.0.1:0", &[]).await),
            Kind::Sqlite => None,
        };
        let open = sockets(&first, "county-secretary").await;
        let course = Arc::<Course>::default();
        let client = demo.client("county-organization");
        let urls = std::iter::once(&first).chain(&other).map(|node| node.url().to_owned());
        let mut writers = Vec::new();
        for (number, url) in urls.enumerate() {
            for writer in 0..2 {
                let (name, course) = (format!("w{number}{writer}"), course.clone());
                writers.push(tokio::spawn(write(client.at(&url), county.clone(), name, course)));
            }
        }
        while course.acknowledged.load(Ordering::Relaxed) < 20 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(first.terminate(GONE).await.success());
        tokio::time::sleep(Duration::from_millis(200)).await;
        course.stop.store(true, Ordering::Relaxed);
        drop(open);
        let mut outcomes = Vec::new();
        for writer in writers {
            outcomes.extend(writer.await.expect("a writer ends"));
        }
        let other = match other.take() {
            Some(other) => other,
            None => demo.node(&database, "127.0.0.1:0", &[]).await,
        };
        let client = client.at(other.url());
        let (mut acknowledged, mut refused) = (0, 0);
        for (key, outcome) in &outcomes {
            let found = ask(&client, &county, key).await;
            assert_eq!(found["userErrors"], json!([]), "{key}: {found}");
            match outcome {
                Outcome::Acknowledged(id) => {
                    acknowledged += 1;
                    let there = (&found["organization"]["id"], &found["replayed"]);
                    assert_eq!(there, (id, &json!(true)), "{key}: {found}");
                }
                Outcome::Refused => {
                    refused += 1;
                    assert_eq!(found["replayed"], json!(false), "{key} was refused, and done");
                }
                Outcome::Unknown => {}
            }
        }
        assert!(
            acknowledged >= 20 && refused >= 10,
            "{acknowledged} acknowledged, {refused} refused"
        );
        let made = "SELECT COUNT(*) FROM organization WHERE name LIKE '去时之%'";
        assert_eq!(
            count(&database, made).await,
            i64::try_from(outcomes.len()).expect("few")
        );
    }
);

/// The last message of a stream that is cut, and its `id:`.
async fn last_of_events(stream: &mut EventStream) -> (Value, Option<String>) {
    let mut last = (Value::Null, None);
    while let Some(mut event) = stream.next().await {
        assert_eq!(event.name, "next", "cut, not completed");
        last = (event.data["data"]["events"].take(), event.id);
    }
    last
}

async fn last_of_parts(parts: &mut Multipart) -> Value {
    let mut last = Value::Null;
    while let Some(mut part) = parts.next().await {
        last = part["payload"]["data"]["events"].take();
    }
    assert!(!parts.is_complete(), "cut, not completed");
    last
}

fn asking(url: &str, token: &str, variables: Value) -> reqwest::RequestBuilder {
    let request = reqwest::Client::new().post(format!("{url}/graphql"));
    request
        .bearer_auth(token)
        .json(&json!({"query": EVENTS, "variables": variables}))
}

both_databases!(
    event_streams_and_multipart_say_how_far_they_came_are_cut_and_go_on_elsewhere,
    |database: TestDatabase| async move {
        let demo = filled(&database).await;
        let node = demo.node(&database, "127.0.0.1:0", &[]).await;
        let county = demo.account("county-organization", "organizationId");
        let client = demo.client("county-organization").at(node.url());
        let mut events = EventStream::open(node.url(), client.token(), EVENTS, json!({}))
            .await
            .expect("a stream opens");
        let mut parts = Multipart::of(asking(node.url(), client.token(), json!({})))
            .await
            .expect("a stream opens");
        assert_eq!(events.heard("events").await["replayed"], 0);
        assert_eq!(
            parts.next().await.expect("a part")["payload"]["data"]["events"]["replayed"],
            0
        );
        let told = ask(&client, &county, "last").await["organization"]["id"].take();
        while events.heard("events").await["entityId"] != told {}
        while parts.next().await.expect("a part")["payload"]["data"]["events"]["entityId"] != told {}
        let (gone, (word, id), part) = tokio::join!(
            node.terminate(GONE),
            last_of_events(&mut events),
            last_of_parts(&mut parts)
        );
        assert!(gone.success());
        for word in [&word, &part] {
            assert_eq!(
                (&word["__typename"], &word["replayed"]),
                (&json!("Resumed"), &json!(0)),
                "{word}"
            );
        }
        assert_eq!(
            id.as_deref(),
            word["cursor"].as_str(),
            "the id of an event is its cursor"
        );
        let other = demo.node(&database, "127.0.0.1:0", &[]).await;
        let client = client.at(other.url());
        let missed = ask(&client, &county, "missed").await["organization"]["id"].take();
        let request = asking(other.url(), client.token(), json!({})).header("accept", "text/event-stream");
        let mut events = EventStream::of(request.header("last-event-id", id.expect("a cursor")))
            .await
            .expect("a stream opens");
        let mut parts = Multipart::of(asking(other.url(), client.token(), json!({"after": part["cursor"]})))
            .await
            .expect("a stream opens");
        let first = events.heard("events").await;
        let same = parts.next().await.expect("a part")["payload"]["data"]["events"].take();
        assert!(
            first["replayed"] == same["replayed"] && first["replayed"] != 0,
            "{first} {same}"
        );
        while events.heard("events").await["entityId"] != missed {}
        while parts.next().await.expect("a part")["payload"]["data"]["events"]["entityId"] != missed {}
    }
);
