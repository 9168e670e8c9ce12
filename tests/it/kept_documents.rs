//! Parsed documents are kept, and nothing but them: whoever sends a text that others sent is answered as if it were new.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

/// What people read is their own, also by a document that names no variable.
const OWN: &str = "{ viewer { id member { id name } account { username } } }";
const ROSTER: &str = "query($o: ID!) { members(within: {exactly: $o}, first: 20) {
    nodes { id name phone { masked value } identityNumber { masked value } } totalCount(mode: EXACT) { value } } }";
const SCHEMA: &str = "{ __schema { queryType { fields { name } } } }";

/// The same document in a text that nobody sent before.
fn as_new(text: &str, nth: usize) -> String {
    format!("{text} # {nth} {}", crate::activities::next())
}

/// Data and errors of an answer; of the errors what does not follow the request.
fn said(answer: &Value) -> (Value, Value) {
    (
        answer["data"].clone(),
        answer["errors"][0]["extensions"]["code"].clone(),
    )
}

both_databases!(
    a_document_that_others_sent_is_answered_by_the_rights_of_who_sends_it,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let literal = format!(
            "{{ members(within: {{exactly: \"{branch}\"}}, first: 20) {{ nodes {{ id name phone {{ masked }} }} }} }}"
        );
        let users = [
            "branch-secretary",
            "member",
            "other-county-secretary",
            "county-service",
            "administrator",
        ];
        for (nth, (text, variables)) in [
            (OWN, json!({})),
            (ROSTER, json!({"o": branch})),
            (literal.as_str(), json!({})),
        ]
        .into_iter()
        .enumerate()
        {
            let shared = as_new(text, nth);
            let mut seen = Vec::new();
            for user in users {
                let client = server.client(user);
                // The first of them makes it known; each sends it twice, and once as a text of their own.
                for _ in 0..2 {
                    let known = client.graphql(&shared, variables.clone()).await;
                    let fresh = client.graphql(&as_new(text, nth), variables.clone()).await;
                    assert_eq!(said(&known), said(&fresh), "{user}: {text}");
                    let cost = |answer: &Value| answer["extensions"]["cost"]["requested"].clone();
                    assert_eq!(cost(&known), cost(&fresh), "{user} pays the same");
                    seen.push(said(&known));
                }
            }
            seen.dedup();
            assert!(seen.len() > 1, "all of them see the same: {text}");
            let nobody = Client::new(server.url());
            assert_eq!(nobody.error_code(&shared, variables).await, "UNAUTHENTICATED", "{text}");
        }
        // Nor does what signed-in accounts may ask become open by their asking.
        let text = as_new(SCHEMA, 9);
        for _ in 0..2 {
            assert!(server.client("member").data(&text, json!({})).await["__schema"].is_object());
        }
        assert_eq!(
            Client::new(server.url()).error_code(&text, json!({})).await,
            "UNAUTHENTICATED"
        );
    }
);

both_databases!(
    more_documents_than_are_kept_are_all_answered,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("activist");
        let first = client.graphql(OWN, json!({})).await;
        for nth in 0..600 {
            let answer = client.data(&as_new("{ viewer { id } }", nth), json!({})).await;
            assert!(answer["viewer"]["id"].is_string());
        }
        assert_eq!(
            said(&client.graphql(OWN, json!({})).await),
            said(&first),
            "forgotten and parsed anew"
        );
    }
);
