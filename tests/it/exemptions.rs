//! Exemption from attendance by decision of the branch.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases, today};

const SET: &str = "mutation($input: SetExemptionInput!) { setExemption(input: $input) {
    exemption { id version state from until category } userErrors { code path } cursor replayed } }";
const DECIDE: &str = "mutation($input: DecideExemptionInput!) { decideExemption(input: $input) {
    exemption { id version state } userErrors { code path } } }";
const END: &str = "mutation($input: EndExemptionInput!) { endExemption(input: $input) {
    exemption { id version until } userErrors { code path } } }";
const ROSTER: &str = "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id status
    exemptions { id state until } } } }";

/// A day so many from today.
fn day(ahead: i64) -> String {
    (today() + chrono::Duration::days(ahead)).to_string()
}

fn decision() -> Value {
    json!({"decidedOn": "2026-01-05", "documentNumber": "试免〔2026〕1号"})
}

async fn set(client: &Client, member: &Value, until: &str, decision: Value, key: &str) -> Value {
    let input = json!({"memberId": member, "category": "OLD_AGE", "from": day(-60), "until": until, "decision": decision,
        "idempotencyKey": key});
    client.data(SET, json!({"input": input})).await["setExemption"].clone()
}

async fn without(client: &Client, org: &str, but: &Value) -> Vec<Value> {
    let nodes = client.data(ROSTER, json!({"o": org})).await["members"]["nodes"].clone();
    let fits = |node: &&Value| node["status"] == "ACTIVE" && node["exemptions"] == json!([]) && node["id"] != *but;
    nodes
        .as_array()
        .expect("nodes")
        .iter()
        .filter(fits)
        .map(|node| node["id"].clone())
        .collect()
}

async fn own(client: &Client) -> Value {
    client.data("{ viewer { member { id } } }", json!({})).await["viewer"]["member"]["id"].clone()
}

both_databases!(
    an_exemption_is_decided_by_the_head_of_the_branch_and_never_by_whom_it_concerns,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("other-county-secretary", "organizationId");
        let client = server.client("other-county-secretary");
        let me = own(&client).await;
        let people = without(&client, &org, &me).await;
        let person = people.first().expect("somebody");
        let mine = set(&client, &me, &day(200), decision(), "x0").await;
        assert_eq!(mine["userErrors"][0]["code"], "OWN_MATTER", "{mine}");
        let undecided = set(&client, person, &day(200), Value::Null, "x1").await;
        assert_eq!(
            undecided["userErrors"][0]["code"], "COLLECTIVE_DECISION_REQUIRED",
            "{undecided}"
        );
        let backward = set(&client, person, &day(-61), decision(), "x2").await;
        assert_eq!(
            backward["userErrors"][0],
            json!({"code": "INVALID", "path": ["input", "until"]})
        );
        for user in ["village-secretary", "city-secretary", "administrator"] {
            let hidden = set(&server.client(user), person, &day(200), decision(), "x").await;
            assert_eq!(hidden["userErrors"][0]["code"], "NOT_FOUND", "{user}: {hidden}");
        }
        let done = set(&client, person, &day(200), decision(), "x3").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(done["exemption"]["state"], "ACCEPTED");
        let again = set(&client, person, &day(200), decision(), "x3").await;
        assert_eq!(
            (&again["replayed"], &again["exemption"]["id"]),
            (&json!(true), &done["exemption"]["id"])
        );
        let twice = set(&client, person, &day(170), decision(), "x4").await;
        assert_eq!(twice["userErrors"][0]["code"], "WRONG_STATE", "{twice}");
        let end = async |version: i64, key: &str| {
            let input =
                json!({"exemptionId": done["exemption"]["id"], "expectedVersion": version, "idempotencyKey": key});
            client.data(END, json!({"input": input})).await["endExemption"].clone()
        };
        let stale = end(7, "n1").await;
        assert_eq!(
            (&stale["userErrors"][0]["code"], &stale["exemption"]["version"]),
            (&json!("CONFLICT"), &json!(1))
        );
        let ended = end(1, "n2").await;
        assert_eq!(ended["userErrors"], json!([]), "{ended}");
        assert!(ended["exemption"]["until"].as_str().expect("a day") < day(200).as_str());
    }
);

both_databases!(
    what_an_officer_without_the_decision_enters_is_a_draft,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("branch-secretary", "organizationId");
        let (head, officer) = (server.client("branch-secretary"), server.client("branch-committee"));
        let me = own(&head).await;
        let people = without(&officer, &org, &me).await;
        let draft = set(&officer, people.last().expect("somebody"), &day(200), Value::Null, "d1").await;
        assert_eq!(
            (&draft["exemption"]["state"], &draft["userErrors"]),
            (&json!("OPEN"), &json!([])),
            "{draft}"
        );
        let decide = async |who: &Client, accepted: bool, key: &str| {
            let input = json!({"exemptionId": draft["exemption"]["id"], "accepted": accepted, "decision": decision(),
                "idempotencyKey": key});
            who.data(DECIDE, json!({"input": input})).await["decideExemption"].clone()
        };
        let refused = decide(&officer, true, "d2").await;
        assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{refused}");
        let done = decide(&head, true, "d3").await;
        assert_eq!(
            (&done["exemption"]["state"], &done["userErrors"]),
            (&json!("ACCEPTED"), &json!([])),
            "{done}"
        );
        let late = decide(&head, false, "d4").await;
        assert_eq!(late["userErrors"][0]["code"], "ALREADY_DECIDED", "{late}");
    }
);
