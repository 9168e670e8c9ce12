//! Exports over time: a node that dies is followed by another, and what is over goes.

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{City, Client, Kind, Server, TestDatabase, both_databases, number};

use super::{SYNC, everything, export, job, over, program, rows, start};

/// Waits until a job has written something and is not done.
async fn in_the_middle(client: &Client, id: &Value) -> Value {
    let begun = Instant::now();
    loop {
        let now = job(client, id).await;
        let running = now["state"] == "RUNNING";
        assert!(running || now["state"] == "QUEUED", "it was too quick: {now}");
        // One that waits again still says how far it was.
        if running && now["progress"]["done"].as_i64() > Some(20) {
            assert_eq!(now["parts"], json!([]), "nothing is given out before all is there");
            return now;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{now}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A row for each part: an export then takes its time.
const SLOW: [&str; 2] = ["--export-part-rows", "1"];

both_databases!(
    a_job_whose_node_is_killed_is_taken_up_again_and_nothing_is_twice,
    |database: TestDatabase| async move {
        let mut server = Server::demo_with(&database, &SLOW).await;
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "patient", &SYNC).await;
        // Cancelled in the middle: whoever works on it stops, and what it wrote goes.
        let begun = start(&client, everything(&county, "cancelled")).await["job"].clone();
        let running = in_the_middle(&client, &begun["id"]).await;
        let cancel = "mutation($input: CancelExportInput!) { cancelExport(input: $input) { job { state version } userErrors { code } } }";
        let input = |version: &Value, key: &str| json!({"input": {"jobId": begun["id"], "expectedVersion": version, "idempotencyKey": key}});
        let told = client.data(cancel, input(&json!(1), "stale")).await["cancelExport"].clone();
        assert_eq!(told["userErrors"][0]["code"], "CONFLICT", "{told}");
        let told = client.data(cancel, input(&running["version"], "cancel")).await["cancelExport"].clone();
        assert_eq!(told["job"]["state"], "CANCELLED", "{told}");

        let begun = start(&client, everything(&county, "killed")).await["job"].clone();
        let id = begun["id"].as_str().expect("an id").to_owned();
        in_the_middle(&client, &begun["id"]).await;
        server.kill();
        let other = if database.kind == Kind::Sqlite {
            server.again(&database).await
        } else {
            server.beside(&database).await
        };
        let client = client.at(other.url());
        let done = over(&client, &begun["id"]).await;
        assert_eq!(done["state"], "COMPLETED", "{done}");
        let held = rows(&client, &done).await;
        assert_eq!(u64::try_from(held.len()).ok(), done["progress"]["total"].as_u64());
        assert_eq!(super::by_id(&held).len(), held.len(), "a row twice");
        let attempts = database
            .number(&format!("SELECT attempts FROM export_job WHERE id = '{id}'"))
            .await;
        assert_eq!(attempts, 2);
        // No chunk of the first try is left beside those of the second.
        let stray = format!(
            "SELECT COUNT(*) FROM export_chunk c WHERE c.job_id = '{id}' AND NOT EXISTS (SELECT 1 FROM export_part p \
             WHERE p.job_id = c.job_id AND p.number = c.part)"
        );
        assert_eq!(database.number(&stray).await, 0);
        let cancelled = format!("SELECT COUNT(*) FROM export_chunk WHERE job_id <> '{id}'");
        assert_eq!(database.number(&cancelled).await, 0, "what was cancelled has gone");
    }
);

both_databases!(
    a_job_that_waits_ends_where_a_right_is_withdrawn_and_so_many_wait_and_no_more,
    |database: TestDatabase| async move {
        let server = Server::demo_with(&database, &SLOW).await;
        let county = server.account("county-secretary", "organizationId");
        let (account, client) = program(&server, &county, "too-late", &SYNC).await;
        let first = start(&client, everything(&county, "first")).await["job"].clone();
        in_the_middle(&client, &first["id"]).await;
        let second = start(&client, everything(&county, "second")).await["job"].clone();
        assert_eq!(
            job(&client, &second["id"]).await["state"],
            "QUEUED",
            "a node works on one at a time"
        );
        let third = start(&client, everything(&county, "third")).await;
        let error = &third["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["params"]["max"]),
            (&json!("TOO_MANY"), &json!("2"))
        );
        let scopes =
            "mutation($input: SetServiceScopesInput!) { setServiceScopes(input: $input) { userErrors { code } } }";
        let less = json!({"accountId": account, "scopes": ["orgs:read", "members:read", "exports:run"], "idempotencyKey": "less"});
        server
            .client("administrator")
            .data(scopes, json!({"input": less}))
            .await;
        let cancel = "mutation($input: CancelExportInput!) { cancelExport(input: $input) { userErrors { code } } }";
        let input = json!({"jobId": first["id"], "idempotencyKey": "make room"});
        client.data(cancel, json!({"input": input})).await;
        let ended = over(&client, &second["id"]).await;
        assert_eq!(
            (&ended["state"], &ended["failure"]),
            (&json!("FAILED"), &json!("RIGHT_WITHDRAWN")),
            "{ended}"
        );
        assert_eq!(server.counter("orglife_exports_failed_total").await, 1);
    }
);

both_databases!(
    a_node_that_goes_down_leaves_its_job_to_the_next_at_once,
    |database: TestDatabase| async move {
        let server = Server::demo_with(&database, &SLOW).await;
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "handed-on", &SYNC).await;
        let begun = start(&client, everything(&county, "handed on")).await["job"].clone();
        in_the_middle(&client, &begun["id"]).await;
        let keys = server.keys_of_demo();
        let status = server.terminate(Duration::from_secs(25)).await;
        assert!(status.success(), "{status}");
        assert_eq!(
            database
                .number("SELECT COUNT(*) FROM export_job WHERE state = 'QUEUED' AND locked_until IS NULL")
                .await,
            1
        );
        let other = Server::serve_with(&database, &keys, "127.0.0.1:0", &[]).await;
        let client = client.at(other.url());
        let begun_again = Instant::now();
        let done = over(&client, &begun["id"]).await;
        assert_eq!(done["state"], "COMPLETED", "{done}");
        assert!(
            begun_again.elapsed() < Duration::from_secs(8),
            "it waited for the lease"
        );
    }
);

both_databases!(
    however_often_a_node_is_restarted_a_job_comes_to_its_end,
    |database: TestDatabase| async move {
        let mut server = Server::demo_with(&database, &SLOW).await;
        let county = server.account("county-secretary", "organizationId");
        let scopes = [
            "orgs:read",
            "members:read",
            "members:read_sensitive",
            "activities:read",
            "exports:run",
        ];
        let (_, client) = program(&server, &county, "restarted", &scopes).await;
        let mut input = everything(&county, "restarted");
        input["kinds"] = json!(["MEMBER", "ACTIVITY"]);
        input["fields"] = json!(["PHONE"]);
        input["purpose"] = json!("REPORT");
        let begun = start(&client, input).await;
        assert_eq!(begun["userErrors"], json!([]), "{begun}");
        let id = begun["job"]["id"].clone();
        let keys = server.keys_of_demo();
        // One more than the tries after which a job that breaks each time is given up.
        for round in 0..9 {
            in_the_middle(&client.at(server.url()), &id).await;
            let status = server.terminate(Duration::from_secs(25)).await;
            assert!(status.success(), "{status}");
            let tries = "SELECT attempts FROM export_job WHERE state = 'QUEUED' AND locked_until IS NULL";
            assert_eq!(database.number(tries).await, 0, "round {round}");
            let more: &[&str] = if round < 8 { &SLOW } else { &[] };
            server = Server::serve_with(&database, &keys, "127.0.0.1:0", more).await;
        }
        let client = client.at(server.url());
        let done = over(&client, &id).await;
        assert_eq!(done["state"], "COMPLETED", "{done}");
        let held = rows(&client, &done).await;
        let members = held.iter().filter(|row| row["__typename"] == "Member").count();
        assert!(members > 0 && members < held.len(), "{members} of {}", held.len());
        // Each member finds it once in their access log, however often it was begun.
        let lines = "SELECT COUNT(*) FROM audit WHERE action = 'RUN_EXPORT' AND subject_kind = 'MEMBER'";
        assert_eq!(database.number(lines).await, i64::try_from(members).expect("a number"));
    }
);

both_databases!(
    a_job_stays_with_its_node_whatever_the_clock_of_another_one_says,
    |database: TestDatabase| async move {
        // An embedded database has one node.
        if database.kind == Kind::Sqlite {
            return;
        }
        let server = Server::demo_with(&database, &[]).await;
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "steady", &SYNC).await;
        let rows = database.connect().await;
        rows.execute_unprepared(SLOWED).await.expect("slowed down");
        let begun = start(&client, everything(&county, "steady")).await["job"].clone();
        let taken = "SELECT COUNT(*) FROM export_job WHERE state = 'RUNNING'";
        let since = Instant::now();
        while number(&database, taken).await == 0 {
            assert!(since.elapsed() < Duration::from_secs(15), "nobody takes it up");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // One node a minute ahead of it, one a minute behind: both look for what nobody works on.
        let clock = |seconds: i64| (tests::now() + chrono::Duration::seconds(seconds)).to_rfc3339();
        let (ahead, behind) = (clock(60), clock(-60));
        let ahead = server.node(&database, "127.0.0.1:0", &["--clock", &ahead]).await;
        let behind = server.node(&database, "127.0.0.1:0", &["--clock", &behind]).await;
        let renewed = "SELECT COUNT(*) FROM export_job WHERE locked_until > started_at + interval '15 seconds'";
        let since = Instant::now();
        while number(&database, renewed).await == 0 {
            assert!(since.elapsed() < Duration::from_secs(20), "its lease runs out");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        rows.execute_unprepared(QUICK_AGAIN).await.expect("set back");
        let done = over(&client, &begun["id"]).await;
        assert_eq!(done["state"], "COMPLETED", "{done}");
        assert_eq!(number(&database, "SELECT attempts FROM export_job").await, 1);
        let mut worked = Vec::new();
        for node in [&server, &ahead, &behind] {
            worked.push(node.counter("orglife_exports_completed_total").await);
        }
        assert_eq!(worked, [1, 0, 0]);
    }
);

/// A sequence tells its value to every snapshot: whoever reads activities takes six seconds, until it is set back.
const SLOWED: &str = "CREATE SEQUENCE slowness; SELECT setval('slowness', 3); ALTER TABLE activity RENAME TO kept_activity; \
     CREATE VIEW activity AS SELECT k.* FROM kept_activity k, \
     (SELECT pg_sleep((last_value - 1) * 3) FROM slowness OFFSET 0) s";
const QUICK_AGAIN: &str = "SELECT setval('slowness', 1)";

both_databases!(
    a_job_stays_with_its_node_however_long_a_statement_takes,
    |database: TestDatabase| async move {
        // An embedded database has one node, and nobody who would take the job.
        if database.kind == Kind::Sqlite {
            return;
        }
        let server = Server::demo_with(&database, &[]).await;
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "slow", &SYNC).await;
        let rows = database.connect().await;
        rows.execute_unprepared(SLOWED).await.expect("slowed down");
        let begun = start(&client, everything(&county, "slow")).await["job"].clone();
        let renewed = "SELECT COUNT(*) FROM export_job WHERE locked_until > started_at + interval '12 seconds'";
        let since = Instant::now();
        while number(&database, renewed).await == 0 {
            assert!(since.elapsed() < Duration::from_secs(15), "its lease runs out");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(job(&client, &begun["id"]).await["progress"]["total"], Value::Null);
        rows.execute_unprepared(QUICK_AGAIN).await.expect("set back");
        let done = over(&client, &begun["id"]).await;
        assert_eq!(done["state"], "COMPLETED", "{done}");
        assert_eq!(number(&database, "SELECT attempts FROM export_job").await, 1);
    }
);

/// With the third part the first one's chunk is gone, as long as it is the first try.
const LOST_ON_SQLITE: &str = "CREATE TRIGGER loses AFTER INSERT ON export_chunk WHEN NEW.part = 3 \
     AND (SELECT attempts FROM export_job WHERE id = NEW.job_id) = 1 \
     BEGIN DELETE FROM export_chunk WHERE job_id = NEW.job_id AND part = 1; END";
const LOST_ON_POSTGRES: &str = "CREATE FUNCTION loses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     IF NEW.part = 3 AND (SELECT attempts FROM export_job WHERE id = NEW.job_id) = 1 \
     THEN DELETE FROM export_chunk WHERE job_id = NEW.job_id AND part = 1; END IF; RETURN NULL; END $$; \
     CREATE TRIGGER loses AFTER INSERT ON export_chunk FOR EACH ROW EXECUTE FUNCTION loses()";

both_databases!(
    a_chunk_that_the_database_lost_is_written_anew_before_anything_is_given_out,
    |database: TestDatabase| async move {
        let server = Server::demo_with(&database, &["--export-part-rows", "20"]).await;
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "careful", &SYNC).await;
        let connection = database.connect().await;
        let loses = match database.kind {
            Kind::Sqlite => LOST_ON_SQLITE,
            Kind::Postgres => LOST_ON_POSTGRES,
        };
        connection.execute_unprepared(loses).await.expect("it loses one");
        connection.close().await.expect("closed");
        let done = export(&client, everything(&county, "lost")).await;
        let held = rows(&client, &done).await;
        assert_eq!(u64::try_from(held.len()).ok(), done["progress"]["total"].as_u64());
        assert_eq!(number(&database, "SELECT attempts FROM export_job").await, 2);
    }
);

both_databases!(
    the_files_of_an_export_expire_and_then_they_are_gone,
    |database: TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-10T02:00:00Z").await;
        let county = server.account("county-secretary", "organizationId");
        let client = server.client("county-service");
        let mut input = everything(&county, "to expire");
        input["kinds"] = json!(["ORGANIZATION"]);
        let ready = export(&client, input).await;
        assert_eq!(ready["expiresAt"].as_str().map(|at| &at[..13]), Some("2026-11-12T02"));
        let url = ready["parts"][0]["url"].as_str().expect("a path").to_owned();
        drop(server);
        let server = city.at("2026-11-12T03:00:00Z").await;
        let client = server.client("county-service");
        let after = job(&client, &ready["id"]).await;
        assert_eq!(
            (&after["state"], &after["parts"], &after["manifestUrl"]),
            (&json!("EXPIRED"), &json!([]), &Value::Null)
        );
        assert_eq!(client.fetch(&url, None).await.0, 404);
        let begun = Instant::now();
        while database.number("SELECT COUNT(*) FROM export_chunk").await > 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "the files are still there");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        drop(server);
        let server = city.at("2026-12-12T03:00:00Z").await;
        let begun = Instant::now();
        while database.number("SELECT COUNT(*) FROM export_job").await > 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "the job is still told of");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        drop(server);
    }
);
