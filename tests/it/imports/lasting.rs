//! Imports over time: a node that dies is followed by another, what is cancelled ends, what loses its right ends, what is over goes.

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{City, Client, Kind, Server, TestDatabase, both_databases, number, run_on};

use super::{ROSTER, completed, counts, file, input, members, new, over, sound, standing, start};
use crate::exports::program;
use crate::roster::identity;

/// Rows enough that there is a middle.
const ROWS: usize = 5_000;

fn many(number: usize, branches: &[String]) -> String {
    let row = |n: usize| new(&format!("N{n}"), &branches[n % branches.len()], &format!("甘{n}"));
    let rows: Vec<String> = (0..number).map(row).collect();
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
        let sent = file(&client, many(ROWS, &branches)).await;
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
        let rows = 2 * ROWS;
        let sent = file(&client, many(rows, &branches)).await;
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
        let written = at_rest(&database).await;
        assert_eq!(counts(&stands)[0], written, "what was written stays, and is told");

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
        let written = at_rest(&database).await;
        assert!(written < i64::try_from(rows).expect("few"), "it was too quick");
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

both_databases!(
    an_import_goes_on_behind_the_very_row_where_a_worker_with_other_pieces_left_it,
    |database: TestDatabase| async move {
        let mut server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "resuming", &ROSTER).await;
        let branches = branches(&client, &county).await;
        let sent = file(&client, many(ROWS, &branches)).await;
        let begun = start(&client, input(&sent, json!({}), "pieces")).await["job"].clone();
        in_the_middle(&client, &begun["id"]).await;
        server.kill();
        at_rest(&database).await;
        // As if its last piece had ended elsewhere: these rows are done once more, and then they are there already.
        let rows = database.connect().await;
        let back = format!("UPDATE import_job SET done = done - {LEFT}, created = created - {LEFT}");
        rows.execute_unprepared(&back).await.expect("set back");
        rows.close().await.expect("closed");
        let other = if database.kind == Kind::Sqlite {
            server.again(&database).await
        } else {
            server.beside(&database).await
        };
        let done = over(&client.at(other.url()), &begun["id"]).await;
        assert_eq!(done["state"], "COMPLETED", "{done:#}");
        let all = i64::try_from(ROWS).expect("few");
        assert_eq!(counts(&done), [all - LEFT, 0, LEFT, 0]);
        assert_eq!(written(&database).await, [all; 4]);
        sound(&keys, other, &database).await;
    }
);

/// Rows that are fewer than any piece.
const LEFT: i64 = 37;

both_databases!(
    however_often_a_node_is_restarted_an_import_comes_to_its_end,
    |database: TestDatabase| async move {
        let mut server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "restarted", &ROSTER).await;
        let branches = branches(&client, &county).await;
        // Far more pieces than rounds: each round ends one at most that it had begun.
        let many_rows = if database.kind == Kind::Sqlite { 3_000 } else { 14_000 };
        let sent = file(&client, many(many_rows, &branches)).await;
        let begun = start(&client, input(&sent, json!({}), "restarted")).await["job"].clone();
        let begun_here = "SELECT COUNT(*) FROM import_job WHERE state = 'RUNNING' AND attempts = 1";
        let left = "SELECT COUNT(*) FROM import_job WHERE state = 'QUEUED' AND locked_until IS NULL AND attempts = 0";
        // One more than the tries after which a job that breaks each time is given up.
        for round in 0..9 {
            let since = Instant::now();
            while number(&database, begun_here).await == 0 {
                assert!(
                    since.elapsed() < Duration::from_secs(30),
                    "round {round}: nobody takes it up"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let status = server.terminate(Duration::from_secs(25)).await;
            assert!(status.success(), "{status}");
            assert_eq!(number(&database, left).await, 1, "round {round}");
            server = Server::serve_with(&database, &keys, "127.0.0.1:0", &[]).await;
        }
        let done = over(&client.at(server.url()), &begun["id"]).await;
        assert_eq!(done["state"], "COMPLETED", "{done:#}");
        let all = i64::try_from(many_rows).expect("few");
        assert_eq!(counts(&done), [all, 0, 0, 0]);
        assert_eq!(written(&database).await, [all; 4]);
    }
);

/// Each founding of an org takes its time: five of them in one write take longer than a lease.
const SLOWED: &str = "CREATE FUNCTION slowly() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(3); RETURN NULL; END' LANGUAGE plpgsql; \
     CREATE TRIGGER slowly AFTER INSERT ON organization FOR EACH STATEMENT EXECUTE FUNCTION slowly()";

#[test]
fn an_import_stays_with_its_node_however_long_one_write_takes() {
    // An embedded database has one node, and nobody who would take the job.
    run_on(Kind::Postgres, |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let town = server.account("town-secretary", "organizationId");
        let (_, client) = program(&server, &town, "slow", &["orgs:read", "imports:run"]).await;
        let other = server.beside(&database).await;
        let rows = database.connect().await;
        rows.execute_unprepared(SLOWED).await.expect("slowed down");
        let orgs: Vec<String> = (0..5)
            .map(|n| {
                format!(
                    "hr,O{n},甘村{n}党总支,GENERAL_BRANCH,VILLAGE,{town},{},新设,2026-01-05,试〔2026〕9号",
                    tests::today()
                )
            })
            .collect();
        let header = "system,externalId,name,kind,sector,parentId,foundedOn,reason,decidedOn,documentNumber";
        let sent = file(&client, format!("{header}\n{}\n", orgs.join("\n"))).await;
        let begun = start(&client, input(&sent, json!({"kind": "ORGANIZATION"}), "slow")).await;
        assert_eq!(begun["userErrors"], json!([]), "{begun}");
        // It gives signs of life from beside: nothing of the write is there yet.
        let renewed = "SELECT COUNT(*) FROM import_job WHERE locked_until > started_at + interval '15 seconds'";
        let since = Instant::now();
        while number(&database, renewed).await == 0 {
            assert!(since.elapsed() < Duration::from_secs(25), "its lease runs out");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let names = "SELECT COUNT(*) FROM external_id WHERE system = 'hr'";
        assert_eq!(number(&database, names).await, 0, "the write was not long enough");
        let done = over(&client, &begun["job"]["id"]).await;
        assert_eq!(done["state"], "COMPLETED", "{done:#}");
        assert_eq!(counts(&done), [5, 0, 0, 0]);
        assert_eq!(number(&database, "SELECT attempts FROM import_job").await, 1);
        let mut worked = Vec::new();
        for node in [&server, &other] {
            worked.push(node.counter("orglife_imports_completed_total").await);
        }
        assert_eq!(worked.iter().sum::<u64>(), 1, "{worked:?}");
    });
}

both_databases!(
    a_file_is_carried_out_the_same_however_many_of_its_pieces_are_at_work_at_once,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "pieces", &ROSTER).await;
        let branches = branches(&client, &county).await;
        let earlier = new("L1", &branches[0], "甘早");
        completed(&client, members([earlier.as_str()]), json!({}), "earlier").await;
        // In the middle somebody leaves, at the end somebody is named again and a row cannot be read.
        let mut text = many(1_200, &branches);
        text.push_str("hr,L1,LEAVE,,,,,,,,2026-11-01,REMOVED,2026-10-30,文〔2026〕1号\n");
        let more = many(3_400, &branches);
        let more: Vec<&str> = more.lines().skip(1 + 1_200).collect();
        text.push_str(&format!(
            "{}\n{}\n",
            more.join("\n"),
            new("N1190", &branches[0], "甘又")
        ));
        text.push_str("hr,N9999,,nowhere,甘无,PROBATIONARY,soon,2026-03-02,,,,,,\n");
        let done = completed(&client, text, json!({}), "pieces").await;
        assert_eq!(counts(&done), [3_400, 1, 0, 2]);
        assert_eq!(written(&database).await[..2], [3_401, 3_401]);
        let left = number(
            &database,
            "SELECT COUNT(*) FROM member m JOIN external_id e ON e.entity_id = m.id WHERE e.value = 'L1' AND m.status = 'LEFT'",
        );
        assert_eq!(left.await, 1);
        sound(&keys, server, &database).await;
    }
);

both_databases!(
    what_somebody_gives_up_in_one_piece_another_may_have_in_the_next,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "numbers", &ROSTER).await;
        let branches = branches(&client, &county).await;
        let (wrong, right) = (identity(7), identity(8));
        let with = |value: &str, number: &str| {
            let branch = &branches[0];
            format!("hr,{value},,{branch},甘号,PROBATIONARY,2026-03-02,2026-03-02,{number},,,,,\n")
        };
        let earlier = with("L1", &wrong);
        completed(&client, members([earlier.trim_end()]), json!({}), "earlier").await;
        // Their number was another's: it is put right, and the other comes with it in a later piece.
        let mut text = members([format!("hr,L1,,,,,,,{right},,,,,").as_str()]);
        text.push_str(many(1_200, &branches).split_once('\n').expect("a header").1);
        text.push_str(&with("N9000", &wrong));
        let done = completed(&client, text, json!({}), "put right").await;
        assert_eq!(counts(&done), [1_201, 1, 0, 0]);
        sound(&keys, server, &database).await;
    }
);
