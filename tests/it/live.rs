//! Streams by noun, on several nodes, and `changes`.

use std::collections::BTreeSet;
use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::orgs::{create, rename};
use tests::{Client, Kind, Server, TestDatabase, Ws, WsMessage, both_databases, run_on};

/// The documents of the readers, as they stand.
const FIGURES: &str = include_str!("../../examples/live/FiguresLive.graphql");
const EVENTS: &str = include_str!("../../examples/live/Events.graphql");
const CHANGES: &str = include_str!("../../examples/live/Changes.graphql");

async fn socket(server: &Server, token: &str) -> Ws {
    Ws::of_token(server.url(), token).await
}

async fn heard(ws: &mut Ws, field: &str) -> Value {
    ws.heard("s", field).await
}

both_databases!(
    g3_1a_figures_of_an_org_and_its_children_arrive_as_they_change,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let mut ws = socket(server, &server.account("county-secretary", "accessToken")).await;
        ws.subscribe(
            "s",
            FIGURES,
            json!({"organization": county, "period": {"kind": "YEAR"}}),
        )
        .await;
        assert_eq!(heard(&mut ws, "figures").await["replayed"], 0);
        let made = create(&client, &county, "WORKING_COMMITTEE", "figures-1").await["organization"]["id"].clone();
        let (mut seen, mut last) = (BTreeSet::new(), Value::Null);
        while !(seen.contains(&made.to_string()) && seen.contains(&json!(county).to_string())) {
            last = heard(&mut ws, "figures").await;
            assert_eq!(last["__typename"], "FiguresChanged", "{last}");
            seen.insert(last["organization"]["id"].to_string());
        }
        // Another client goes on behind it: one change, told for the org and for the child.
        rename(&client, &made, 1, "figures-2").await;
        let mut again = socket(server, &server.account("county-secretary", "accessToken")).await;
        again
            .subscribe(
                "s",
                FIGURES,
                json!({"organization": made, "period": {"kind": "YEAR"}, "after": last["cursor"]}),
            )
            .await;
        assert_eq!(heard(&mut again, "figures").await["replayed"], 1);
        assert_eq!(heard(&mut again, "figures").await["organization"]["id"], made);
        // A child's figures and alerts stand in the message: no screen has to ask again.
        let shown = &last["organization"];
        assert!(shown["figures"].is_array() && shown["openAlerts"].is_i64(), "{last}");
    }
);

both_databases!(
    figures_come_as_the_newest_for_each_org_and_not_step_by_step,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let made = create(&client, &county, "WORKING_COMMITTEE", "newest-0").await;
        let org = &made["organization"]["id"];
        for version in 1..13 {
            rename(&client, org, version, &format!("newest-{version}")).await;
        }
        let token = server.account("county-organization", "accessToken");
        let mut after = made["cursor"].clone();
        // Twelve steps, one message, with the place behind all of them: the next stream has nothing to tell any more.
        for missed in [12, 0] {
            let mut ws = socket(server, &token).await;
            let variables = json!({"organization": org, "period": {"kind": "YEAR"}, "after": after});
            ws.subscribe("s", FIGURES, variables).await;
            assert_eq!(heard(&mut ws, "figures").await["replayed"], missed);
            if missed > 0 {
                let told = heard(&mut ws, "figures").await;
                assert_eq!(told["organization"]["id"], *org, "{told}");
                after = told["cursor"].clone();
            }
        }
    }
);

both_databases!(
    changes_page_through_the_log_in_order_and_no_further_than_its_reader_sees,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let made = create(&client, &county, "WORKING_COMMITTEE", "changes-0").await;
        let id = made["organization"]["id"].clone();
        for version in 1..6 {
            rename(&client, &id, version, &format!("changes-{version}")).await;
        }
        let (mut after, mut versions, mut more) = (made["cursor"].clone(), Vec::new(), true);
        while more {
            let page = client
                .data(CHANGES, json!({"after": after, "within": {"exactly": id}, "first": 2}))
                .await["changes"]
                .clone();
            let changes = page["changes"].as_array().expect("a list").clone();
            assert!(changes.len() <= 2, "{page}");
            for change in &changes {
                assert_eq!(
                    (&change["op"], &change["entity"]["version"]),
                    (&json!("UPSERT"), &json!(6)),
                    "{change}"
                );
                versions.push(change["version"].as_i64().expect("a number"));
            }
            (after, more) = (page["cursor"].clone(), page["hasMore"] == true);
        }
        assert_eq!(versions, [2, 3, 4, 5, 6]);
        // The page's cursor goes on in a subscription, and a change of one is understood in the other.
        let mut ws = socket(server, &server.account("county-organization", "accessToken")).await;
        ws.subscribe("s", EVENTS, json!({"after": after, "within": {"exactly": id}}))
            .await;
        assert_eq!(heard(&mut ws, "events").await["replayed"], 0);
        for (variables, code) in [
            (
                json!({"after": after, "within": {"exactly": id}, "first": 0}),
                "PAGE_SIZE",
            ),
            (
                json!({"after": after, "within": {"exactly": id}, "first": 101}),
                "PAGE_SIZE",
            ),
            (
                json!({"after": "x", "within": {"exactly": id}, "first": 1}),
                "CURSOR_INVALID",
            ),
            (
                json!({"after": after, "within": {"exactly": "org_0"}, "first": 1}),
                "NOT_FOUND",
            ),
        ] {
            assert_eq!(client.error_code(CHANGES, variables).await, code);
        }
        let other = server.client("county-secretary");
        let foreign = json!({"after": after, "within": {"exactly": id}, "first": 1});
        assert_eq!(other.error_code(CHANGES, foreign).await, "CURSOR_OF_ANOTHER_ACCOUNT");
    }
);

both_databases!(
    a_restored_database_is_said_to_streams_and_pages,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let made = create(&client, &county, "WORKING_COMMITTEE", "restored-1").await;
        let within = json!({"exactly": made["organization"]["id"]});
        let mut ws = socket(&server, &server.account("county-organization", "accessToken")).await;
        ws.subscribe("s", EVENTS, json!({"after": made["cursor"], "within": within}))
            .await;
        assert_eq!(heard(&mut ws, "events").await["__typename"], "Resumed");
        let rows = database.connect().await;
        let sql = "UPDATE log_counter SET epoch = 'another'";
        rows.execute_unprepared(sql).await.expect("the row can be changed");
        let gap = heard(&mut ws, "events").await;
        assert_eq!(
            (&gap["__typename"], &gap["cause"]),
            (&json!("Gap"), &json!("RESTORED")),
            "{gap}"
        );
        let page = client
            .data(CHANGES, json!({"after": made["cursor"], "within": within, "first": 5}))
            .await["changes"]
            .clone();
        let only = &page["changes"][0];
        assert_eq!(
            (&only["op"], &only["extent"], &only["entityId"], &only["cause"]),
            (
                &json!("RESYNC"),
                &json!("SUBTREE"),
                &made["organization"]["id"],
                &json!("RESTORED")
            ),
            "{page}"
        );
        // From the new cursor both go on.
        rename(&client, &made["organization"]["id"], 1, "restored-2").await;
        assert_eq!(heard(&mut ws, "events").await["version"], 2);
        let next = client
            .data(CHANGES, json!({"after": page["cursor"], "within": within, "first": 5}))
            .await["changes"]
            .clone();
        assert_eq!(next["changes"][0]["version"], 2, "{next}");
    }
);

/// Two nodes on one database: what one commits the other tells, and a reader of a node that is killed goes on there.
async fn two_nodes(database: TestDatabase) {
    let first = Server::demo_on(&database).await;
    let second = first.beside(&database).await;
    let county = first.account("county-organization", "organizationId");
    let token = first.account("county-organization", "accessToken");
    let there = Client::new(second.url()).with_token(&token);
    let made = create(
        &first.client("county-organization"),
        &county,
        "WORKING_COMMITTEE",
        "nodes-1",
    )
    .await;
    let (id, within) = (
        made["organization"]["id"].clone(),
        json!({"exactly": made["organization"]["id"]}),
    );
    let mut ws = socket(&first, &token).await;
    ws.subscribe("s", EVENTS, json!({"after": made["cursor"], "within": within}))
        .await;
    assert_eq!(heard(&mut ws, "events").await["replayed"], 0);
    rename(&there, &id, 1, "nodes-2").await;
    let told = tokio::time::timeout(Duration::from_secs(2), heard(&mut ws, "events")).await;
    let told = told.expect("a commit elsewhere arrives at the next look at the latest");
    assert_eq!(told["version"], 2);
    // SIGKILL: no farewell. What was written meanwhile is replayed by the other node.
    drop(first);
    rename(&there, &id, 2, "nodes-3").await;
    let mut again = socket(&second, &token).await;
    again
        .subscribe("s", EVENTS, json!({"after": told["cursor"], "within": within}))
        .await;
    assert_eq!(heard(&mut again, "events").await["replayed"], 1);
    assert_eq!(heard(&mut again, "events").await["version"], 3);
    rename(&there, &id, 3, "nodes-4").await;
    assert_eq!(heard(&mut again, "events").await["version"], 4);
}

#[test]
fn a_reader_of_a_killed_node_goes_on_at_another() {
    run_on(Kind::Postgres, two_nodes);
}

/// A socket with so many streams on it.
struct Listener {
    ws: Ws,
    streams: usize,
}

impl Listener {
    async fn begin(&mut self, id: &Value) {
        let name = self.streams.to_string();
        self.ws
            .subscribe(&name, EVENTS, json!({"within": {"exactly": id}}))
            .await;
        assert_eq!(self.ws.heard(&name, "events").await["replayed"], 0);
        self.streams += 1;
    }

    async fn all_hear(&mut self, version: i64) {
        for _ in 0..self.streams {
            let WsMessage::Next { payload, .. } = self.ws.next().await else {
                panic!("not a message")
            };
            assert_eq!(payload["data"]["events"]["version"], version, "{payload}");
        }
    }
}

/// What it takes to rename an org ten times and to tell all who listen: statements of the feed, and all others.
async fn to_tell(server: &Server, (id, from): (&Value, i64), listeners: &mut [Listener]) -> (u64, u64) {
    let client = server.client("county-organization");
    let taken = async || {
        let feed = server.counter("orglife_sql_feed_statements_total").await;
        (feed, server.statements().await)
    };
    let before = taken().await;
    for version in from..from + 10 {
        rename(&client, id, version, &format!("feed-{version}")).await;
        for listener in listeners.iter_mut() {
            listener.all_hear(version + 1).await;
        }
    }
    let after = taken().await;
    (after.0 - before.0, after.1 - before.1)
}

both_databases!(
    the_log_is_read_once_for_all_who_follow_it,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let id = create(&client, &county, "WORKING_COMMITTEE", "feed-0").await["organization"]["id"].clone();
        rename(&client, &id, 1, "feed-1").await;
        let token = server.account("county-organization", "accessToken");
        let ws = socket(&server, &token).await;
        let mut listeners = vec![Listener { ws, streams: 0 }];
        listeners[0].begin(&id).await;
        let (feed, asked) = to_tell(&server, (&id, 2), &mut listeners).await;
        while listeners.len() < 5 {
            let ws = socket(&server, &token).await;
            listeners.push(Listener { ws, streams: 0 });
        }
        for listener in &mut listeners {
            while listener.streams < 12 {
                listener.begin(&id).await;
            }
        }
        let (feed_of_many, asked_of_many) = to_tell(&server, (&id, 12), &mut listeners).await;
        assert_eq!(asked, asked_of_many, "who listens takes no statement of its own");
        // The looks at the log and at the accounts go on beside, by the clock.
        assert!(
            feed_of_many < 2 * feed + 20,
            "{feed} statements for one stream, {feed_of_many} for sixty"
        );
    }
);

both_databases!(
    a_page_of_changes_takes_the_same_statements_however_long_it_is,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let (user, county) = (
            "county-organization",
            server.account("county-organization", "organizationId"),
        );
        let client = server.client(user);
        let here = client.data("{ log { cursor } }", json!({})).await["log"]["cursor"].clone();
        for number in 0..24 {
            create(&client, &county, "WORKING_COMMITTEE", &format!("page-{number}")).await;
        }
        let mut taken = Vec::new();
        for first in [4, 20] {
            let variables = json!({"after": here, "within": {"subtreeOf": county}, "first": first});
            let before = server.statements().await;
            let page = client.data(CHANGES, variables).await["changes"].clone();
            taken.push(server.statements().await - before);
            let changes = page["changes"].as_array().expect("changes");
            assert_eq!((changes.len(), &page["hasMore"]), (first, &json!(true)), "{page}");
            assert!(
                changes.iter().all(|change| change["entity"]["name"].is_string()),
                "{page}"
            );
        }
        assert_eq!(taken[0], taken[1], "statements follow the length of the page");
    }
);
