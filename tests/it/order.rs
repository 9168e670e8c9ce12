//! The order of the log: many writers race a reader, and nothing is lost, doubled, missing or out of order.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use tests::{Client, Kind, Server, TestDatabase, Ws, both_databases};

const EVENTS: &str =
    "subscription($after: LogCursor, $within: OrganizationScopeInput) { events(after: $after, within: $within) {
    __typename ... on Change { cursor entityId version } ... on Resumed { cursor replayed } } }";
const CHANGES: &str = "query($after: LogCursor, $within: OrganizationScopeInput) {
    changes(after: $after, within: $within, first: 100) { changes { entityId version } cursor hasMore } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id version } userErrors { code path } cursor } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { id version } userErrors { code path } cursor } }";

const WRITERS: usize = 8;
const WRITES: i64 = 12;

fn decision() -> Value {
    json!({"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕9号"})
}

async fn create(client: &Client, parent: &str, kind: &str, key: &str) -> Value {
    let input = json!({"parentId": parent, "name": "序中之组织", "kind": kind, "sector": "ORGAN", "foundedOn": "2026-01-05",
        "reason": "新设", "decision": decision(), "idempotencyKey": key});
    let done = client.data(CREATE, json!({"input": input})).await["createOrganization"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    done
}

/// Renames an org again and again; every second time a stale version goes before, which is rolled back.
async fn write(client: Client, id: Value, writer: usize) {
    for version in 1..=WRITES {
        let stale = if version % 2 == 0 {
            vec![version - 1]
        } else {
            Vec::new()
        };
        for expected in stale.into_iter().chain([version]) {
            let input = json!({"id": id, "expectedVersion": expected, "name": format!("序{writer}之{version}"), "reason": "更名",
                "decision": decision(), "idempotencyKey": format!("order-{writer}-{version}-{expected}")});
            let done = client.data(RENAME, json!({"input": input})).await["renameOrganization"].clone();
            let refused = done["userErrors"][0]["code"] == "CONFLICT";
            assert_eq!(refused, expected != version, "{done}");
        }
    }
}

async fn read(ws: &mut Ws, wanted: usize) -> Vec<(String, i64)> {
    let mut seen = Vec::new();
    while seen.len() < wanted {
        let change = ws.next_of("s").await["data"]["events"].clone();
        let version = change["version"].as_i64().expect("a version");
        seen.push((change["entityId"].to_string(), version));
    }
    seen
}

both_databases!(
    the_log_is_gapless_and_in_the_order_of_the_commits_while_writers_race,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let mut orgs = Vec::new();
        let mut start = Value::Null;
        for writer in 0..WRITERS {
            let made = create(&client, &county, "WORKING_COMMITTEE", &format!("order-{writer}")).await;
            orgs.push(made["organization"]["id"].clone());
            start = made["cursor"].clone();
        }
        let token = server.account("county-organization", "accessToken");
        let payload = json!({"authorization": format!("Bearer {token}")});
        let mut ws = Ws::connect(server.url(), payload)
            .await
            .expect("the socket is accepted");
        let within = json!({"childrenOf": county});
        ws.subscribe("s", EVENTS, json!({"after": start, "within": within}))
            .await;
        assert_eq!(ws.next_of("s").await["data"]["events"]["replayed"], 0);
        // A transaction that has written elsewhere and stays open holds up neither writers nor readers.
        let beside = database.connect().await;
        let open = match database.kind {
            Kind::Postgres => {
                let open = beside
                    .begin_with_config(None, None)
                    .await
                    .expect("a transaction begins");
                let touch = "UPDATE account SET version = version WHERE username = 'member'";
                open.execute_unprepared(touch).await.expect("a row can be touched");
                Some(open)
            }
            Kind::Sqlite => None,
        };
        let writers = orgs.iter().enumerate();
        let writers: Vec<_> = writers
            .map(|(writer, id)| tokio::spawn(write(client.clone(), id.clone(), writer)))
            .collect();
        let wanted = WRITERS * usize::try_from(WRITES).expect("a small number");
        let seen = read(&mut ws, wanted).await;
        for writer in writers {
            writer.await.expect("the writer ends well");
        }
        assert!(
            ws.is_silent_for(std::time::Duration::from_millis(1200)).await,
            "something came twice"
        );
        if let Some(open) = open {
            open.rollback().await.expect("the transaction ends");
        }
        // Each org's versions in order, none missing, none twice.
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        for (id, version) in &seen {
            let before = last.insert(id, *version).unwrap_or(1);
            assert_eq!(*version, before + 1, "{id}");
        }
        assert_eq!(last.len(), WRITERS);
        // What streamed by is what the log holds.
        let (mut after, mut paged, mut more) = (start, Vec::new(), true);
        while more {
            let page = client.data(CHANGES, json!({"after": after, "within": within})).await["changes"].clone();
            for change in page["changes"].as_array().expect("a list") {
                let version = change["version"].as_i64().expect("a version");
                paged.push((change["entityId"].to_string(), version));
            }
            (after, more) = (page["cursor"].clone(), page["hasMore"] == true);
        }
        assert_eq!(paged, seen);
    }
);
