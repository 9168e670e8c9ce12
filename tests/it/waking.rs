//! Nodes wake one another; where that is lost, looking is the net.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use serde_json::{Value, json};
use tests::orgs::{create, rename};
use tests::{Client, Kind, Server, TestDatabase, Ws, run_on};

const EVENTS: &str =
    "subscription($after: LogCursor, $within: OrganizationScopeInput) { events(after: $after, within: $within) {
    __typename ... on Change { version } ... on Resumed { replayed } } }";
/// Connections of the test's database that listen.
const EARS: &str = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'";

async fn count(rows: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(rows.get_database_backend(), sql);
    let row = rows.query_one_raw(statement).await.expect(sql).expect("a row");
    row.try_get_by_index(0).expect("a number")
}

async fn ears(rows: &DatabaseConnection) -> i64 {
    count(rows, &format!("SELECT COUNT(*) {EARS}")).await
}

async fn until_both_listen(rows: &DatabaseConnection) {
    let end = Instant::now() + Duration::from_secs(15);
    while ears(rows).await != 2 {
        assert!(Instant::now() < end, "a node does not listen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Cuts off whoever listens, again and again; how often.
async fn deafen(rows: DatabaseConnection, stop: Arc<AtomicBool>) -> i64 {
    let cut = format!("SELECT COUNT(*) FROM (SELECT pg_terminate_backend(pid) {EARS}) AS cut");
    let mut cuts = 0;
    while !stop.load(Ordering::Relaxed) {
        cuts += count(&rows, &cut).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    cuts
}

/// How long it takes until a change at one node is heard at the other.
async fn told(writer: &Client, ws: &mut Ws, id: &Value, version: i64) -> Duration {
    rename(writer, id, version, &format!("waking-{version}")).await;
    let begun = Instant::now();
    assert_eq!(ws.heard("s", "events").await["version"], version + 1);
    begun.elapsed()
}

async fn deaf_and_well_again(database: TestDatabase) {
    let first = Server::demo_on(&database).await;
    let second = first.beside(&database).await;
    let county = first.account("county-organization", "organizationId");
    let writer = first.client("county-organization");
    let made = create(&writer, &county, "WORKING_COMMITTEE", "waking").await;
    let id = made["organization"]["id"].clone();
    let mut ws = Ws::of_token(second.url(), writer.token()).await;
    ws.subscribe("s", EVENTS, json!({"after": made["cursor"], "within": {"exactly": id}}))
        .await;
    assert_eq!(ws.heard("s", "events").await["replayed"], 0);
    let rows = database.connect().await;
    until_both_listen(&rows).await;
    let stop = Arc::new(AtomicBool::new(false));
    let deafening = tokio::spawn(deafen(database.connect().await, stop.clone()));
    for version in 1..5 {
        let took = told(&writer, &mut ws, &id, version).await;
        assert!(took < Duration::from_secs(2), "without a wake: {took:?}");
    }
    stop.store(true, Ordering::Relaxed);
    assert!(deafening.await.expect("it ends") >= 2);
    until_both_listen(&rows).await;
    // By looking alone each of these would take most of a second.
    let mut took = Duration::ZERO;
    for version in 5..11 {
        took += told(&writer, &mut ws, &id, version).await;
    }
    assert!(took < Duration::from_millis(2_500), "nobody is woken: {took:?} for six");
}

#[test]
fn a_node_that_is_cut_off_from_the_others_wakes_looks_by_itself_and_listens_again() {
    run_on(Kind::Postgres, deaf_and_well_again);
}
