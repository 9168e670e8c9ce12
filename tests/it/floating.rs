//! A floating member is offered a remote mode or a host branch, or it is a finding on the branch (G1.1e).

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const FINDINGS: &str =
    "query($o: ID!) { findings(within: {exactly: $o}, kinds: [FLOATING_MEMBER_WITHOUT_OFFER], first: 10) { nodes {
    kind count text addressee { id } organization { id } basis { clause } } } }";
const RECORD: &str = "mutation($input: RecordMemberInput!) { recordMember(input: $input) { member { id version } userErrors { code path } } }";
const SCHEDULE: &str = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) { activity { id } userErrors { code path } } }";
const CANCEL: &str =
    "mutation($input: CancelActivityInput!) { cancelActivity(input: $input) { activity { id } userErrors { code } } }";
const MEMBERS: &str =
    "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id version status hostBranch { id } } } }";

async fn finding(client: &Client, org: &str) -> Value {
    client.data(FINDINGS, json!({"o": org})).await["findings"]["nodes"][0].clone()
}

both_databases!(
    g1_1e_a_floating_member_without_an_offer_is_a_finding_until_one_is_offered,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let org = server.account("moved-secretary", "organizationId");
        let client = server.client("moved-secretary");
        // What the branch offered online before is taken away, so that only this test's offers count.
        let rows = database.connect().await;
        sea_orm::ConnectionTrait::execute_unprepared(&rows, "UPDATE activity SET mode = 'ON_SITE'")
            .await
            .expect("changed");
        let nodes = client.data(MEMBERS, json!({"o": org})).await["members"]["nodes"].clone();
        let nodes = nodes.as_array().expect("nodes").clone();
        let unhosted = nodes
            .iter()
            .filter(|node| node["status"] == "FLOATING" && node["hostBranch"].is_null())
            .count();
        let person = nodes
            .iter()
            .find(|node| node["status"] == "ACTIVE")
            .expect("an active member");
        let record = async |version: i64, more: Value, key: &str| {
            let mut input = json!({"memberId": person["id"], "expectedVersion": version, "idempotencyKey": key});
            for (name, value) in more.as_object().expect("an object") {
                input[name] = value.clone();
            }
            let done = client.data(RECORD, json!({"input": input})).await["recordMember"].clone();
            assert_eq!(done["userErrors"], json!([]), "{done}");
            done["member"]["version"].as_i64().expect("a version")
        };
        let version = record(
            person["version"].as_i64().expect("a version"),
            json!({"status": "FLOATING"}),
            "f1",
        )
        .await;
        let found = finding(&client, &org).await;
        assert_eq!(found["count"], json!(unhosted + 1), "{found}");
        assert_eq!(
            (&found["addressee"]["id"], &found["basis"]["clause"]),
            (&json!(org), &json!("G1.1e")),
            "{found}"
        );
        assert!(found["text"].as_str().is_some_and(|text| text.contains("流动党员")));
        // A host branch clears it for this member.
        let host = server.account("branch-secretary", "organizationId");
        let version = record(version, json!({"hostBranchId": host}), "f2").await;
        let left = finding(&client, &org).await;
        assert_eq!(left["count"].as_u64().unwrap_or_default(), unhosted as u64, "{left}");
        record(version, json!({"hostBranchId": null}), "f3").await;
        // A remote mode clears it for all, as long as it is not cancelled.
        let input = json!({"organizationId": org, "kind": "PARTY_LECTURE", "mode": "HYBRID", "onlineAddress": "https://example.org/1",
            "startsAt": tests::now() + chrono::Duration::days(3), "idempotencyKey": "f4"});
        let lecture = client.data(SCHEDULE, json!({"input": input})).await["scheduleActivity"].clone();
        assert_eq!(lecture["userErrors"], json!([]), "{lecture}");
        assert_eq!(finding(&client, &org).await, Value::Null);
        let input = json!({"activityId": lecture["activity"]["id"], "reason": "改期", "idempotencyKey": "f5"});
        client.data(CANCEL, json!({"input": input})).await;
        assert_eq!(finding(&client, &org).await["count"], json!(unhosted + 1));
    }
);
