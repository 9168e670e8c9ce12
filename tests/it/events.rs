//! The log, live: `events` over graphql-transport-ws.

use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::orgs::{create, decision, rename};
use tests::{Server, TestDatabase, Ws, WsMessage, both_databases};

const EVENTS: &str = "subscription Events($after: LogCursor, $within: OrganizationScopeInput) {
  events(after: $after, within: $within) { __typename
    ... on Change { op extent cursor at entityId entityKind version cause fields }
    ... on Resumed { cursor replayed } ... on Gap { cursor cause } ... on Lagged { cursor } } }";
const MOVE: &str = "mutation($input: MoveOrganizationInput!) { moveOrganization(input: $input) {
    organization { id version } userErrors { code path } cursor } }";

async fn socket(server: &Server, user: &str) -> Ws {
    let token = server.account(user, "accessToken");
    Ws::of_token(server.url(), &token).await
}

/// The next message of the stream `s`.
async fn heard(ws: &mut Ws) -> Value {
    ws.heard("s", "events").await
}

/// Follows from a cursor and checks the first message.
async fn follow(ws: &mut Ws, after: &Value, within: Value, replayed: i64) {
    ws.subscribe("s", EVENTS, json!({"after": after, "within": within}))
        .await;
    let first = heard(ws).await;
    assert_eq!(
        (&first["__typename"], &first["replayed"]),
        (&json!("Resumed"), &json!(replayed)),
        "{first}"
    );
}

both_databases!(
    a_change_arrives_and_a_cursor_resumes_without_gap_or_repeat,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let top = create(&client, &county, "WORKING_COMMITTEE", "events-1").await["organization"]["id"].clone();
        let within = json!({"subtreeOf": top});
        let mut ws = socket(server, "county-organization").await;
        follow(&mut ws, &Value::Null, within.clone(), 0).await;
        rename(&client, &top, 1, "events-2").await;
        let id = top.clone();
        let first = heard(&mut ws).await;
        assert_eq!(
            (
                &first["op"],
                &first["entityId"],
                &first["entityKind"],
                &first["version"],
                &first["extent"]
            ),
            (
                &json!("UPSERT"),
                &id,
                &json!("ORGANIZATION"),
                &json!(2),
                &json!("OBJECT")
            ),
            "{first}"
        );
        ws.complete("s").await;
        // Missed while away, and elsewhere: only what is within is replayed.
        for version in 2..5 {
            rename(&client, &id, version, &format!("events-r{version}")).await;
        }
        create(&client, &county, "WORKING_COMMITTEE", "events-3").await;
        let mut again = socket(server, "county-organization").await;
        follow(&mut again, &first["cursor"], within.clone(), 3).await;
        let mut last = Value::Null;
        for version in 3..6 {
            last = heard(&mut again).await;
            assert_eq!((&last["entityId"], &last["version"]), (&id, &json!(version)), "{last}");
        }
        rename(&client, &id, 5, "events-r5").await;
        let live = heard(&mut again).await;
        assert_eq!(live["version"], 6, "live follows the replay: {live}");
        again.complete("s").await;
        // The cursor of the last message replays exactly the one behind it.
        follow(&mut again, &last["cursor"], within, 1).await;
        assert_eq!(heard(&mut again).await["version"], 6);
    }
);

both_databases!(
    a_query_and_then_a_subscription_have_no_gap_between_them,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let made = create(&client, &county, "WORKING_COMMITTEE", "gapless-1").await;
        let id = made["organization"]["id"].clone();
        let here = client.data("{ log { cursor } }", json!({})).await["log"]["cursor"].clone();
        let mut ws = socket(server, "county-organization").await;
        // Neither the cursor of a mutation nor that of a query brings the change again that it stands behind.
        for after in [&made["cursor"], &here] {
            follow(&mut ws, after, json!({"exactly": id}), 0).await;
            ws.complete("s").await;
        }
        rename(&client, &id, 1, "gapless-2").await;
        follow(&mut ws, &here, json!({"exactly": id}), 1).await;
        assert_eq!(heard(&mut ws).await["version"], 2);
    }
);

both_databases!(
    what_a_reader_may_not_see_is_not_told,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let branch = server.account("village-secretary", "organizationId");
        let mut stranger = socket(server, "other-county-secretary").await;
        let mut own = socket(server, "village-secretary").await;
        follow(&mut stranger, &Value::Null, json!({"subtreeOf": county}), 0).await;
        follow(&mut own, &Value::Null, Value::Null, 0).await;
        let draft = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) { activity { id } userErrors { code path } } }";
        let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "title": "实时可见", "startsAt": crate::activities::days(20),
        "idempotencyKey": "seen-1"});
        let done = server
            .client("village-secretary")
            .graphql(draft, json!({"input": input}))
            .await;
        let id = done["data"]["scheduleActivity"]["activity"]["id"].clone();
        assert!(id.is_string(), "{done}");
        let told = loop {
            let told = heard(&mut own).await;
            if told["entityId"] == id {
                break told;
            }
        };
        assert_eq!(told["entityKind"], "ACTIVITY");
        // A later change that the stranger may see arrives; the activity before it did not.
        let made = create(&client, &county, "WORKING_COMMITTEE", "seen-2").await["organization"]["id"].clone();
        let next = loop {
            let next = heard(&mut stranger).await;
            assert_ne!(next["entityId"], id, "{next}");
            if next["entityKind"] == "ORGANIZATION" && next["entityId"] == made {
                break next;
            }
        };
        assert_eq!(next["op"], "UPSERT");
    }
);

both_databases!(
    a_bad_cursor_or_place_is_refused_precisely_and_costs_nobody_else,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let mine = server
            .client("county-organization")
            .data("{ log { cursor } }", json!({}))
            .await["log"]["cursor"]
            .clone();
        let foreign = server
            .client("county-secretary")
            .data("{ log { cursor } }", json!({}))
            .await["log"]["cursor"]
            .clone();
        let mut flipped = mine.as_str().expect("a cursor").to_owned();
        let tail = if flipped.ends_with('A') { 'Q' } else { 'A' };
        flipped.pop();
        flipped.push(tail);
        let nowhere = format!("org_{}", "0".repeat(26));
        let mut ws = socket(server, "county-organization").await;
        ws.subscribe("good", EVENTS, json!({"after": mine})).await;
        assert_eq!(ws.next_of("good").await["data"]["events"]["__typename"], "Resumed");
        for (variables, code) in [
            (json!({"after": foreign}), "CURSOR_OF_ANOTHER_ACCOUNT"),
            (json!({"after": flipped}), "CURSOR_INVALID"),
            (json!({"after": "nonsense"}), "CURSOR_INVALID"),
            (json!({"within": {"subtreeOf": nowhere}}), "NOT_FOUND"),
        ] {
            ws.subscribe("bad", EVENTS, variables.clone()).await;
            let message = loop {
                match ws.next().await {
                    WsMessage::Next { id, .. } if id == "good" => {}
                    other => break other,
                }
            };
            let WsMessage::Error { id, payload } = message else {
                panic!("{variables}: {message:?}")
            };
            assert_eq!(
                (id.as_str(), &payload[0]["extensions"]["code"]),
                ("bad", &json!(code)),
                "{payload}"
            );
        }
        // The administrator has no right to the log at all.
        let mut other = socket(server, "administrator").await;
        other.subscribe("s", EVENTS, json!({})).await;
        let WsMessage::Error { payload, .. } = other.next().await else {
            panic!("not refused")
        };
        assert_eq!(payload[0]["extensions"]["code"], "FORBIDDEN");
        let county = server.account("county-organization", "organizationId");
        create(
            &server.client("county-organization"),
            &county,
            "WORKING_COMMITTEE",
            "bad-1",
        )
        .await;
        assert_eq!(ws.next_of("good").await["data"]["events"]["__typename"], "Change");
    }
);

both_databases!(
    g3_1a_a_move_between_superiors_leaves_one_scope_and_enters_another,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let (local, city) = (server.client("county-organization"), server.client("city-organization"));
        let town = server.account("town-secretary", "organizationId");
        let other = create(&local, &county, "WORKING_COMMITTEE", "scope-1").await["organization"]["id"].clone();
        let made = create(&server.client("town-secretary"), &town, "PRIMARY_COMMITTEE", "scope-2").await;
        let moved = made["organization"]["id"].clone();
        let (mut old, mut above) = (
            socket(server, "town-secretary").await,
            socket(server, "city-organization").await,
        );
        follow(&mut old, &made["cursor"], json!({"exactly": moved}), 0).await;
        follow(&mut above, &Value::Null, json!({"exactly": moved}), 0).await;
        let input = json!({"id": moved, "expectedVersion": 1, "parentId": other, "reason": "调整", "decision": decision(),
        "idempotencyKey": "scope-3"});
        let done = city.data(MOVE, json!({"input": input})).await["moveOrganization"].clone();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        // The old superior keeps the directory's line and loses all that hangs on it: forget the subtree, read what is left.
        for op in ["LEAVE_SCOPE", "ENTER_SCOPE"] {
            let told = heard(&mut old).await;
            assert_eq!(
                (&told["op"], &told["extent"], &told["entityId"], &told["cause"]),
                (&json!(op), &json!("SUBTREE"), &moved, &json!("MOVE")),
                "{told}"
            );
        }
        // Who stands above both places sees the same as before.
        let told = heard(&mut above).await;
        assert_eq!(
            (&told["op"], &told["extent"]),
            (&json!("UPSERT"), &json!("SUBTREE")),
            "{told}"
        );
    }
);

both_databases!(
    a_disabled_account_and_a_reset_one_lose_their_streams_within_five_seconds,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let rows = database.connect().await;
        for (user, change, code) in [
            ("town-clerk", "auth_epoch = auth_epoch + 1", 4403),
            ("village-secretary", "disabled_at = '2026-01-01 00:00:00+00:00'", 4401),
        ] {
            let mut ws = socket(&server, user).await;
            follow(&mut ws, &Value::Null, Value::Null, 0).await;
            let sql = format!("UPDATE account SET {change} WHERE username = '{user}'");
            rows.execute_unprepared(&sql).await.expect("the row can be changed");
            let ended = tokio::time::timeout(Duration::from_secs(5), ws.next()).await;
            let WsMessage::Closed { code: told, .. } = ended.expect("within five seconds") else {
                panic!("not closed")
            };
            assert_eq!(told, code, "{user}");
        }
    }
);

/// An event of a kind that this program does not know, committed as any other.
const POISON: &str = "BEGIN; UPDATE log_counter SET position = position + 1;
    INSERT INTO event (position, sub, op, extent, entity_kind, entity_id, fields, cause, at)
    SELECT position, 0, 'UPSERT', 'OBJECT', 'POISON', 'poi_1', '[]', 'WRITE', '2026-01-05 00:00:00+00:00' FROM log_counter; COMMIT;";

both_databases!(
    an_event_that_nobody_can_read_is_passed_over_loudly_and_costs_nobody_anything_else,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let made = create(&client, &county, "WORKING_COMMITTEE", "poison-1").await;
        let id = made["organization"]["id"].clone();
        let mut ws = socket(&server, "county-organization").await;
        follow(&mut ws, &made["cursor"], json!({"exactly": id}), 0).await;
        let rows = database.connect().await;
        rows.execute_unprepared(POISON).await.expect("a row can be written");
        // An embedded database takes whatever is written into a column.
        let embedded = database.kind == tests::Kind::Sqlite;
        if embedded {
            let garbled = POISON
                .replace("'[]'", "'no list'")
                .replace("'POISON'", "'ORGANIZATION'");
            rows.execute_unprepared(&garbled).await.expect("a row can be written");
        }
        rename(&client, &id, 1, "poison-2").await;
        assert_eq!(heard(&mut ws).await["version"], 2);
        let unreadable = "orglife_log_unreadable_events_total";
        assert_eq!(
            server.counter(unreadable).await,
            1 + u64::from(embedded),
            "it is said, once for each"
        );
        // Who pages through the log and who comes back pass it as well.
        let changes = "query($after: LogCursor) { changes(after: $after, types: [ORGANIZATION], first: 5) {
            changes { version } hasMore } }";
        let page = client.data(changes, json!({"after": made["cursor"]})).await;
        assert_eq!(page["changes"], json!({"changes": [{"version": 2}], "hasMore": false}));
        let mut again = socket(&server, "county-organization").await;
        follow(&mut again, &made["cursor"], json!({"exactly": id}), 1).await;
        assert_eq!(heard(&mut again).await["version"], 2);
    }
);
