//! Faults: a server that is killed, nodes that begin at once, keys that change under running nodes, a database that goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use tests::{Client, Deployment, Kind, PASSPHRASE, Server, TestDatabase, both_databases, run_on, said};

mod disk;
mod stall;

pub const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id } userErrors { code } replayed } }";

/// A city with nothing in it but its committee, and what its nodes are started with.
pub struct City {
    deployment: Deployment,
    pub id: String,
}

impl City {
    pub fn begin(url: &str) -> Self {
        let deployment = Deployment::on(url);
        let id = said(&deployment.begin(), "organization");
        Self { deployment, id }
    }

    pub async fn serve(&self) -> Server {
        self.deployment.serve().await
    }

    pub fn unit(&self, key: &str) -> Value {
        json!({"input": {"parentId": self.id, "name": format!("中共试点{key}委员会"), "kind": "COUNTY_COMMITTEE",
            "sector": "ORGAN", "foundedOn": "2020-01-01", "reason": "设立", "idempotencyKey": key,
            "decision": {"decidedOn": "2020-01-01", "documentNumber": key}}})
    }
}

/// Runs a test that has a database to itself.
fn block_on(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(test);
}

pub async fn sign_in(server: &Server) -> Client {
    let anyone = Client::new(server.url());
    let input = json!({"username": "secretary", "password": PASSPHRASE});
    let token = anyone.data(SIGN_IN, json!({"input": input})).await["signIn"]["accessToken"].clone();
    anyone.with_token(token.as_str().expect("a token"))
}

/// Writes until it is told to stop or nobody answers; (key, id) of what was acknowledged.
pub async fn write_on(client: Client, city: Arc<City>, writer: String, stop: Arc<AtomicBool>) -> Vec<(String, String)> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let key = format!("{writer}-{number}");
        let body = json!({"query": CREATE, "variables": city.unit(&key)});
        let Some(reply) = client.try_post(&body).await else {
            break;
        };
        match reply.body["data"]["createOrganization"]["organization"]["id"].as_str() {
            Some(id) => acknowledged.push((key, id.to_owned())),
            // More than the budget allows: told to wait, and nothing was written.
            None if reply.status == 429 => tokio::time::sleep(Duration::from_millis(50)).await,
            // The database is away.
            None if reply.status == 503 => break,
            None => panic!("{}", reply.text),
        }
    }
    acknowledged
}

both_databases!(
    a_killed_server_keeps_every_acknowledged_write_and_no_half_one,
    |database: TestDatabase| async move {
        let city = Arc::new(City::begin(&database.url));
        let mut kept: Vec<(String, String)> = Vec::new();
        for round in 0..5_u64 {
            let mut server = city.serve().await;
            let client = sign_in(&server).await;
            let stop = Arc::new(AtomicBool::new(false));
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let name = format!("r{round}w{writer}");
                    tokio::spawn(write_on(client.clone(), city.clone(), name, stop.clone()))
                })
                .collect();
            // Not the same moment twice, and never before something was under way.
            tokio::time::sleep(Duration::from_millis(150 + round * 137)).await;
            server.kill();
            stop.store(true, Ordering::Relaxed);
            for writer in writers {
                kept.extend(writer.await.expect("a writer ends"));
            }
        }
        assert!(kept.len() >= 10, "only {} writes were acknowledged", kept.len());

        let server = city.serve().await;
        let client = sign_in(&server).await;
        for (key, id) in kept.iter().rev().take(60) {
            let reply = loop {
                let reply = client
                    .post(&json!({"query": CREATE, "variables": city.unit(key)}))
                    .await;
                if reply.status != 429 {
                    break reply;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            };
            let again = &reply.body["data"]["createOrganization"];
            assert_eq!(
                (again["organization"]["id"].as_str(), again["replayed"].as_bool()),
                (Some(id.as_str()), Some(true)),
                "{key}: {}",
                reply.text
            );
        }
        assert!(server.terminate(Duration::from_secs(25)).await.success());
        // Each org that is there has its event, its trail line and its idempotency row: all of a write or nothing.
        let orgs = database
            .number("SELECT COUNT(*) FROM organization WHERE kind = 'COUNTY_COMMITTEE'")
            .await;
        assert!(
            orgs >= i64::try_from(kept.len()).expect("few"),
            "{orgs} orgs for {} writes",
            kept.len()
        );
        let keys = database
            .number("SELECT COUNT(*) FROM idempotency WHERE operation LIKE '%reateOrganization%'")
            .await;
        assert_eq!(orgs, keys, "each org came under its key");
        let told = "SELECT COUNT(DISTINCT entity_id) FROM event WHERE entity_kind = 'ORGANIZATION' AND entity_id IN \
                    (SELECT id FROM organization WHERE kind = 'COUNTY_COMMITTEE')";
        assert_eq!(database.number(told).await, orgs, "the log tells of each");
        let ahead = "SELECT (SELECT position FROM log_counter WHERE id = 1) - MAX(position) FROM event";
        assert!(
            database.number(ahead).await >= 0,
            "nothing stands in the log beyond its counter"
        );
        let (content, said) = city.deployment.doctor();
        assert!(content, "{said}");
    }
);

#[test]
fn nodes_that_begin_at_once_on_an_empty_database_migrate_it_once() {
    run_on(Kind::Postgres, |database: TestDatabase| async move {
        let connection = database.connect().await;
        let wipe = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
        connection.execute_unprepared(wipe).await.expect("wiped");
        let deployment = Arc::new(Deployment::on(&database.url));
        let starts: Vec<_> = (0..3)
            .map(|_| {
                let deployment = deployment.clone();
                tokio::spawn(async move { deployment.serve().await })
            })
            .collect();
        let mut key_sets = Vec::new();
        for start in starts {
            let server = start.await.expect("each node comes up");
            let client = Client::new(server.url());
            assert_eq!(client.get("/readyz").await.status, 200);
            key_sets.push(client.get("/.well-known/jwks.json").await.body["keys"].clone());
        }
        assert_eq!(key_sets[0].as_array().map(Vec::len), Some(1), "{key_sets:?}");
        assert!(key_sets.iter().all(|keys| *keys == key_sets[0]), "{key_sets:?}");
        let backend = connection.get_database_backend();
        let statement = Statement::from_string(
            backend,
            "SELECT COUNT(*), COUNT(DISTINCT version) FROM seaql_migrations",
        );
        let row = connection
            .query_one_raw(statement)
            .await
            .expect("asked")
            .expect("a row");
        let (ran, known): (i64, i64) = (row.try_get_by_index(0).expect("n"), row.try_get_by_index(1).expect("n"));
        assert!(ran > 0 && ran == known, "{ran} migrations of {known}");
        connection.close().await.expect("closed");
    });
}

/// Ids of the keys that a node shows.
async fn key_ids(server: &Server) -> Vec<String> {
    let shown = Client::new(server.url()).get("/.well-known/jwks.json").await.body;
    let keys = shown["keys"].as_array().cloned().unwrap_or_default();
    keys.iter()
        .filter_map(|key| key["kid"].as_str().map(ToOwned::to_owned))
        .collect()
}

#[test]
fn running_nodes_take_up_a_new_signing_key_and_forget_a_retired_one() {
    run_on(Kind::Postgres, |database: TestDatabase| async move {
        let city = City::begin(&database.url);
        let (one, other) = tokio::join!(city.serve(), city.serve());
        let before = sign_in(&one).await;
        let old = key_ids(&one).await;
        let viewer = "{ viewer { id } }";
        let there = |client: &Client, server: &Server| client.at(server.url());
        assert!(there(&before, &other).data(viewer, json!({})).await["viewer"]["id"].is_string());

        city.deployment.ok(&["keys", "rotate"], "");
        let deadline = Instant::now() + Duration::from_secs(20);
        while key_ids(&one).await.len() < 2 {
            assert!(Instant::now() < deadline, "the node never heard of the new key");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // At once on the other node, whether it has looked by itself yet or not.
        let after = sign_in(&one).await;
        assert!(there(&after, &other).data(viewer, json!({})).await["viewer"]["id"].is_string());
        // The token of before holds to its end: its key was superseded just now.
        assert!(there(&before, &other).data(viewer, json!({})).await["viewer"]["id"].is_string());
        let new = key_ids(&other).await;
        assert!(new.len() == 2 && new[1] == old[0], "{old:?} {new:?}");

        city.deployment.ok(&["keys", "rotate", "--retire-all"], "");
        let deadline = Instant::now() + Duration::from_secs(20);
        while key_ids(&one).await.len() != 1 || key_ids(&other).await.len() != 1 {
            assert!(Instant::now() < deadline, "a retired key is still shown");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(after.error_code(viewer, json!({})).await, "UNAUTHENTICATED");
        assert!(sign_in(&other).await.data(viewer, json!({})).await["viewer"]["id"].is_string());
    });
}

#[test]
fn a_database_that_vanishes_is_answered_with_503_and_is_found_again() {
    let Some(cluster) = tests::OwnCluster::start() else {
        return;
    };
    block_on(async {
        let city = City::begin(&cluster.url());
        let server = city.serve().await;
        let client = sign_in(&server).await;
        let made = client.data(CREATE, city.unit("before")).await["createOrganization"].clone();
        assert!(made["organization"]["id"].is_string(), "{made}");
        cluster.stop();
        for body in [
            json!({"query": "{ viewer { id } }"}),
            json!({"query": CREATE, "variables": city.unit("during")}),
        ] {
            let asked = Instant::now();
            let reply = client.post(&body).await;
            let took = asked.elapsed();
            assert_eq!(reply.status, 503, "{}", reply.text);
            assert!(reply.headers.contains_key("retry-after"), "{:?}", reply.headers);
            assert!(took <= Duration::from_secs(3), "{took:?}");
        }
        assert_eq!(Client::new(server.url()).get("/readyz").await.status, 503);
        assert_eq!(Client::new(server.url()).get("/healthz").await.status, 200);
        cluster.run();
        let back = Instant::now();
        let again = loop {
            let reply = client
                .post(&json!({"query": CREATE, "variables": city.unit("before")}))
                .await;
            if reply.status == 200 {
                break reply;
            }
            assert!(back.elapsed() < Duration::from_secs(5), "{}", reply.text);
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let again = &again.body["data"]["createOrganization"];
        assert_eq!(
            (&again["organization"], &again["replayed"]),
            (&made["organization"], &json!(true))
        );
    });
}

#[test]
fn clients_that_leave_at_once_leave_no_open_transaction_behind() {
    run_on(Kind::Postgres, |database: TestDatabase| async move {
        let city = City::begin(&database.url);
        let server = city.serve().await;
        let client = sign_in(&server).await;
        let body = json!({"query": "{ viewer { id } }"});
        let mut left = 0;
        for round in 0..120_u64 {
            let asked = client.post(&body);
            // Gone before or while its transaction begins.
            let answered = tokio::time::timeout(Duration::from_micros(200 + round * 40), asked).await;
            left += u32::from(answered.is_err());
        }
        assert!(left > 20, "only {left} left before they were answered");
        for _ in 0..40 {
            let reply = client.post(&body).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
        }
        let open = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'";
        let begun = Instant::now();
        while database.number(open).await > 0 {
            assert!(begun.elapsed() < Duration::from_secs(5), "a transaction is left open");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}
