//! Imports over time: a node that dies is followed by another, what is cancelled ends, what loses its right ends, what is over goes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{City, Client, Kind, Server, TestDatabase, both_databases, number};

use super::{ROSTER, counts, file, input, members, new, over, sound, standing, start};
use crate::exports::program;

/// Rows enough that there is a middle.
const ROWS: usize = 5_000;

fn many(branches: &[String]) -> String {
    let row = |n: usize| new(&format!("N{n}"), &branches[n % branches.len()], &format!("甘{n}"));
    let rows: Vec<String> = (0..ROWS).map(row).collect();
    members(rows.iter().map(String::as_str))
}

async fn branches(client: &Client, org: &str) -> Vec<String> {
    let list = "query($o: ID!) { organizations(within: {subtreeOf: $o}, filter: {kinds: [BRANCH]}, first: 5) { nodes { id } } }";
    let nodes = client.data(list, json!({"o": org})).await["organizations"]["nodes"].clone();
    let nodes = nodes.as_array().expect("nodes").iter();
    nodes
        .map(|node| node["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Waits until some rows are written, and not all.
async fn in_the_middle(client: &Client, id: &Value) -> Value {
    let begun = Instant::now();
    loop {
        let now = standing(client, id).await;
        if now["counts"]["created"].as_i64() > Some(0) {
            assert_eq!(now["state"], "RUNNING", "it was too quick: {now}");
            return now;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{now}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Members of the file that are there, how often the log tells of their entry, and of whom it does.
async fn written(database: &TestDatabase) -> [i64; 4] {
    [
        number(database, "SELECT COUNT(*) FROM external_id WHERE system = 'hr'").await,
        number(database, "SELECT COUNT(*) FROM member m JOIN external_id e ON e.entity_id = m.id WHERE e.system = 'hr'").await,
        number(database, "SELECT COUNT(*) FROM event v JOIN external_id e ON e.entity_id = v.entity_id WHERE e.system = 'hr'").await,
        number(database, "SELECT COUNT(DISTINCT v.entity_id) FROM event v JOIN external_id e ON e.entity_id = v.entity_id WHERE e.system = 'hr'").await,
    ]
}

/// How many are written once the last transaction of a node that was killed has ended: events equal rows, always.
async fn at_rest(database: &TestDatabase) -> i64 {
    let begun = Instant::now();
    loop {
        let [names, rows, events, told] = written(database).await;
        if (names, events, told) == (rows, rows, rows) {
            return rows;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{names} names, {rows} rows, {events} events of {told}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

both_databases!(
    an_import_whose_node_is_killed_goes_on_with_nothing_twice_and_nothing_left_out,
    |database: TestDatabase| async move {
        let mut server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let county = server.account("county-secretary", "organizationId");
        let (_, mut client) = program(&server, &county, "patient", &ROSTER).await;
        let branches = branches(&client, &county).await;
        let sent = file(&client, many(&branches)).await;
        let begun = start(&client, input(&sent, json!({}), "killed")).await;
        let id = begun["job"]["id"].clone();
        let mut dead = Vec::new();
        for round in 0..2 {
            let middle = if round == 0 {
                in_the_middle(&client, &id).await
            } else {
                standing(&client, &id).await
            };
            if middle["state"] == "COMPLETED" {
                break;
            }
            server.kill();
            let rows = at_rest(&database).await;
            assert!(rows >= middle["counts"]["created"].as_i64().expect("a count"));
            let other = if database.kind == Kind::Sqlite {
                server.again(&database).await
            } else {
                server.beside(&database).await
            };
            let other = other.with_accounts_of(&server);
            client = client.at(other.url());
            dead.push(std::mem::replace(&mut server, other));
            let begun = Instant::now();
            while standing(&client, &id).await["counts"]["created"].as_i64() <= Some(rows) {
                assert!(begun.elapsed() < Duration::from_secs(60), "nobody goes on");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        let done = over(&client, &id).await;
        assert_eq!(done["state"], "COMPLETED", "{done:#}");
        let all = i64::try_from(ROWS).expect("few");
        assert_eq!(counts(&done), [all, 0, 0, 0]);
        assert_eq!(done["report"]["totalCount"]["value"], all);
        assert_eq!(written(&database).await, [all; 4]);
        sound(&keys, server, &database).await;
    }
);

both_databases!(
    an_import_is_cancelled_in_the_middle_and_another_ends_with_its_account,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let (account, client) = program(&server, &county, "stopped", &ROSTER).await;
        let branches = branches(&client, &county).await;
        let sent = file(&client, many(&branches)).await;
        let begun = start(&client, input(&sent, json!({}), "cancelled")).await["job"].clone();
        let middle = in_the_middle(&client, &begun["id"]).await;
        let cancel = "mutation($input: CancelImportInput!) { cancelImport(input: $input) { job { state version } userErrors { code } } }";
        let stale = json!({"input": {"jobId": begun["id"], "expectedVersion": 77, "idempotencyKey": "stale"}});
        assert_eq!(
            client.data(cancel, stale).await["cancelImport"]["userErrors"][0]["code"],
            "CONFLICT"
        );
        let version = middle["version"].clone();
        let input_of = json!({"input": {"jobId": begun["id"], "expectedVersion": version, "idempotencyKey": "cancel"}});
        let told = client.data(cancel, input_of).await["cancelImport"].clone();
        assert_eq!(told["job"]["state"], "CANCELLED", "{told}");
        let stands = over(&client, &begun["id"]).await;
        let rows = at_rest(&database).await;
        assert_eq!(counts(&stands)[0], rows, "what was written stays, and is told");

        // The same file goes on from there by being taken again, and its account is closed meanwhile.
        let begun = start(&client, input(&sent, json!({}), "closed")).await["job"].clone();
        let before = Instant::now();
        while standing(&client, &begun["id"]).await["counts"]["created"].as_i64() == Some(0) {
            assert!(before.elapsed() < Duration::from_secs(60), "it does not get on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let close = "mutation($input: CloseAccountInput!) { closeAccount(input: $input) { userErrors { code } } }";
        let closing = json!({"input": {"accountId": account, "idempotencyKey": "close"}});
        let told = server.client("administrator").data(close, closing).await;
        assert_eq!(told["closeAccount"]["userErrors"], json!([]), "{told}");
        let id = begun["id"].as_str().expect("an id");
        let ended = format!("SELECT COUNT(*) FROM import_job WHERE id = '{id}' AND failure = 'RIGHT_WITHDRAWN'");
        let before = Instant::now();
        while number(&database, &ended).await == 0 {
            assert!(before.elapsed() < Duration::from_secs(30), "it goes on without a right");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let rows = at_rest(&database).await;
        assert!(rows < i64::try_from(ROWS).expect("few"), "it was too quick");
    }
);

both_databases!(
    files_reports_and_jobs_go_when_their_time_is_over,
    |database: TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-01T03:00:00Z").await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let text = members([new("1", &branch, "甘一").as_str()]);
        let done = super::completed(&client, text, json!({}), "over").await;
        assert_eq!(done["state"], "COMPLETED");
        drop(server);
        let gone = async |sql: &str| {
            let begun = Instant::now();
            while number(&database, sql).await > 0 {
                assert!(begun.elapsed() < Duration::from_secs(20), "{sql}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let server = city.at("2026-11-02T04:00:00Z").await;
        gone("SELECT COUNT(*) FROM import_chunk").await;
        gone("SELECT COUNT(*) FROM import_file").await;
        assert_eq!(number(&database, "SELECT COUNT(*) FROM import_report").await, 1);
        drop(server);
        let server = city.at("2026-11-08T04:00:00Z").await;
        gone("SELECT COUNT(*) FROM import_report").await;
        assert_eq!(number(&database, "SELECT COUNT(*) FROM import_job").await, 1);
        drop(server);
        let server = city.at("2026-12-02T03:00:00Z").await;
        gone("SELECT COUNT(*) FROM import_job").await;
        drop(server);
    }
);
