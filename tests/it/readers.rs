//! Who may read what, asked over HTTP as each holder.

use serde_json::{Value, json};
use tests::{Server, both_databases};

const ROSTER: &str = "query($o: ID!) { members(within: {subtreeOf: $o}, sort: {field: NAME}, first: 100) {
    nodes { id name branch { id } phone { masked value } identityNumber { masked value } } pageInfo { hasNextPage endCursor }
    totalCount(mode: EXACT) { value } } }";
const TREE: &str = "query($o: ID!) { organization(id: $o) { id name headcount { fullMembers }
    figures(period: {kind: YEAR}) { rule { key } owed met open dueSoon overdue excused heldLate missed rate }
    children(first: 100) { nodes { id figures(period: {kind: YEAR}) { rule { key } owed met } headcount { fullMembers } } } } }";

both_databases!(
    g3_1a_each_level_reads_the_roster_of_the_next_and_no_further,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let branch = server.account("village-secretary", "organizationId");
        let count = async |user: &str| {
            let body = server.client(user).data(ROSTER, json!({"o": branch})).await;
            body["members"]["totalCount"]["value"].as_i64().expect("a number")
        };
        let own = count("village-secretary").await;
        assert!(own > 0);
        // Two levels up, another county, a member elsewhere: figures at most, no names.
        assert_eq!(count("county-secretary").await, 0);
        assert_eq!(count("city-secretary").await, 0);
        assert_eq!(count("other-county").await, 0);
        assert_eq!(count("member").await, 0);
        assert_eq!(count("administrator").await, 0);
        // The organization department reads the rosters below its committee.
        assert_eq!(count("county-organization").await, own);
    }
);

both_databases!(
    an_identity_number_is_masked_even_for_the_own_secretary,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let body = server
            .client("branch-secretary")
            .data(ROSTER, json!({"o": branch}))
            .await;
        let nodes = body["members"]["nodes"].as_array().expect("a list").clone();
        let me = server
            .client("branch-secretary")
            .data("{ viewer { member { id } } }", json!({}))
            .await;
        let others: Vec<&Value> = nodes
            .iter()
            .filter(|node| node["id"] != me["viewer"]["member"]["id"])
            .collect();
        assert!(others.len() > 3);
        for node in others {
            assert_eq!(node["identityNumber"]["masked"], true, "{node}");
            assert!(
                node["identityNumber"]["value"]
                    .as_str()
                    .is_none_or(|value| value.starts_with("******")),
                "{node}"
            );
            assert_eq!(node["phone"]["masked"], false, "{node}");
        }
    }
);

both_databases!(
    what_one_may_not_see_answers_as_what_does_not_exist,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let branch = server.account("village-secretary", "organizationId");
        let body = server
            .client("village-secretary")
            .data(ROSTER, json!({"o": branch}))
            .await;
        let hidden = body["members"]["nodes"][0]["id"].as_str().expect("an id").to_owned();
        let query = "query($id: ID!) { member(by: {id: $id}) { id name version branch { id } } }";
        let outsider = server.client("other-county-secretary");
        let absent = format!("mbr_{}", "0".repeat(26));
        let there = outsider.graphql(query, json!({"id": hidden})).await;
        let nowhere = outsider.graphql(query, json!({"id": absent})).await;
        assert_eq!(there["data"], nowhere["data"]);
        assert_eq!(there["data"], json!({"member": null}));
    }
);

both_databases!(
    g3_1a_figures_of_a_parent_are_the_sum_of_its_children,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let tree = server.client("county-secretary").data(TREE, json!({"o": county})).await["organization"].clone();
        let rules = tree["figures"].as_array().expect("figures").clone();
        assert!(
            rules.iter().any(|rule| rule["rule"]["key"] == "general-meeting"),
            "{tree}"
        );
        for rule in &rules {
            let number = |of: &Value, field: &str| of[field].as_i64().expect("a number");
            let mut sums = (0, 0);
            for child in tree["children"]["nodes"].as_array().expect("children") {
                for own in child["figures"].as_array().expect("figures") {
                    if own["rule"]["key"] == rule["rule"]["key"] {
                        sums = (sums.0 + number(own, "owed"), sums.1 + number(own, "met"));
                    }
                }
            }
            assert_eq!((number(rule, "owed"), number(rule, "met")), sums, "{rule}");
            let parts: i64 = ["met", "open", "dueSoon", "overdue", "excused", "heldLate", "missed"]
                .map(|field| number(rule, field))
                .iter()
                .sum();
            assert_eq!(number(rule, "owed"), parts, "{rule}");
        }
    }
);

both_databases!(
    pages_by_cursor_meet_without_gap_or_repeat,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let query = "query($o: ID!, $after: String) { members(within: {subtreeOf: $o}, first: 97, after: $after) {
        nodes { id } pageInfo { hasNextPage endCursor } totalCount(mode: EXACT) { value } } }";
        let (mut seen, mut after, mut total) = (Vec::new(), Value::Null, 0);
        for _ in 0..20 {
            let page = client.data(query, json!({"o": county, "after": after})).await["members"].clone();
            seen.extend(
                page["nodes"]
                    .as_array()
                    .expect("nodes")
                    .iter()
                    .map(|node| node["id"].to_string()),
            );
            total = page["totalCount"]["value"].as_u64().expect("a number");
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), all as u64), (all, total));
        assert!(total > 100);
        // A cursor of this list is none of another.
        let other = "query($o: ID!, $after: String) { members(within: {exactly: $o}, first: 5, after: $after) { nodes { id } } }";
        let first = client.data(query, json!({"o": county})).await["members"]["pageInfo"]["endCursor"].clone();
        assert_eq!(
            client.error_code(other, json!({"o": county, "after": first})).await,
            "CURSOR_MISMATCH"
        );
    }
);
