//! The order of the log: many writers race readers through transactions of random length that are rolled back at random,
//! and nothing is lost, doubled, missing or out of order.
//!
//! `ORGLIFE_ORDER_ROUNDS` (25) races, and more until `ORGLIFE_ORDER_SECONDS` (0) have gone by: so long an unrelated
//! transaction stays open that has written. The long form stands in `docs/benchmarks.md`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, Statement, TransactionTrait as _};
use serde_json::{Value, json};
use tests::orgs::{create, decision};
use tests::{Client, Kind, Server, TestDatabase, Ws, WsMessage, both_databases, switch};

const EVENTS: &str =
    "subscription($after: LogCursor, $within: OrganizationScopeInput) { events(after: $after, within: $within) {
    __typename ... on Change { cursor entityId version } ... on Resumed { cursor replayed } } }";
const CHANGES: &str = "query($after: LogCursor, $within: OrganizationScopeInput) {
    changes(after: $after, within: $within, first: 50) { changes { entityId version } cursor hasMore } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { id version } userErrors { code path } replayed } }";

const WRITERS: usize = 8;

/// What each writer's transaction runs into: it takes a random time before the log's number is taken, between that and
/// the commit, and inside the commit; one in twelve is broken off there, with its number taken already.
fn turbulence(kind: Kind) -> &'static str {
    match kind {
        Kind::Postgres => {
            "CREATE FUNCTION turbulence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_sleep(random() * TG_ARGV[0]::float);
                IF random() < TG_ARGV[1]::float THEN RAISE EXCEPTION 'broken off' USING ERRCODE = TG_ARGV[2]; END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER turbulence AFTER UPDATE ON organization FOR EACH ROW
                EXECUTE FUNCTION turbulence('0.02', '0.04', 'P0001');
            CREATE TRIGGER turbulence AFTER INSERT ON idempotency FOR EACH ROW
                EXECUTE FUNCTION turbulence('0.003', '0.08', '40001');
            CREATE CONSTRAINT TRIGGER turbulence AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                EXECUTE FUNCTION turbulence('0.003', '0.04', 'P0001');"
        }
        // SQLite has no sleep: a random number of rows is counted instead. One writer at a time makes the rest.
        Kind::Sqlite => {
            "CREATE TRIGGER turbulence_before AFTER UPDATE ON organization BEGIN
                SELECT COUNT(*) FROM (SELECT 1 FROM member a, member b LIMIT abs(random()) % 20000);
                SELECT CASE WHEN abs(random()) % 25 = 0 THEN RAISE(ABORT, 'broken off') END;
            END;
            CREATE TRIGGER turbulence_behind AFTER INSERT ON idempotency BEGIN
                SELECT CASE WHEN abs(random()) % 8 = 0 THEN RAISE(ABORT, 'broken off') END;
            END;"
        }
    }
}

/// One city with its turbulence, its writers' orgs and what the readers know.
struct Race {
    client: Client,
    rows: DatabaseConnection,
    within: Value,
    /// Each writer's org and its version.
    orgs: Vec<(Value, i64)>,
    /// Writes that ran into the turbulence and were tried again.
    broken_off: u64,
}

type Log = Vec<(String, i64)>;

fn line(change: &Value) -> (String, i64) {
    let id = change["entityId"].as_str().expect("an id").to_owned();
    (id, change["version"].as_i64().expect("a version"))
}

/// Renames an org some times, each time until it is done; every second time a stale version goes before, which is
/// refused. How often a transaction was broken off on the way.
async fn write(client: Client, id: Value, versions: std::ops::Range<i64>) -> u64 {
    let mut broken_off = 0;
    for version in versions {
        for expected in (version - version % 2)..=version {
            let input = json!({"id": id, "expectedVersion": expected, "name": format!("序之{version}"), "reason": "更名",
                "decision": decision(), "idempotencyKey": format!("{id}-{version}-{expected}")});
            let done = loop {
                let answer = client.graphql(RENAME, json!({"input": input})).await;
                if answer.get("errors").is_none() {
                    break answer["data"]["renameOrganization"].clone();
                }
                let code = &answer["errors"][0]["extensions"]["code"];
                assert!(
                    code == "UNAVAILABLE" || code == "INTERNAL" || code == "RATE_LIMITED",
                    "{answer}"
                );
                broken_off += 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            };
            let refused = done["userErrors"][0]["code"] == "CONFLICT";
            assert_eq!(refused, expected != version, "{done}");
        }
    }
    broken_off
}

/// Listens to a stream until so many changes came.
async fn listen(ws: &mut Ws, wanted: usize) -> (Log, Value) {
    let (mut seen, mut last) = (Vec::new(), Value::Null);
    while seen.len() < wanted {
        let change = ws.heard("s", "events").await;
        seen.push(line(&change));
        last = change["cursor"].clone();
    }
    (seen, last)
}

/// The next event of an operation; what was still under way of the ones before is passed over.
async fn heard_of(ws: &mut Ws, wanted: &str) -> Value {
    loop {
        match ws.next().await {
            WsMessage::Next { id, mut payload } if id == wanted => break payload["data"]["events"].take(),
            WsMessage::Next { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Comes and goes: a few changes, then away, then back behind the last of them.
async fn hop(mut ws: Ws, mut after: Value, within: Value, wanted: usize) -> Log {
    let mut seen = Vec::new();
    for number in 0.. {
        if seen.len() >= wanted {
            break;
        }
        let id = format!("hop-{number}");
        ws.subscribe(&id, EVENTS, json!({"after": after, "within": within}))
            .await;
        assert_eq!(heard_of(&mut ws, &id).await["__typename"], "Resumed");
        for _ in 0..3.min(wanted - seen.len()) {
            let change = heard_of(&mut ws, &id).await;
            seen.push(line(&change));
            after = change["cursor"].clone();
        }
        ws.complete(&id).await;
    }
    seen
}

/// Pages through the log while it grows.
async fn page(client: Client, mut after: Value, within: Value, wanted: usize) -> Log {
    let mut seen = Vec::new();
    while seen.len() < wanted {
        let answer = client.graphql(CHANGES, json!({"after": after, "within": within})).await;
        let page = &answer["data"]["changes"];
        if let Some(changes) = page["changes"].as_array() {
            seen.extend(changes.iter().map(line));
            after = page["cursor"].clone();
        } else {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "RATE_LIMITED", "{answer}");
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    seen
}

impl Race {
    async fn prepare(server: &Server, database: &TestDatabase) -> Self {
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let mut orgs = Vec::new();
        for writer in 0..WRITERS {
            let made = create(&client, &county, "WORKING_COMMITTEE", &format!("order-{writer}")).await;
            orgs.push((made["organization"]["id"].clone(), 1));
        }
        let rows = database.connect().await;
        rows.execute_unprepared(turbulence(database.kind))
            .await
            .expect("triggers can be made");
        Self {
            client,
            rows,
            within: json!({"childrenOf": county}),
            orgs,
            broken_off: 0,
        }
    }

    async fn here(&self) -> (Value, i64) {
        let here = self.client.data("{ log { cursor } }", json!({})).await["log"]["cursor"].clone();
        (here, self.number("SELECT position FROM log_counter").await)
    }

    async fn number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.rows.get_database_backend(), sql);
        let row = self.rows.query_one_raw(statement).await.expect(sql).expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    /// What the log's table holds behind a position.
    async fn kept(&self, begin: i64) -> Log {
        let sql = format!("SELECT entity_id, version FROM event WHERE position > {begin} ORDER BY position, sub");
        let statement = Statement::from_string(self.rows.get_database_backend(), sql);
        let rows = self.rows.query_all_raw(statement).await.expect("rows");
        let read = |row: &sea_orm::QueryResult| {
            (
                row.try_get_by_index(0).expect("an id"),
                row.try_get_by_index(1).expect("a version"),
            )
        };
        rows.iter().map(read).collect()
    }

    /// One race; `follower` has followed since before the first.
    async fn run(&mut self, round: u64, follower: &mut Ws, hopper: Ws) {
        let (after, begin) = self.here().await;
        let each = 1 + i64::try_from(round % 3).expect("small");
        let writers: Vec<_> = self
            .orgs
            .iter_mut()
            .map(|(id, version)| {
                let versions = *version..*version + each;
                *version += each;
                tokio::spawn(write(self.client.clone(), id.clone(), versions))
            })
            .collect();
        let wanted = WRITERS * usize::try_from(each).expect("small");
        let paged = tokio::spawn(page(self.client.clone(), after.clone(), self.within.clone(), wanted));
        let hopped = tokio::spawn(hop(hopper, after, self.within.clone(), wanted));
        let (heard, _) = listen(follower, wanted).await;
        for writer in writers {
            self.broken_off += writer.await.expect("the writer ends well");
        }
        let kept = self.kept(begin).await;
        assert_eq!(heard, kept, "round {round}: who listened");
        assert_eq!(paged.await.expect("pages end well"), kept, "round {round}: who paged");
        assert_eq!(
            hopped.await.expect("hops end well"),
            kept,
            "round {round}: who came and went"
        );
        self.is_whole(round, begin, &kept).await;
    }

    /// Each org's versions in order, none missing, none twice; every position taken holds something.
    async fn is_whole(&self, round: u64, begin: i64, kept: &Log) {
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        for (id, version) in kept {
            let before = last.insert(id, *version).unwrap_or(version - 1);
            assert_eq!(*version, before + 1, "round {round}: {id}");
        }
        for (id, version) in &self.orgs {
            assert_eq!(
                last.get(id.as_str().expect("an id")),
                Some(version),
                "round {round}: {id}"
            );
        }
        let end = self.number("SELECT position FROM log_counter").await;
        let positions = format!("SELECT COUNT(DISTINCT position) FROM event WHERE position > {begin}");
        assert_eq!(
            self.number(&positions).await,
            end - begin,
            "round {round}: the numbers have a gap"
        );
    }
}

/// A transaction beside that has written elsewhere and stays open: it holds up neither writers nor readers. On SQLite,
/// which has one writer, one that has read.
async fn open(database: &TestDatabase) -> DatabaseTransaction {
    let beside = database.connect().await;
    let open = beside
        .begin_with_config(None, None)
        .await
        .expect("a transaction begins");
    let sql = match database.kind {
        Kind::Postgres => "UPDATE account SET version = version WHERE username = 'member'",
        Kind::Sqlite => "SELECT COUNT(*) FROM account",
    };
    open.execute_unprepared(sql).await.expect("a row can be touched");
    open
}

both_databases!(
    the_log_is_gapless_and_in_the_order_of_the_commits_while_writers_race,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let mut race = Race::prepare(&server, &database).await;
        let token = server.account("county-organization", "accessToken");
        let mut follower = Ws::of_token(server.url(), &token).await;
        let (after, _) = race.here().await;
        follower
            .subscribe("s", EVENTS, json!({"after": after, "within": race.within}))
            .await;
        assert_eq!(follower.heard("s", "events").await["replayed"], 0);
        let open = open(&database).await;
        let (rounds, seconds) = (switch("ORGLIFE_ORDER_ROUNDS", 25), switch("ORGLIFE_ORDER_SECONDS", 0));
        let (begun, mut round) = (Instant::now(), 0);
        while round < rounds || begun.elapsed() < Duration::from_secs(seconds) {
            let hopper = Ws::of_token(server.url(), &token).await;
            race.run(round, &mut follower, hopper).await;
            round += 1;
        }
        open.rollback().await.expect("the transaction ends");
        assert!(
            follower.is_silent_for(Duration::from_millis(1200)).await,
            "something came twice"
        );
        assert!(
            race.broken_off > rounds / 4,
            "only {} writes were broken off",
            race.broken_off
        );
        tests::note(&format!(
            "{round} races in {:?}, {} writes broken off",
            begun.elapsed(),
            race.broken_off
        ));
    }
);
