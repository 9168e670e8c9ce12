//! Streams by noun, on several nodes, and `changes`.

use std::collections::BTreeSet;
use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::orgs::{create, rename};
use tests::{Client, Kind, Server, TestDatabase, Ws, both_databases, run_on};

const FIGURES: &str =
    "subscription($o: ID!, $after: LogCursor) { figures(organization: $o, period: {kind: YEAR}, after: $after) {
    __typename ... on FiguresChanged { cursor organization { id openAlerts figures(period: {kind: YEAR}) { owed } } }
    ... on Resumed { cursor replayed } ... on Gap { cursor cause } ... on Lagged { cursor } } }";
const EVENTS: &str = "subscription($after: LogCursor, $within: OrganizationScopeInput) { events(after: $after, within: $within) {
    __typename ... on Change { op extent cursor entityId version } ... on Resumed { cursor replayed } ... on Gap { cursor cause } } }";
const CHANGES: &str = "query Changes($after: LogCursor!, $within: OrganizationScopeInput!, $first: Int!) {
  changes(after: $after, within: $within, types: [ORGANIZATION, MEMBER, APPOINTMENT, ACTIVITY], first: $first) {
    changes { op extent cursor at entityId version cause
      entity { __typename ... on Organization { id version name kind parent { id } externalIds { system value } }
        ... on Member { id version name standing status branch { id } externalIds { system value } } } }
    cursor hasMore } }";

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
        ws.subscribe("s", FIGURES, json!({"o": county})).await;
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
            .subscribe("s", FIGURES, json!({"o": made, "after": last["cursor"]}))
            .await;
        assert_eq!(heard(&mut again, "figures").await["replayed"], 1);
        assert_eq!(heard(&mut again, "figures").await["organization"]["id"], made);
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
