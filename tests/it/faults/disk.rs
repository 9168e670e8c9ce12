//! A database whose disk is full: reads go on, writes are refused with a code of their own, and nothing is lost or half done.

use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use serde_json::{Value, json};
use tests::{Client, OwnCluster, SmallDisk};

use super::{CREATE, City, block_on, sign_in};

/// What a write is answered with on a full disk.
async fn refused(client: &Client, variables: &Value) -> Option<Value> {
    let reply = client.post(&json!({"query": CREATE, "variables": variables})).await;
    let made = &reply.body["data"]["createOrganization"]["organization"]["id"];
    if made.is_string() {
        return None;
    }
    let code = &reply.body["errors"][0]["extensions"]["code"];
    assert_eq!(
        (reply.status.as_u16(), code),
        (507, &json!("STORAGE_FULL")),
        "{}",
        reply.text
    );
    assert!(reply.headers.contains_key("retry-after"), "{:?}", reply.headers);
    Some(made.clone())
}

async fn count(connection: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.expect(sql).expect("a row");
    row.try_get_by_index::<i64>(0).expect("a number")
}

/// Fills the disk under a running city, writes until nothing more goes in, reads, makes room, writes again.
async fn fill_and_empty(url: &str, disk: &SmallDisk) {
    let city = City::begin(url);
    let server = city.serve().await;
    let client = sign_in(&server).await;
    let held = client.data(CREATE, city.unit("before")).await["createOrganization"]["organization"]["id"].clone();
    disk.fill();
    // What is free inside the files is used up first.
    let mut acknowledged = 0;
    let late = loop {
        let key = format!("full-{acknowledged}");
        if refused(&client, &city.unit(&key)).await.is_some() {
            break key;
        }
        acknowledged += 1;
        assert!(acknowledged < 2_000, "the disk is never full");
    };
    for _ in 0..20 {
        refused(&client, &city.unit(&late)).await.expect("it is still full");
        let read = client
            .data(
                "query($id: ID!) { organization(id: $id) { id name } }",
                json!({"id": held}),
            )
            .await;
        assert_eq!(read["organization"]["id"], held);
    }
    assert_eq!(Client::new(server.url()).get("/readyz").await.status, 200);
    disk.make_room();
    let made = client.data(CREATE, city.unit(&late)).await["createOrganization"].clone();
    assert_eq!(made["replayed"], false, "nothing of a refused write was kept: {made}");
    assert!(made["organization"]["id"].is_string(), "{made}");
    assert!(server.terminate(std::time::Duration::from_secs(25)).await.success());
    let (content, said) = city.deployment.doctor();
    assert!(content, "{said}");
    let connection = sea_orm::Database::connect(url.to_owned()).await.expect("it opens");
    let orgs = count(
        &connection,
        "SELECT COUNT(*) FROM organization WHERE kind = 'COUNTY_COMMITTEE'",
    )
    .await;
    assert_eq!(
        orgs,
        acknowledged + 2,
        "what was acknowledged is there, and nothing else"
    );
    if url.starts_with("sqlite:") {
        assert_eq!(
            count(
                &connection,
                "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"
            )
            .await,
            0
        );
    }
    connection.close().await.expect("closed");
}

#[test]
fn a_full_disk_stops_writes_with_a_code_and_nothing_else_on_sqlite() {
    let Some(disk) = SmallDisk::mount(16) else { return };
    let url = format!("sqlite://{}", disk.path().join("orglife.db").display());
    block_on(fill_and_empty(&url, &disk));
}

#[test]
fn a_full_disk_stops_writes_with_a_code_and_nothing_else_on_postgres() {
    let Some(cluster) = OwnCluster::start() else { return };
    let Some(disk) = SmallDisk::mount(96) else { return };
    let url = cluster.database_on(&disk);
    block_on(fill_and_empty(&url, &disk));
    // Its processes hold the disk.
    drop(cluster);
}
