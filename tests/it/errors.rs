//! Broken requests, and the list of codes that clients decide by.

use serde_json::json;
use tests::{Server, Ws, WsMessage, both_databases};

const NEEDS_A_YEAR: &str = "query($year: Int!) { viewer { member { participation(year: $year) { expected } } } }";

/// The text of a file of the repository.
fn read(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"))
}

both_databases!(
    a_missing_variable_that_must_not_be_null_is_a_request_error,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let member = server.client("member");
        let refused = member.post(&json!({"query": NEEDS_A_YEAR, "variables": {}})).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.body.get("data").is_none(), "nothing ran: {}", refused.text);
        assert_eq!(refused.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert_eq!(
            refused.body["errors"][0]["locations"][0],
            json!({"line": 1, "column": 7})
        );
        assert_eq!(
            member.error_code(NEEDS_A_YEAR, json!({"year": null})).await,
            "BAD_USER_INPUT"
        );
        // Whoever accepts JSON only is answered with 200, as for every request error.
        let plain = member.with_header("accept", "application/json");
        assert_eq!(plain.post(&json!({"query": NEEDS_A_YEAR})).await.status, 200);
        // A default stands in; the document is judged before its variables.
        let with_default = NEEDS_A_YEAR.replace("Int!", "Int! = 2026");
        assert!(member.graphql(&with_default, json!({})).await.get("errors").is_none());
        let wrong = NEEDS_A_YEAR.replace("expected", "nothing");
        assert_eq!(member.error_code(&wrong, json!({})).await, "GRAPHQL_VALIDATION_FAILED");
        // A mutation does not run.
        let mutation = "mutation($input: DisputeAttendanceInput!) { disputeAttendance(input: $input) { replayed } }";
        assert_eq!(member.error_code(mutation, json!({})).await, "BAD_USER_INPUT");
    }
);

both_databases!(
    a_subscription_without_its_variable_is_refused,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let mut ws = Ws::of_token(server.url(), &server.account("member", "accessToken")).await;
        let stream = "subscription($o: ID!) { obligations(organization: $o) { __typename } }";
        ws.subscribe("s", stream, json!({})).await;
        let WsMessage::Error { payload, .. } = ws.next().await else {
            panic!("it was not refused")
        };
        assert_eq!(payload[0]["extensions"]["code"], "BAD_USER_INPUT");
    }
);

#[test]
fn every_code_of_the_schema_stands_in_the_list_of_errors() {
    let (schema, listed) = (read("schema.graphql"), read("docs/errors.md"));
    let codes = schema.split("enum ProblemCode {").nth(1).expect("the codes");
    let codes = codes
        .split("\n}")
        .next()
        .expect("the end of the codes")
        .lines()
        .map(str::trim);
    let codes = codes.filter(|line| !line.is_empty() && line.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    let missing: Vec<&str> = codes
        .clone()
        .filter(|code| !listed.contains(&format!("`{code}`")))
        .collect();
    assert!(codes.count() > 40, "the schema was not read");
    assert!(missing.is_empty(), "not in docs/errors.md: {missing:?}");
}
