//! What a node does of its own accord: the log is trimmed, the trail is sealed; and a restored database is told from the
//! one that clients knew.

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{City, Client, Kind, Server, TestDatabase, Ws, both_databases};

const HERE: &str = "{ log { cursor epoch oldest } }";
const CHANGES: &str =
    "query($after: LogCursor) { changes(after: $after, first: 5) { changes { op extent cause } cursor hasMore } }";
const EVENTS: &str = "subscription($after: LogCursor) { events(after: $after) { __typename ... on Resumed { replayed }
    ... on Gap { cursor cause } } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id } userErrors { code path } cursor } }";

async fn create(client: &Client, parent: &str, key: &str) -> Value {
    let input = json!({"parentId": parent, "name": "养护之下", "kind": "WORKING_COMMITTEE", "sector": "ORGAN",
        "foundedOn": "2025-01-05", "reason": "新设", "decision": {"decidedOn": "2025-01-05", "documentNumber": "试〔2025〕51号"},
        "idempotencyKey": key});
    let done = client.data(CREATE, json!({"input": input})).await["createOrganization"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    done["cursor"].clone()
}

/// The first message of a stream from a cursor.
async fn first(server: &Server, user: &str, after: &Value) -> Value {
    let payload = json!({"authorization": format!("Bearer {}", server.account(user, "accessToken"))});
    let mut ws = Ws::connect(server.url(), payload)
        .await
        .expect("the socket is accepted");
    ws.subscribe("s", EVENTS, json!({"after": after})).await;
    ws.next_of("s").await["data"]["events"].clone()
}

async fn told_to_read_anew(server: &Server, user: &str, after: &Value, cause: &str) {
    let gap = first(server, user, after).await;
    assert_eq!(
        (&gap["__typename"], &gap["cause"]),
        (&json!("Gap"), &json!(cause)),
        "{gap}"
    );
    let page = server.client(user).data(CHANGES, json!({"after": after})).await["changes"].clone();
    let only = json!([{"op": "RESYNC", "extent": "SUBTREE", "cause": cause}]);
    assert_eq!((&page["changes"], &page["hasMore"]), (&only, &json!(false)), "{page}");
    let on = server
        .client(user)
        .data(CHANGES, json!({"after": page["cursor"]}))
        .await["changes"]
        .clone();
    assert_eq!(on["changes"], json!([]), "from the new cursor both go on");
}

/// Asks a question of the database until it is answered as it should be.
async fn becomes(database: &TestDatabase, sql: &str, wanted: i64) {
    for _ in 0..150 {
        if database.number(sql).await == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("{sql} never became {wanted}");
}

both_databases!(
    the_log_is_kept_for_its_days_and_says_so_beyond_and_the_trail_stays,
    |database: TestDatabase| async move {
        let user = "county-organization";
        let city = City::on(&database);
        let server = city.at("2026-01-05T02:00:00Z").await;
        let county = server.account(user, "organizationId");
        let old = server.client(user).data(HERE, json!({})).await["log"]["cursor"].clone();
        create(&server.client(user), &county, "upkeep-1").await;
        let rows = database.connect().await;
        let count = "SELECT COUNT(*) FROM audit WHERE action = 'CREATE_ORGANIZATION'";
        becomes(&database, count, 1).await;
        drop((server, rows));
        let server = city.at("2026-03-01T02:00:00Z").await;
        let fresh = create(&server.client(user), &county, "upkeep-2").await;
        becomes(&database, "SELECT COUNT(*) FROM event WHERE at < '2026-01-20'", 0).await;
        // A key is kept as long as the log, and is free again afterwards.
        let keys = "SELECT COUNT(*) FROM idempotency";
        becomes(&database, keys, 1).await;
        told_to_read_anew(&server, user, &old, "EXPIRED").await;
        becomes(&database, count, 2).await;
        // The oldest cursor is the first that goes on without a gap.
        let oldest = server.client(user).data(HERE, json!({})).await["log"]["oldest"].clone();
        for after in [&oldest, &fresh] {
            assert_eq!(first(&server, user, after).await["__typename"], "Resumed");
        }
    }
);

fn doctor(city: &City) -> String {
    String::from_utf8_lossy(&city.run(&["doctor"]).stdout).into_owned()
}

both_databases!(
    the_audit_trail_is_sealed_and_the_doctor_finds_what_was_changed_removed_or_put_in,
    |database: TestDatabase| async move {
        let user = "county-organization";
        let city = City::on(&database);
        let server = city.at("2026-01-05T02:00:00Z").await;
        let county = server.account(user, "organizationId");
        for n in 0..3 {
            create(&server.client(user), &county, &format!("upkeep-s{n}")).await;
        }
        let unsealed =
            "SELECT COUNT(*) FROM audit a WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.audit_id = a.id)";
        becomes(&database, unsealed, 0).await;
        drop(server);
        let said = doctor(&city);
        assert!(!said.contains("audit trail"), "{said}");
        let rows = database.connect().await;
        let run = async |sql: &str| {
            rows.execute_unprepared(sql)
                .await
                .unwrap_or_else(|why| panic!("{sql}: {why}"));
        };
        let newest = "(SELECT audit_id FROM audit_seal WHERE number = (SELECT MAX(number) FROM audit_seal))";
        run(&format!("UPDATE audit SET action = 'NOTHING' WHERE id = {newest}")).await;
        assert!(doctor(&city).contains("was changed"));
        run(&format!(
            "UPDATE audit SET action = 'CREATE_ORGANIZATION' WHERE id = {newest}"
        ))
        .await;
        assert!(!doctor(&city).contains("audit trail"), "as it was, it is right");
        let copy = "INSERT INTO audit (id, position, at, action, subject_kind, subject_id, fields) SELECT '0', position, at, action, \
            subject_kind, subject_id, fields FROM audit WHERE id = (SELECT audit_id FROM audit_seal WHERE number = 1)";
        run(copy).await;
        assert!(doctor(&city).contains("1 lines were put in"));
        run("DELETE FROM audit WHERE id = '0'").await;
        run("DELETE FROM audit WHERE id = (SELECT audit_id FROM audit_seal WHERE number = 2)").await;
        let said = doctor(&city);
        assert!(said.contains("of seal 2 is missing"), "{said}");
        // Who removes the seals of the end as well is found by what was noted of them.
        run("DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_seal WHERE number > 1)").await;
        run("DELETE FROM audit_seal WHERE number > 1").await;
        let said = doctor(&city);
        assert!(said.contains("seals behind 1 are missing"), "{said}");
    }
);

both_databases!(
    a_restored_database_is_recognised_and_a_command_says_so_as_well,
    |database: TestDatabase| async move {
        let user = "county-organization";
        let city = City::on(&database);
        let server = city.at("2026-01-05T02:00:00Z").await;
        let county = server.account(user, "organizationId");
        let early = create(&server.client(user), &county, "upkeep-r1").await;
        drop(server);
        let file = database.url.trim_start_matches("sqlite://").to_owned();
        let backup = format!("{file}.backup");
        if database.kind == Kind::Sqlite {
            let rows = database.connect().await;
            let sql = format!("VACUUM INTO '{backup}'");
            rows.execute_unprepared(&sql).await.expect("a backup is made");
            rows.close().await.expect("the file is let go");
        }
        // A stop and a start alone change nothing.
        let server = city.at("2026-01-05T03:00:00Z").await;
        let later = create(&server.client(user), &county, "upkeep-r2").await;
        assert_eq!(first(&server, user, &early).await["__typename"], "Resumed");
        drop(server);
        let restored = match database.kind {
            Kind::Sqlite => {
                for suffix in ["-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{file}{suffix}"));
                }
                std::fs::copy(&backup, &file).expect("the backup is copied back");
                None
            }
            Kind::Postgres => Some(database.copy()),
        };
        let there = match &restored {
            Some(copy) => city.moved_to(copy),
            None => city,
        };
        let server = there.at("2026-01-05T04:00:00Z").await;
        told_to_read_anew(&server, user, &early, "RESTORED").await;
        told_to_read_anew(&server, user, &later, "RESTORED").await;
        let now = create(&server.client(user), &county, "upkeep-r3").await;
        drop(server);
        assert!(there.run(&["log", "new-epoch"]).status.success());
        let server = there.at("2026-01-05T05:00:00Z").await;
        told_to_read_anew(&server, user, &now, "RESTORED").await;
    }
);
