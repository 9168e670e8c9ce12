//! Any object by its id.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

/// Ids of many kinds that a town's secretary may see, found by asking.
async fn of_many_kinds(client: &Client, town: &str) -> Vec<(&'static str, String)> {
    let found = client
        .data(
            "query($o: ID!) {
            viewer { id account { id } member { id } posts { id } }
            rulebook { id }
            organization(id: $o) { id secretary { id } children(first: 20) { nodes { id } } }
            obligations(within: {subtreeOf: $o}, first: 3) { nodes { id } }
            alerts(within: {subtreeOf: $o}, first: 3) { nodes { id } }
        }",
            json!({"o": town}),
        )
        .await;
    let id = |pointer: &str| {
        let id = found.pointer(pointer).and_then(Value::as_str);
        id.unwrap_or_else(|| panic!("nothing at {pointer}: {found}")).to_owned()
    };
    vec![
        ("Organization", id("/organization/id")),
        ("Obligation", id("/obligations/nodes/0/id")),
        ("Viewer", id("/viewer/id")),
        ("Account", id("/viewer/account/id")),
        ("Member", id("/viewer/member/id")),
        ("Appointment", id("/viewer/posts/0/id")),
        ("Rulebook", id("/rulebook/id")),
        ("Organization", id("/organization/children/nodes/0/id")),
    ]
}

both_databases!(
    nodes_keep_their_order_and_what_one_may_not_see_is_null,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("town-secretary");
        let town = server.account("town-secretary", "organizationId");
        let known = of_many_kinds(&client, &town).await;
        let stranger = server
            .client("other-county-secretary")
            .data("{ viewer { account { id } member { id } } }", json!({}))
            .await;
        let mut ids: Vec<String> = known.iter().map(|(_, id)| id.clone()).collect();
        let mut expected: Vec<Value> = known
            .iter()
            .map(|(kind, id)| json!({"__typename": kind, "id": id}))
            .collect();
        // Somebody else's account and membership, an id that does not exist, no id at all, and a repeat.
        let hidden = [
            stranger["viewer"]["member"]["id"].as_str().expect("an id").to_owned(),
            stranger["viewer"]["account"]["id"].as_str().expect("an id").to_owned(),
            format!("mbr_{}", "0".repeat(26)),
            format!("acc_{}", "0".repeat(26)),
            "nonsense".to_owned(),
        ];
        for (at, id) in hidden.iter().enumerate() {
            ids.insert(at * 2, id.clone());
            expected.insert(at * 2, Value::Null);
        }
        ids.push(known[1].1.clone());
        expected.push(json!({"__typename": "Obligation", "id": known[1].1}));
        let answer = client.data(NODES, json!({"ids": ids})).await;
        assert_eq!(answer["nodes"], json!(expected));
    }
);

both_databases!(
    what_one_may_not_see_is_byte_for_byte_what_does_not_exist,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let theirs = server
            .client("village-secretary")
            .data("{ viewer { member { id } account { id } } }", json!({}))
            .await;
        let outsider = server.client("other-county-secretary");
        let query = "query($id: ID!) { node(id: $id) { __typename id ... on Member { name } } }";
        for (seen, prefix) in [
            (&theirs["viewer"]["member"]["id"], "mbr"),
            (&theirs["viewer"]["account"]["id"], "acc"),
        ] {
            let there = outsider.graphql(query, json!({"id": seen})).await;
            let nowhere = outsider
                .graphql(query, json!({"id": format!("{prefix}_{}", "0".repeat(26))}))
                .await;
            assert_eq!(there["data"].to_string(), nowhere["data"].to_string());
            assert_eq!(there["data"], json!({"node": null}));
            assert!(there.get("errors").is_none(), "{there}");
        }
    }
);

both_databases!(
    statements_follow_the_kinds_and_not_the_number_of_ids,
    |database: tests::TestDatabase| async move {
        // Counted on a server that nobody else asks.
        let server = Server::demo_on(&database).await;
        let client = server.client("county-organization");
        let county = server.account("county-organization", "organizationId");
        let members = client
            .data(
                "query($o: ID!) { members(within: {subtreeOf: $o}, first: 100) { nodes { id } } }",
                json!({"o": county}),
            )
            .await;
        let ids: Vec<&Value> = members["members"]["nodes"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|node| &node["id"])
            .collect();
        assert_eq!(ids.len(), 100);
        server.quiet().await;
        let mut counts = Vec::new();
        for number in [1, 2, 50, 100] {
            let before = server.statements().await;
            let answer = client.data(NODES, json!({"ids": ids[..number]})).await;
            counts.push(server.statements().await - before);
            assert!(answer["nodes"].as_array().expect("a list").iter().all(Value::is_object));
        }
        assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
        let many: Vec<Value> = (0..101).map(|_| ids[0].clone()).collect();
        assert_eq!(client.error_code(NODES, json!({"ids": many})).await, "PAGE_SIZE");
    }
);

both_databases!(
    whoever_holds_a_post_finds_it_by_its_id_as_among_their_own,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        // A clerk, a committee member, organ staff: posts that stand in no directory.
        for user in ["branch-clerk", "branch-committee", "county-discipline"] {
            let client = server.client(user);
            let own = client.data("{ viewer { posts { id } } }", json!({})).await;
            let posts = own["viewer"]["posts"].as_array().expect("posts");
            let ids: Vec<&Value> = posts.iter().map(|post| &post["id"]).collect();
            assert!(!ids.is_empty(), "{user}");
            let found = client.data(NODES, json!({"ids": ids})).await;
            let found = found["nodes"].as_array().expect("a list");
            assert!(
                found.iter().all(|node| node["__typename"] == "Appointment"),
                "{user}: {found:?}"
            );
            let stranger = server
                .client("village-secretary")
                .data(NODES, json!({"ids": ids}))
                .await;
            assert!(
                stranger["nodes"].as_array().expect("a list").iter().all(Value::is_null),
                "{stranger}"
            );
        }
    }
);
