//! Sealed fields are revealed one at a time, with a purpose, and whom they concern reads who saw them.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const REVEAL: &str = "mutation($input: RevealFieldInput!) { revealField(input: $input) {
    value userErrors { code path } cursor replayed } }";
const ROSTER: &str =
    "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id identityNumber { masked value }
    accessLog(first: 5) { nodes { at action actor post organization { id } fields purpose } } } } }";
const WHO_SAW_ME: &str = "{ viewer { id member { id accessLog(first: 50) {
    nodes { at actor post organization { id name } fields purpose } pageInfo { hasNextPage } } } } }";

pub async fn reveal(client: &Client, member: &Value, field: &str, key: &str) -> Value {
    let input =
        json!({"memberId": member, "field": field, "purpose": "VERIFICATION", "note": "核对", "idempotencyKey": key});
    client.data(REVEAL, json!({"input": input})).await["revealField"].clone()
}

both_databases!(
    a_reveal_shows_one_field_once_and_stands_in_the_trail,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("branch-secretary", "organizationId");
        let client = server.client("branch-secretary");
        let nodes = client.data(ROSTER, json!({"o": org})).await["members"]["nodes"].clone();
        let leader = server.client("group-leader");
        let me = leader.data(WHO_SAW_ME, json!({})).await["viewer"]["member"].clone();
        let seen = nodes
            .as_array()
            .expect("nodes")
            .iter()
            .find(|node| node["id"] == me["id"]);
        let masked = seen.expect("the group leader")["identityNumber"]["value"].clone();
        let shown = reveal(&client, &me["id"], "IDENTITY_NUMBER", "r1").await;
        assert_eq!(shown["userErrors"], json!([]), "{shown}");
        let (value, masked) = (
            shown["value"].as_str().expect("a value"),
            masked.as_str().expect("masked"),
        );
        assert_eq!(value.len(), 18);
        assert!(
            masked.starts_with("****************") && value.ends_with(&masked[16..]),
            "{masked}"
        );
        let again = reveal(&client, &me["id"], "IDENTITY_NUMBER", "r1").await;
        assert_eq!((&again["replayed"], &again["value"]), (&json!(true), &shown["value"]));
        let log = leader.data(WHO_SAW_ME, json!({})).await["viewer"]["member"]["accessLog"]["nodes"].clone();
        let lines: Vec<&Value> = log
            .as_array()
            .expect("lines")
            .iter()
            .filter(|line| line["fields"] == json!(["identityNumber"]) && line["purpose"] == "VERIFICATION: 核对")
            .collect();
        assert_eq!(lines.len(), 1, "one reveal, one line: {log}");
        assert_eq!(
            (&lines[0]["post"], &lines[0]["organization"]["id"]),
            (&json!("SECRETARY"), &json!(org))
        );
        assert!(lines[0]["actor"].is_string());
        assert!(!log.to_string().contains(value), "the trail holds no value");
    }
);

both_databases!(
    who_may_not_reveal_sees_nothing_or_is_refused,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("branch-secretary", "organizationId");
        let client = server.client("branch-secretary");
        let own = client.data(WHO_SAW_ME, json!({})).await["viewer"]["member"]["id"].clone();
        let mine = reveal(&client, &own, "IDENTITY_NUMBER", "own").await;
        assert_eq!(mine["userErrors"][0]["code"], "OWN_MATTER", "{mine}");
        let nodes = client.data(ROSTER, json!({"o": org})).await["members"]["nodes"].clone();
        let other = nodes.as_array().expect("nodes").iter().find(|node| node["id"] != own);
        let other = other.expect("another member")["id"].clone();
        for (user, code) in [
            ("group-leader", "FORBIDDEN"),
            ("village-secretary", "NOT_FOUND"),
            ("city-secretary", "NOT_FOUND"),
            ("administrator", "NOT_FOUND"),
        ] {
            let refused = reveal(&server.client(user), &other, "ADDRESS", "no").await;
            assert_eq!(
                (&refused["userErrors"][0]["code"], &refused["value"]),
                (&json!(code), &Value::Null),
                "{user}"
            );
        }
        let long = json!({"memberId": other, "field": "PHONE", "purpose": "OTHER", "note": "长".repeat(201), "idempotencyKey": "l"});
        let long = server
            .client("county-organization")
            .data(REVEAL, json!({"input": long}))
            .await;
        assert_eq!(long["revealField"]["userErrors"][0]["code"], "TOO_LONG", "{long}");
        // What a member's colleagues were seen of is not theirs to read.
        let reader = server.client("member");
        let me = reader.data("{ viewer { member { id } } }", json!({})).await["viewer"]["member"]["id"].clone();
        assert!(me.is_string());
        let logs = reader.data(ROSTER, json!({"o": org})).await["members"]["nodes"].clone();
        let logs = logs.as_array().expect("nodes");
        assert!(logs.len() > 1, "{logs:?}");
        for node in logs {
            assert!(node["accessLog"]["nodes"] == json!([]) || node["id"] == me, "{node}");
        }
    }
);

both_databases!(
    a_number_is_found_by_equality_only_where_it_may_be_revealed,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("branch-secretary", "organizationId");
        let leader = server.client("group-leader");
        let own = "{ viewer { member { id identityNumber { value } phone { value } } } }";
        let me = leader.data(own, json!({})).await["viewer"]["member"].clone();
        let find = "query($o: ID!, $i: String, $p: String) { members(within: {subtreeOf: $o}, first: 5, identityNumber: $i, phone: $p) {
            nodes { id } totalCount(mode: EXACT) { value } } }";
        let found = async |user: &str, variables: Value| {
            let mut variables = variables;
            variables["o"] = json!(org);
            server.client(user).data(find, variables).await["members"]["nodes"].clone()
        };
        let number = &me["identityNumber"]["value"];
        let phone = &me["phone"]["value"];
        assert_eq!(
            found("branch-secretary", json!({"i": number})).await,
            json!([{"id": me["id"]}])
        );
        assert_eq!(
            found("branch-secretary", json!({"p": phone})).await,
            json!([{"id": me["id"]}])
        );
        assert_eq!(
            found("branch-secretary", json!({"i": "000000198001010000"})).await,
            json!([])
        );
        // The leader reads the group's phones, and of identity numbers the own one; a colleague finds nothing.
        assert_eq!(
            found("group-leader", json!({"i": number})).await,
            json!([{"id": me["id"]}])
        );
        assert_eq!(found("city-secretary", json!({"i": number})).await, json!([]));
        assert_eq!(found("village-secretary", json!({"p": phone})).await, json!([]));
    }
);
