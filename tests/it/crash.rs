//! The database crashes: whatever was acknowledged, and whatever a stream told, is there afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;
use tests::{Client, Server, Ws, WsMessage};

use crate::faults::{City, write_on};

const EVENTS: &str = "subscription { events { __typename ... on Change { entityId } ... on Resumed { replayed } } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id } userErrors { code } replayed } }";

/// Orgs that a stream tells of, until the time is up.
async fn listen(mut ws: Ws, time: Duration) -> Vec<String> {
    let (until, mut told) = (Instant::now() + time, Vec::new());
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        match ws.next_within(left).await {
            Some(WsMessage::Next { payload, .. }) => {
                let id = payload["data"]["events"]["entityId"].as_str();
                told.extend(id.filter(|id| id.starts_with("org_")).map(ToOwned::to_owned));
            }
            Some(WsMessage::Closed { .. }) => break,
            Some(_) | None => {}
        }
    }
    told
}

/// Asks again under the same key until the database is back: the same org, written once.
async fn is_there(client: &Client, city: &City, key: &str, id: &str) {
    let back = Instant::now();
    let reply = loop {
        let reply = client
            .post(&json!({"query": CREATE, "variables": city.unit(key)}))
            .await;
        if reply.status == 200 {
            break reply;
        }
        assert!(back.elapsed() < Duration::from_secs(20), "{}", reply.text);
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let again = &reply.body["data"]["createOrganization"];
    assert_eq!(
        (again["organization"]["id"].as_str(), again["replayed"].as_bool()),
        (Some(id), Some(true)),
        "{key}: {}",
        reply.text
    );
}

/// Four writers and a stream until the database crashes under them; what was acknowledged, what was told.
async fn crash(
    cluster: &tests::OwnCluster,
    server: &Server,
    city: &Arc<City>,
    round: u64,
) -> (Vec<(String, String)>, Vec<String>) {
    let client = sign_in_again(server).await;
    let mut ws = Ws::of_token(server.url(), client.token()).await;
    ws.subscribe("s", EVENTS, json!({})).await;
    assert_eq!(ws.heard("s", "events").await["replayed"], 0);
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            tokio::spawn(write_on(
                client.clone(),
                city.clone(),
                format!("c{round}w{writer}"),
                stop.clone(),
            ))
        })
        .collect();
    let told = tokio::spawn(listen(ws, Duration::from_millis(3000 + round * 210)));
    tokio::time::sleep(Duration::from_millis(2600 + round * 210)).await;
    cluster.stop();
    // Every other time the server is back while writers still wait for what they committed.
    let at_once = round % 2 == 1;
    if at_once {
        cluster.run();
    }
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.expect("a writer ends"));
    }
    if !at_once {
        cluster.run();
    }
    (acknowledged, told.await.expect("the stream ends"))
}

#[test]
fn a_crash_of_the_database_loses_nothing_that_was_acknowledged_or_told() {
    let Some(cluster) = tests::OwnCluster::start() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let city = Arc::new(City::begin(&cluster.url()));
        let server = city.serve().await;
        let mut told = Vec::new();
        for round in 0..4 {
            let (acknowledged, heard) = crash(&cluster, &server, &city, round).await;
            assert!(acknowledged.len() >= 4 && !heard.is_empty(), "too little happened");
            let client = sign_in_again(&server).await;
            for (key, id) in acknowledged.iter().rev().take(12) {
                is_there(&client, &city, key, id).await;
            }
            told.extend(heard);
        }
        let rows = sea_orm::Database::connect(cluster.url())
            .await
            .expect("the database is back");
        for id in &told {
            let sql =
                format!("SELECT COUNT(*) FROM organization o JOIN event e ON e.entity_id = o.id WHERE o.id = '{id}'");
            let statement = Statement::from_string(rows.get_database_backend(), sql);
            let row = rows.query_one_raw(statement).await.expect("asked").expect("a row");
            assert!(
                row.try_get_by_index::<i64>(0).expect("a number") > 0,
                "{id} was told and is gone"
            );
        }
        rows.close().await.expect("closed");
    });
}

/// As soon as the node has found the database again.
async fn sign_in_again(server: &Server) -> Client {
    let begun = Instant::now();
    while Client::new(server.url()).get("/readyz").await.status != 200 {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "the database is not found again"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Who is the first behind a crash may be told once to come again.
    let input = json!({"username": "secretary", "password": tests::PASSPHRASE});
    loop {
        let anyone = Client::new(server.url());
        let reply = anyone
            .post(&json!({"query": crate::faults::SIGN_IN, "variables": {"input": input}}))
            .await;
        if let Some(token) = reply.body["data"]["signIn"]["accessToken"].as_str() {
            return anyone.with_token(token);
        }
        assert!(begun.elapsed() < Duration::from_secs(25), "{}", reply.text);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
