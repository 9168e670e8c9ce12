//! What waits or is owed follows the people and orgs it hangs on: to a new approver, out of a branch, out of the Party.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use crate::admission::{FULL, ago, decide, decision, lines, propose, prospect};
use crate::transfers::{accept, ask, expected, meeting, plain, strength};

const MOVE: &str = "mutation($input: MoveOrganizationInput!) { moveOrganization(input: $input) {
    organization { parent { id } } userErrors { code path } } }";
const ADMISSION: &str = "query($id: ID!) { admission(id: $id) { id version state approver { id } } }";
const LEAVE: &str = "mutation($input: RecordDepartureInput!) { recordDeparture(input: $input) {
    member { id status leftOn } userErrors { code path } replayed } }";
const TOWNS: &str =
    "query($o: ID!) { organization(id: $o) { version children(first: 50) { nodes { id kind version } } } }";

async fn admission(client: &Client, admission: &Value) -> Value {
    client.data(ADMISSION, json!({"id": admission["id"]})).await["admission"].take()
}

async fn another_town(client: &Client, county: &str, town: &str) -> String {
    let found = client.data(TOWNS, json!({"o": county})).await;
    let nodes = found["organization"]["children"]["nodes"].as_array().expect("nodes");
    let other = nodes
        .iter()
        .find(|one| one["kind"] == "TOWN_COMMITTEE" && one["id"] != town);
    other.expect("another town")["id"].as_str().expect("an id").to_owned()
}

/// A probationary member of the branch, admitted long ago.
async fn probationary(branch: (&Client, &str), approver: &Client, key: &str) -> Value {
    let person = prospect(branch.0, branch.1, key).await;
    let proposed = propose(
        branch.0,
        &person,
        json!({"decision": decision("2024-10-01")}),
        &format!("{key}-p"),
    )
    .await;
    let verdict = json!({"decision": decision("2024-10-09")});
    let admitted = decide(approver, &proposed["admission"], verdict, &format!("{key}-d")).await;
    assert_eq!(admitted["userErrors"], json!([]), "{admitted}");
    admitted["admission"]["member"]["id"].clone()
}

both_databases!(
    g1_1a_an_admission_that_waits_follows_its_branch_to_the_new_approver,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (branch, town) = (server.client("village-secretary"), server.client("town-secretary"));
        let (at, approver, county) = (
            server.account("village-secretary", "organizationId"),
            server.account("town-secretary", "organizationId"),
            server.account("county-organization", "organizationId"),
        );
        let staff = server.client("county-organization");
        let person = prospect(&branch, &at, "p1").await;
        let waiting = propose(&branch, &person, json!({"decision": decision(&ago(9))}), "p2").await["admission"].take();
        assert_eq!(waiting["approver"]["id"], json!(approver), "{waiting}");
        assert_eq!(lines(&town, "ADMISSION_TO_DECIDE", &waiting["id"]).await, 1);
        let to = another_town(&staff, &county, &approver).await;
        let version = staff.data(TOWNS, json!({"o": at})).await["organization"]["version"].take();
        let input = json!({"id": at, "parentId": to, "expectedVersion": version, "reason": "区划调整",
            "decision": decision(&ago(1)), "idempotencyKey": "move"});
        let moved = staff.data(MOVE, json!({"input": input})).await["moveOrganization"].take();
        assert_eq!(moved["userErrors"], json!([]), "{moved}");
        let after = admission(&branch, &waiting).await;
        assert_eq!(
            (&after["state"], &after["approver"]["id"]),
            (&json!("PROPOSED"), &json!(to)),
            "{after}"
        );
        assert_eq!(
            lines(&town, "ADMISSION_TO_DECIDE", &waiting["id"]).await,
            0,
            "the old approver is done"
        );
        let late = decide(&town, &after, json!({"decision": decision(&ago(1))}), "late").await;
        assert_eq!(late["userErrors"][0]["code"], "NOT_FOUND", "{late}");
    }
);

both_databases!(
    a_proposal_of_full_membership_ends_where_the_member_leaves_the_branch,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (from, town) = (server.client("village-secretary"), server.client("town-secretary"));
        let to = server.client("other-county-secretary");
        let (old, new) = (
            server.account("village-secretary", "organizationId"),
            server.account("other-county-secretary", "organizationId"),
        );
        let member = probationary((&from, &old), &town, "f").await;
        let input = json!({"memberId": member, "decision": decision(&ago(20)), "idempotencyKey": "full"});
        let waiting = from.data(FULL, json!({"input": input})).await["proposeFullMembership"]["admission"].take();
        assert_eq!(waiting["state"], "PROPOSED", "{waiting}");
        let asked = ask(&from, json!({"memberId": member, "toId": new, "idempotencyKey": "t"})).await;
        assert_eq!(accept(&to, &asked["transfer"], "a").await["userErrors"], json!([]));
        assert_eq!(lines(&town, "ADMISSION_TO_DECIDE", &waiting["id"]).await, 0);
        let input = json!({"memberId": member, "decision": decision(&ago(0)), "idempotencyKey": "anew"});
        let anew = to.data(FULL, json!({"input": input})).await["proposeFullMembership"].take();
        assert_eq!(
            anew["admission"]["state"], "PROPOSED",
            "the new branch proposes: {anew}"
        );
    }
);

both_databases!(
    who_left_is_counted_nowhere_and_expected_nowhere,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let client = server.client("village-secretary");
        let branch = server.account("village-secretary", "organizationId");
        let city = (
            server.client("city-organization"),
            server.account("city-organization", "organizationId"),
        );
        let member = plain(&client, &branch, 0).await;
        let (activity, places) = meeting(&client, &branch, "m").await;
        let before = (strength(&client, &branch).await, strength(&city.0, &city.1).await);
        let query = "query($id: ID!) { member(by: {id: $id}) { version } }";
        let version = client.data(query, json!({"id": member})).await["member"]["version"].take();
        let leave = async |reason: &str, day: &str, key: &str| {
            let input = json!({"memberId": member, "expectedVersion": version, "reason": reason, "leftOn": day,
                "decision": decision(&ago(2)), "idempotencyKey": key});
            client.data(LEAVE, json!({"input": input})).await["recordDeparture"].take()
        };
        let early = leave("REMOVED", "1950-01-01", "l1").await;
        assert_eq!(early["userErrors"][0]["code"], "DATE_TOO_EARLY", "{early}");
        let done = leave("REMOVED", &ago(1), "l2").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(
            (&done["member"]["status"], &done["member"]["leftOn"]),
            (&json!("LEFT"), &json!(ago(1)))
        );
        let after = (strength(&client, &branch).await, strength(&city.0, &city.1).await);
        assert_eq!(
            (after.0.0, after.1.0),
            (before.0.0 - 1, before.1.0 - 1),
            "the figures of every level"
        );
        assert_eq!(expected(&client, &activity).await, places - 1);
        let twice = leave("REMOVED", &ago(1), "l3").await;
        assert_eq!(twice["userErrors"][0]["code"], "CONFLICT", "{twice}");
    }
);
