//! Orgs, members and activities carry names of other systems, one object a name.

mod in_place_of_ids;
mod within;

use serde_json::{Value, json};
use tests::{Client, Server, both_databases, busy_year};

const ASSIGN: &str = "mutation($input: AssignExternalIdInput!) { assignExternalId(input: $input) {
    subject { id ... on Organization { version externalIds { system value } } ... on Member { version externalIds { system value } }
    ... on Activity { version externalIds { system value } } } userErrors { code path params } cursor replayed } }";
const END: &str = "mutation($input: EndExternalIdInput!) { endExternalId(input: $input) {
    subject { id ... on Member { externalIds { value } } } userErrors { code path } } }";
const FIND: &str =
    "query($n: ExternalIdInput!) { organization(by: {external: $n}) { id } member(by: {external: $n}) { id }
    activity(by: {external: $n}) { id } }";

async fn assign(client: &Client, subject: Value, value: &str, key: &str) -> Value {
    let input = json!({"subject": subject, "system": "hr-test", "value": value, "idempotencyKey": key});
    client.data(ASSIGN, json!({"input": input})).await["assignExternalId"].clone()
}

/// Two members of the branch, none of them the reader, and a held activity.
async fn targets(server: &Server, user: &str) -> (Value, Value, Value) {
    let org = server.account(user, "organizationId");
    let query = "query($o: ID!, $year: Int!) { viewer { member { id } } members(within: {exactly: $o}, first: 9) { nodes { id } }
        organization(id: $o) { register(year: $year, last: 1) { nodes { activity { id } } } } }";
    let variables = json!({"o": org, "year": busy_year()});
    let found = server.client(user).data(query, variables).await;
    let own = &found["viewer"]["member"]["id"];
    let mut others = found["members"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .filter(|node| node["id"] != *own);
    let mut other = || others.next().expect("a member")["id"].clone();
    (
        other(),
        other(),
        found["organization"]["register"]["nodes"][0]["activity"]["id"].clone(),
    )
}

both_databases!(
    a_name_finds_its_org_member_and_activity_and_no_second_one_takes_it,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("village-secretary");
        let (one, two, activity) = targets(server, "village-secretary").await;
        let named = assign(&client, json!({"memberId": one}), "P-1", "e1").await;
        assert_eq!(named["userErrors"], json!([]), "{named}");
        assert_eq!(named["subject"]["id"], one);
        assert!(named["subject"]["externalIds"].to_string().contains("P-1"));
        let same = assign(&client, json!({"memberId": one}), "P-1", "e2").await;
        assert_eq!(
            (&same["userErrors"], &same["subject"]["version"]),
            (&json!([]), &named["subject"]["version"])
        );
        let taken = assign(&client, json!({"memberId": two}), "P-1", "e3").await;
        assert_eq!(
            taken["userErrors"],
            json!([{"code": "EXTERNAL_ID_TAKEN", "path": ["input", "value"], "params": {}}])
        );
        assert_eq!(taken["subject"], Value::Null);
        // The same answer to who may not see whom it belongs to.
        let (elsewhere, _, _) = targets(server, "other-county-secretary").await;
        let hidden = assign(
            &server.client("other-county-secretary"),
            json!({"memberId": elsewhere}),
            "P-1",
            "e4",
        )
        .await;
        assert_eq!(hidden["userErrors"], taken["userErrors"]);
        // A name is one within its kind.
        let held = assign(&client, json!({"activityId": activity}), "P-1", "e5").await;
        assert_eq!(held["userErrors"], json!([]), "{held}");
        let org = server.account("village-secretary", "organizationId");
        let town = server.client("town-secretary");
        let own = assign(&town, json!({"organizationId": org}), "P-1", "e6").await;
        assert_eq!(own["userErrors"], json!([]), "{own}");

        let name = json!({"n": {"system": "hr-test", "value": "P-1"}});
        let found = client.data(FIND, name.clone()).await;
        assert_eq!(
            found,
            json!({"organization": {"id": org}, "member": {"id": one}, "activity": {"id": activity}})
        );
        let outsider = server.client("other-county-secretary").data(FIND, name.clone()).await;
        assert_eq!(
            outsider,
            json!({"organization": {"id": org}, "member": null, "activity": null}),
            "a name opens nothing"
        );
        let input = json!({"subject": {"memberId": one}, "system": "hr-test", "value": "P-1", "idempotencyKey": "e7"});
        let ended = client.data(END, json!({"input": input})).await["endExternalId"].clone();
        assert_eq!(ended["userErrors"], json!([]), "{ended}");
        assert_eq!(client.data(FIND, name).await["member"], Value::Null);
        let input = json!({"subject": {"memberId": one}, "system": "hr-test", "value": "P-1", "idempotencyKey": "e8"});
        let gone = client.data(END, json!({"input": input})).await["endExternalId"].clone();
        assert_eq!(gone["userErrors"][0]["code"], "NOT_FOUND");
        let free = assign(&client, json!({"memberId": two}), "P-1", "e9").await;
        assert_eq!(
            free["userErrors"],
            json!([]),
            "an ended name may be given again: {free}"
        );
    }
);

both_databases!(
    names_are_given_by_who_records_the_object_and_never_by_guessing,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let (one, _, activity) = targets(server, "branch-secretary").await;
        let org = server.account("branch-secretary", "organizationId");
        for (user, subject, code) in [
            ("branch-secretary", json!({"organizationId": org}), "FORBIDDEN"),
            ("member", json!({"memberId": one}), "FORBIDDEN"),
            ("city-secretary", json!({"memberId": one}), "NOT_FOUND"),
            ("other-county-secretary", json!({"activityId": activity}), "NOT_FOUND"),
            ("administrator", json!({"memberId": one}), "NOT_FOUND"),
        ] {
            let refused = assign(&server.client(user), subject, "P-9", "n1").await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{user}: {refused}");
        }
        let client = server.client("branch-secretary");
        for (value, code) in [
            (String::new(), "REQUIRED"),
            ("长".repeat(101), "TOO_LONG"),
            (" P".to_owned(), "INVALID"),
        ] {
            let refused = assign(&client, json!({"memberId": one}), &value, "n2").await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{refused}");
        }
        let both = "query($o: ID!) { organization(id: $o, by: {id: $o}) { id } }";
        assert_eq!(client.error_code(both, json!({"o": org})).await, "BAD_USER_INPUT");
    }
);
