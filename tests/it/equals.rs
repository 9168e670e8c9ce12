//! Streams of one account for the same document and values: what they are told of a change is read once for all of them, and
//! nobody is told what another account's rights show.

use std::time::Duration;

use serde_json::{Value, json};
use tests::orgs::{create, rename};
use tests::{Server, TestDatabase, Ws, WsMessage, both_databases};

const EVENTS: &str = "subscription($o: ID!, $after: LogCursor) { events(within: {exactly: $o}, after: $after) { __typename
    ... on Change { cursor version entity { ... on Organization { id name version parent { id name } viewerCan(actions: [RENAME]) { allowed } } } }
    ... on Resumed { cursor replayed } } }";
/// Streams of a socket, and sockets.
const STREAMS: usize = 20;
const SOCKETS: usize = 4;

/// A socket with streams about an org; all but one in four say from where they go on, each from another place.
async fn listener(server: &Server, token: &str, org: &Value, places: &[Value]) -> Ws {
    let mut ws = Ws::of_token(server.url(), token).await;
    for number in 0..STREAMS {
        let id = number.to_string();
        let after = places.get(number % 4).cloned().unwrap_or(Value::Null);
        ws.subscribe(&id, EVENTS, json!({"o": org, "after": after})).await;
        assert_eq!(ws.heard(&id, "events").await["replayed"], 0);
    }
    ws
}

/// What all streams of some sockets are told of one change.
async fn told(sockets: &mut [Ws]) -> Vec<Value> {
    let mut changes = Vec::new();
    for ws in sockets {
        for _ in 0..STREAMS {
            let WsMessage::Next { mut payload, .. } = ws.next().await else {
                panic!("not a message")
            };
            assert!(payload.get("errors").is_none(), "{payload}");
            changes.push(payload["data"]["events"].take());
        }
    }
    changes
}

both_databases!(
    equal_streams_share_one_answer_with_a_cursor_that_each_goes_on_from,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let user = "county-organization";
        let county = server.account(user, "organizationId");
        let client = server.client(user);
        let org = create(&client, &county, "WORKING_COMMITTEE", "equals-0").await["organization"]["id"].clone();
        for version in 1..4 {
            rename(&client, &org, version, &format!("equals-{version}")).await;
        }
        let before = server.statements().await;
        rename(&client, &org, 4, "equals-4").await;
        let alone = server.statements().await - before;
        // The same place, but another text each time.
        let mut places = Vec::new();
        for _ in 0..3 {
            places.push(client.data("{ log { cursor } }", json!({})).await["log"]["cursor"].clone());
        }
        let mut sockets = Vec::new();
        for _ in 0..SOCKETS {
            sockets.push(listener(&server, client.token(), &org, &places).await);
        }
        let before = server.statements().await;
        rename(&client, &org, 5, "equals-5").await;
        let changes = told(&mut sockets).await;
        let taken = server.statements().await - before;
        assert_eq!(changes.len(), STREAMS * SOCKETS);
        for change in &changes {
            let entity = &change["entity"];
            assert_eq!(
                (&change["version"], &entity["version"], &entity["name"]),
                (&json!(6), &json!(6), &json!("改名5"))
            );
            assert_eq!(entity["viewerCan"][0]["allowed"], true, "{change}");
        }
        // Each of them alone would take as much again.
        assert!(
            taken < alone + 40,
            "{taken} statements for eighty streams, {alone} without any"
        );
        // The cursor of any goes on behind the change.
        let mut again = Ws::of_token(server.url(), client.token()).await;
        for change in changes.iter().step_by(27) {
            again
                .subscribe("s", EVENTS, json!({"o": org, "after": change["cursor"]}))
                .await;
            assert_eq!(again.heard("s", "events").await["replayed"], 0);
            again.complete("s").await;
        }
    }
);

both_databases!(
    streams_of_two_accounts_are_each_answered_with_their_own_rights,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let org = create(&client, &county, "WORKING_COMMITTEE", "equals-r").await["organization"]["id"].clone();
        let mut followers = Vec::new();
        for (user, may) in [
            ("county-organization", true),
            ("village-secretary", false),
            ("county-organization", true),
        ] {
            let mut ws = Ws::of_token(server.url(), &server.account(user, "accessToken")).await;
            ws.subscribe("s", EVENTS, json!({"o": org})).await;
            assert_eq!(ws.heard("s", "events").await["replayed"], 0);
            followers.push((ws, may));
        }
        for version in 1..6 {
            rename(&client, &org, version, &format!("equals-r{version}")).await;
            for (ws, may) in &mut followers {
                let change = ws.heard("s", "events").await;
                assert_eq!(change["entity"]["viewerCan"][0]["allowed"], *may, "{change}");
            }
        }
        for (ws, _) in &mut followers {
            assert!(ws.is_silent_for(Duration::from_millis(50)).await);
        }
    }
);
