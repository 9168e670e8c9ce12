//! The five subscriptions side by side, over every transport and by every place of a cursor: each begins, resumes, says its
//! gaps, and refuses bad cursors and places by a precise code.

mod ways;

use std::time::{Duration, Instant};

use api::secrets::cursor::LogCursor;
use api::secrets::keyring::Keyring;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};
use ways::{Reader, WAYS, Way};

use crate::lagging::{NOUNS, something_of_each, variables};

const HERE: &str = "{ log { cursor } }";
const CHANGES: &str =
    "query($after: LogCursor, $within: OrganizationScopeInput) { changes(after: $after, within: $within, first: 5) {
    changes { op cause } cursor hasMore } }";

async fn here(server: &Server, user: &str) -> Value {
    server.client(user).data(HERE, json!({})).await["log"]["cursor"].clone()
}

/// Every change from a cursor on, read to the end of the replay; the last cursor.
async fn replayed(reader: &Reader<'_>, way: Way, noun: &str, after: &Value) -> Value {
    let (mut stream, first) = reader.after(way, noun, after).await;
    assert_eq!(first["__typename"], "Resumed", "{noun}: {first}");
    let count = first["replayed"].as_i64().expect("a number");
    assert!(count > 0, "{noun} by {way:?}: nothing is replayed");
    let change = stream.heard(noun).await;
    assert!(
        change["__typename"]
            .as_str()
            .is_some_and(|name| name.contains("Change")),
        "{noun}: {change}"
    );
    let mut last = change["cursor"].clone();
    // Several changes of figures within a moment come as one for each org.
    if noun == "figures" {
        while last == *after || reader.after(way, noun, &last).await.1["replayed"] != 0 {
            last = stream.heard(noun).await["cursor"].clone();
        }
        return last;
    }
    for _ in 1..count {
        last = stream.heard(noun).await["cursor"].clone();
    }
    last
}

/// A stream from a cursor begins with a gap for this reason and goes on from there; by every way.
async fn gap_everywhere(reader: &Reader<'_>, noun: &str, after: &Value, cause: &str) {
    for way in WAYS {
        let (_, first) = reader.after(way, noun, after).await;
        assert_eq!(
            (&first["__typename"], &first["cause"]),
            (&json!("Gap"), &json!(cause)),
            "{noun} by {way:?}: {first}"
        );
        let (_, first) = reader.after(way, noun, &first["cursor"]).await;
        assert_eq!(first["__typename"], "Resumed", "{noun} by {way:?}: {first}");
    }
}

/// The same of `changes`.
async fn resync(client: &Client, after: &Value, cause: &str) {
    let page = client.data(CHANGES, json!({"after": after})).await["changes"].clone();
    assert_eq!(page["changes"], json!([{"op": "RESYNC", "cause": cause}]), "{page}");
    let next = client.data(CHANGES, json!({"after": page["cursor"]})).await["changes"].clone();
    assert_eq!(next["changes"], json!([]), "{next}");
}

both_databases!(
    each_noun_begins_resumes_and_says_a_restored_database_by_every_way,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let reader = Reader {
            token: server.account("branch-secretary", "accessToken"),
            branch: server.account("branch-secretary", "organizationId"),
            server: &server,
        };
        let begin = here(&server, "branch-secretary").await;
        something_of_each(&server, &reader.branch).await;
        let mut open = Vec::new();
        for (noun, _) in NOUNS {
            for way in WAYS {
                let last = replayed(&reader, way, noun, &begin).await;
                let (_, again) = reader.after(way, noun, &last).await;
                assert_eq!(
                    (&again["__typename"], &again["replayed"]),
                    (&json!("Resumed"), &json!(0)),
                    "{noun} by {way:?}: {again}"
                );
            }
            let (stream, first) = reader.after(Way::Events, noun, &Value::Null).await;
            assert_eq!(first["replayed"], 0, "{noun}");
            open.push((noun, stream));
        }
        let rows = database.connect().await;
        let restore = "UPDATE log_counter SET epoch = 'another'";
        rows.execute_unprepared(restore).await.expect("the row can be changed");
        for (noun, stream) in &mut open {
            let told = stream.heard(noun).await;
            assert_eq!(
                (&told["__typename"], &told["cause"]),
                (&json!("Gap"), &json!("RESTORED")),
                "{noun}: {told}"
            );
        }
        drop(open);
        for (noun, _) in NOUNS {
            gap_everywhere(&reader, noun, &begin, "RESTORED").await;
        }
        resync(&server.client("branch-secretary"), &begin, "RESTORED").await;
    }
);

/// The same cursor so many positions further on, as a node would have sealed it that has seen more.
fn later(server: &Server, cursor: &Value, by: i64) -> Value {
    let keys = std::fs::read_to_string(server.keys_of_demo()).expect("the key file");
    let keys = Keyring::parse(&keys).expect("keys");
    let cursor = LogCursor::open(&keys, cursor.as_str().expect("a cursor")).expect("it opens");
    let position = cursor.position + by;
    json!(LogCursor { position, ..cursor }.seal(&keys).expect("it is sealed"))
}

/// More than a stream replays.
const TOO_MANY: i64 = 5_100;

/// Writes the newest event of a kind into the log again, so many times.
fn again(kind: &str) -> String {
    format!(
        "BEGIN;
         INSERT INTO event (position, sub, op, extent, entity_kind, entity_id, version, organization_id, path, member_id, fields, cause, at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {TOO_MANY})
         SELECT c.position + n.i, 0, e.op, e.extent, e.entity_kind, e.entity_id, e.version, e.organization_id, e.path, e.member_id,
            e.fields, e.cause, e.at
         FROM n, log_counter c, (SELECT * FROM event WHERE entity_kind = '{kind}' ORDER BY position DESC, sub DESC LIMIT 1) e;
         UPDATE log_counter SET position = position + {TOO_MANY};
         COMMIT;"
    )
}

both_databases!(
    a_cursor_that_cannot_be_gone_on_from_is_said_with_its_cause_for_each_noun_by_every_way,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let reader = Reader {
            token: server.account("branch-secretary", "accessToken"),
            branch: server.account("branch-secretary", "organizationId"),
            server: &server,
        };
        let client = server.client("branch-secretary");
        let begin = here(&server, "branch-secretary").await;
        let ahead = later(&server, &begin, 1_000_000);
        for (noun, _) in NOUNS {
            gap_everywhere(&reader, noun, &ahead, "FROM_THE_FUTURE").await;
        }
        resync(&client, &ahead, "FROM_THE_FUTURE").await;
        something_of_each(&server, &reader.branch).await;
        let rows = database.connect().await;
        for (noun, kind) in [
            ("activities", "ACTIVITY"),
            ("obligations", "OBLIGATION"),
            ("inbox", "INBOX_ITEM"),
            ("figures", "OBLIGATION"),
            ("events", "ACTIVITY"),
        ] {
            // Each from where it stands now: the copies of one kind are too many for those who follow it.
            let before = here(&server, "branch-secretary").await;
            rows.execute_unprepared(&again(kind))
                .await
                .expect("rows can be written");
            // Who comes before the node has read them goes on from where it is: the rest comes live.
            let end = Instant::now() + Duration::from_secs(30);
            while reader.after(Way::Events, noun, &before).await.1["__typename"] == "Resumed" {
                assert!(Instant::now() < end, "{noun} is never told");
            }
            gap_everywhere(&reader, noun, &before, "TOO_FAR_BEHIND").await;
            // Who pages has no such bound.
            let page = client.data(CHANGES, json!({"after": before})).await["changes"].clone();
            assert_eq!(
                (&page["hasMore"], &page["changes"][0]["op"]),
                (&json!(true), &json!("UPSERT")),
                "{page}"
            );
        }
        let trim = "UPDATE log_counter SET trimmed = position";
        rows.execute_unprepared(trim).await.expect("the row can be changed");
        for (noun, _) in NOUNS {
            gap_everywhere(&reader, noun, &begin, "EXPIRED").await;
        }
        resync(&client, &begin, "EXPIRED").await;
    }
);

/// A cursor with one bit of its text turned, at the place of `nth` byte.
fn flipped(cursor: &Value, nth: usize) -> Value {
    let mut bytes = cursor.as_str().expect("a cursor").as_bytes().to_vec();
    let place = nth % bytes.len();
    bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    json!(String::from_utf8_lossy(&bytes))
}

/// An org that is there and that an account may not see.
async fn hidden(server: &Server, from: &str) -> String {
    let place = server.account("other-county-secretary", "organizationId");
    let query = "query($o: ID!) { organization(id: $o) { id } }";
    let seen = server.client(from).data(query, json!({"o": place})).await;
    assert_eq!(seen["organization"], Value::Null);
    place
}

both_databases!(
    each_noun_refuses_bad_cursors_and_hidden_places_by_their_code_and_costs_nobody_else,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let user = "village-secretary";
        let reader = Reader {
            token: server.account(user, "accessToken"),
            branch: server.account(user, "organizationId"),
            server,
        };
        let (mut bystander, first) = reader.after(Way::Socket, "events", &Value::Null).await;
        assert_eq!(first["__typename"], "Resumed");
        let mine = here(server, user).await;
        let mut cases = vec![
            (here(server, "town-secretary").await, "CURSOR_OF_ANOTHER_ACCOUNT"),
            (json!("nonsense"), "CURSOR_INVALID"),
            (json!(""), "CURSOR_INVALID"),
        ];
        cases.extend([0, 9, 23, 40].map(|nth| (flipped(&mine, nth), "CURSOR_INVALID")));
        let program = "county-service";
        let service = Reader {
            token: server.account(program, "accessToken"),
            branch: String::new(),
            server,
        };
        let places = [
            (&reader, user, format!("org_{}", "0".repeat(26))),
            (&service, program, hidden(server, program).await),
        ];
        for (noun, _) in NOUNS {
            for way in WAYS {
                for (after, code) in cases.iter().filter(|(after, _)| !way.has_header() || after != "") {
                    let wish = variables(noun, &reader.branch, after);
                    let told = reader.open(way, noun, wish).await.code().await;
                    assert_eq!(told, *code, "{noun} by {way:?}, {after}");
                }
                for (reader, _, place) in &places {
                    let mut wish = variables(noun, place, &Value::Null);
                    match noun {
                        "inbox" => continue,
                        "events" => wish["within"] = json!({"subtreeOf": place}),
                        _ => {}
                    }
                    let told = reader.open(way, noun, wish).await.code().await;
                    assert_eq!(told, "NOT_FOUND", "{noun} by {way:?} at {place}");
                }
            }
        }
        let client = server.client(user);
        for (after, code) in &cases {
            assert_eq!(client.error_code(CHANGES, json!({"after": after})).await, *code);
        }
        for (_, user, place) in &places {
            let asked = json!({"within": {"exactly": place}});
            assert_eq!(server.client(user).error_code(CHANGES, asked).await, "NOT_FOUND");
        }
        // Whoever followed before all this still follows.
        let county = server.account("county-organization", "organizationId");
        let made = tests::orgs::create(
            &server.client("county-organization"),
            &county,
            "WORKING_COMMITTEE",
            "nouns-1",
        )
        .await;
        while bystander.heard("events").await["entityId"] != made["organization"]["id"] {}
    }
);
