//! Wherever an id is taken, `external:<kind>:<system>:<value>` stands for what another system calls so.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, WsMessage, both_databases};

use super::within::{refusal, socket};
use super::{END, assign, targets};
use crate::admission::ago;

const MEMBER: &str = "query($id: ID!) { member(by: {id: $id}) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }";
const ENTER: &str = "mutation($input: EnterMemberInput!) { enterMember(input: $input) {
    member { id version branch { id } name } userErrors { code path } replayed } }";
const LEAVE: &str = "mutation($input: RecordDepartureInput!) { recordDeparture(input: $input) {
    member { id } userErrors { code path } replayed } }";
const FIGURES: &str = "subscription($o: ID!, $after: LogCursor) {
    figures(organization: $o, period: {kind: YEAR}, after: $after) { __typename } }";

async fn named(client: &Client, subject: Value, value: &str) -> Value {
    let key = format!("{value} {subject}");
    let given = assign(client, subject, value, &key).await;
    assert_eq!(given["userErrors"], json!([]), "{given}");
    given["subject"]["id"].clone()
}

both_databases!(
    a_name_stands_for_an_id_in_variables_literals_lists_and_fragments,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let client = server.client("village-secretary");
        let (one, _, activity) = targets(&server, "village-secretary").await;
        let org = server.account("village-secretary", "organizationId");
        named(&client, json!({"memberId": one}), "N 1:%").await;
        named(&client, json!({"activityId": activity}), "N-1").await;
        named(&server.client("town-secretary"), json!({"organizationId": org}), "N-1").await;

        let by = |name: &str| json!({"id": name});
        let known = client.data(MEMBER, json!({"id": one})).await;
        assert_eq!(known["member"]["id"], one);
        let name = "external:member:hr-test:N 1%3A%25";
        assert_eq!(client.data(MEMBER, by(name)).await, known);
        // As a default, and in the document itself: arguments, lists, input objects, fragments.
        let document = format!(
            "query($m: ID! = \"{name}\", $o: ID! = \"external:organization:hr-test:N-1\") {{ ...F member(by: {{id: $m}}) {{ id }}
             members(within: {{exactly: $o}}, first: 50) {{ nodes {{ id }} }}
             same: members(within: {{exactly: \"external:organization:hr-test:N-1\"}}, first: 50) {{ nodes {{ id }} }}
             byId: members(within: {{exactly: \"{org}\"}}, first: 50) {{ nodes {{ id }} }} }}
             fragment F on Query {{ organization(id: \"external:organization:hr-test:N-1\") {{ id }}
             nodes(ids: [\"{name}\", \"external:activity:hr-test:N-1\", \"external:activity:hr-test:N-2\"]) {{ id }} }}"
        );
        let found = client.data(&document, json!({})).await;
        assert_eq!(found["nodes"], json!([{"id": one}, {"id": activity}, null]), "{found}");
        assert_eq!(
            (&found["member"]["id"], &found["organization"]["id"]),
            (&one, &json!(org))
        );
        assert_ne!(found["byId"]["nodes"], json!([]));
        assert_eq!(found["members"], found["byId"]);
        assert_eq!(found["same"], found["byId"]);
        // No id of another kind, of another system, or of no kind.
        for name in [
            "external:activity:hr-test:N 1%3A%25",
            "external:member:other:N 1%3A%25",
            "external:N-1",
        ] {
            let nothing = client.data(MEMBER, by(name)).await;
            assert_eq!(
                nothing,
                json!({"member": null, "node": null, "nodes": [null]}),
                "{name}"
            );
        }
        // A name opens nothing.
        let outsider = server.client("other-county-secretary");
        let hidden = outsider.data(MEMBER, by(name)).await;
        assert_eq!(hidden, outsider.data(MEMBER, json!({"id": "mem_unknown"})).await);
        let ids: Vec<String> = (0..501).map(|n| format!("external:member:hr-test:{n}")).collect();
        let refused = client
            .graphql("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({"ids": ids}))
            .await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{refused}"
        );
        // Streams begin with a name too, and with none that stands for nothing.
        let mut socket = socket(&client).await;
        socket
            .subscribe("unknown", FIGURES, json!({"o": "external:organization:hr-test:N-2"}))
            .await;
        assert_eq!(refusal(socket.next().await), "NOT_FOUND");
        let after = client.data("{ log { oldest } }", json!({})).await["log"]["oldest"].clone();
        let org = "external:organization:hr-test:N-1";
        let written = FIGURES.replace("$o: ID!, ", "").replace("$o", &format!("\"{org}\""));
        for (id, document, variables) in [
            ("variable", FIGURES, json!({"o": org, "after": after})),
            ("literal", written.as_str(), json!({"after": after})),
        ] {
            socket.subscribe(id, document, variables).await;
            let first = socket.next().await;
            assert!(
                matches!(&first, WsMessage::Next { payload, .. } if payload["errors"].is_null() && !payload["data"]["figures"].is_null()),
                "{id}: {first:?}"
            );
        }
    }
);

both_databases!(
    a_name_stands_for_an_id_in_every_input_and_a_repeat_is_known_by_what_was_sent,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let client = server.client("village-secretary");
        let org = server.account("village-secretary", "organizationId");
        named(&server.client("town-secretary"), json!({"organizationId": org}), "B-1").await;
        // A text is no id, whatever it looks like.
        let text = "external:organization:hr-test:B-1";
        let input = json!({"branchId": text, "name": text, "standing": "FULL", "joinedOn": "2010-07-01",
            "becameFullOn": "2011-07-01", "idempotencyKey": "enter"});
        let entered = client.data(ENTER, json!({"input": input})).await["enterMember"].clone();
        assert_eq!(entered["userErrors"], json!([]), "{entered}");
        assert_eq!(
            (&entered["member"]["branch"]["id"], &entered["member"]["name"]),
            (&json!(org), &json!(text))
        );
        let id = &entered["member"]["id"];
        named(&client, json!({"memberId": id}), "M-1").await;
        let name = "external:member:hr-test:M-1";

        let mut unknown = input.clone();
        unknown["branchId"] = json!("external:organization:hr-test:B-2");
        unknown["idempotencyKey"] = json!("unknown");
        let refused = client.data(ENTER, json!({"input": unknown})).await["enterMember"].clone();
        assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{refused}");

        // Its own name is ended by it: the answer was lost, and the name says nothing any more.
        let ending =
            json!({"subject": {"memberId": name}, "system": "hr-test", "value": "M-1", "idempotencyKey": "end"});
        let ended = client.data(END, json!({"input": ending})).await["endExternalId"].clone();
        assert_eq!(
            (&ended["userErrors"], &ended["subject"]["id"]),
            (&json!([]), id),
            "{ended}"
        );
        let again = client.data(END, json!({"input": ending})).await["endExternalId"].clone();
        assert_eq!(
            (&again["userErrors"], &again["subject"]["id"]),
            (&json!([]), id),
            "{again}"
        );

        // Meanwhile it is somebody else's name: a repeat does nothing to them, another input is another one.
        let renamed = assign(&client, json!({"memberId": id}), "M-1", "anew").await;
        let version = renamed["subject"]["version"].clone();
        let leaving = json!({"memberId": name, "expectedVersion": version, "reason": "REMOVED", "leftOn": ago(0),
            "decision": {"decidedOn": ago(0), "documentNumber": "试1"}, "idempotencyKey": "leave"});
        let left = client.data(LEAVE, json!({"input": leaving})).await["recordDeparture"].clone();
        assert_eq!(
            (&left["userErrors"], &left["replayed"]),
            (&json!([]), &json!(false)),
            "{left}"
        );
        let ending =
            json!({"subject": {"memberId": id}, "system": "hr-test", "value": "M-1", "idempotencyKey": "end 2"});
        client.data(END, json!({"input": ending})).await;
        let (other, _, _) = targets(&server, "village-secretary").await;
        named(&client, json!({"memberId": other}), "M-1").await;
        let again = client.data(LEAVE, json!({"input": leaving})).await["recordDeparture"].clone();
        assert_eq!(
            (&again["userErrors"], &again["replayed"]),
            (&json!([]), &json!(true)),
            "{again}"
        );
        let mut by_id = leaving.clone();
        by_id["memberId"] = other;
        let differs = client.data(LEAVE, json!({"input": by_id})).await["recordDeparture"].clone();
        assert_eq!(differs["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH", "{differs}");
    }
);
