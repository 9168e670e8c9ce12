//! Affiliation transfer: asked for, accepted by the side it leads to; until then the old branch stays responsible.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

use crate::admission::lines;

pub const REQUEST: &str = "mutation($input: RequestTransferInput!) { requestTransfer(input: $input) {
    transfer { id version state from { id } to { id } } userErrors { code path } cursor replayed } }";
const ACCEPT: &str = "mutation($input: AcceptTransferInput!) { acceptTransfer(input: $input) {
    transfer { id version state effectiveOn } userErrors { code path } replayed } }";
const REJECT: &str = "mutation($input: RejectTransferInput!) { rejectTransfer(input: $input) {
    transfer { id version state answer } userErrors { code path } } }";
const WITHDRAW: &str = "mutation($input: WithdrawTransferInput!) { withdrawTransfer(input: $input) {
    transfer { id version state } userErrors { code path } } }";
const SCHEDULE: &str = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) {
    activity { id tally { expected } } userErrors { code } } }";
pub const ROSTER: &str =
    "query($o: ID!) { organization(id: $o) { secretary { id } headcount { fullMembers probationaryMembers } }
    members(within: {subtreeOf: $o}, first: 100) { nodes { id standing status } totalCount(mode: EXACT) { value } } }";

pub async fn ask(client: &Client, input: Value) -> Value {
    client.data(REQUEST, json!({"input": input})).await["requestTransfer"].take()
}

pub async fn accept(client: &Client, transfer: &Value, key: &str) -> Value {
    let input = json!({"transferId": transfer["id"], "expectedVersion": transfer["version"], "idempotencyKey": key});
    client.data(ACCEPT, json!({"input": input})).await["acceptTransfer"].take()
}

async fn reject(client: &Client, transfer: &Value, reason: &str, key: &str) -> Value {
    let input = json!({"transferId": transfer["id"], "reason": reason, "idempotencyKey": key});
    client.data(REJECT, json!({"input": input})).await["rejectTransfer"].take()
}

/// An active full member of the branch who is not its secretary, the `nth` of them.
pub async fn plain(client: &Client, branch: &str, nth: usize) -> Value {
    let found = client.data(ROSTER, json!({"o": branch})).await;
    let secretary = &found["organization"]["secretary"]["id"];
    let nodes = found["members"]["nodes"].as_array().expect("nodes");
    let mut plain = nodes
        .iter()
        .filter(|one| one["id"] != *secretary && one["standing"] == "FULL" && one["status"] == "ACTIVE");
    plain.nth(nth).expect("a plain member")["id"].clone()
}

/// Members by the stored figures, and counted one by one.
pub async fn strength(client: &Client, org: &str) -> (i64, i64) {
    let found = client.data(ROSTER, json!({"o": org})).await;
    let figures = &found["organization"]["headcount"];
    let figure = |name: &str| figures[name].as_i64().expect("a figure");
    let counted = found["members"]["totalCount"]["value"].as_i64().expect("a number");
    (figure("fullMembers") + figure("probationaryMembers"), counted)
}

pub async fn meeting(client: &Client, branch: &str, key: &str) -> (Value, i64) {
    let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": tests::now() + chrono::Duration::days(97),
        "mode": "HYBRID", "idempotencyKey": key});
    let made = client.data(SCHEDULE, json!({"input": input})).await["scheduleActivity"].take();
    let expected = made["activity"]["tally"]["expected"].as_i64();
    (
        made["activity"]["id"].clone(),
        expected.unwrap_or_else(|| panic!("not scheduled: {made}")),
    )
}

pub async fn expected(client: &Client, activity: &Value) -> i64 {
    let query = "query($id: ID!) { activity(id: $id) { tally { expected } } }";
    let found = client.data(query, json!({"id": activity})).await;
    found["activity"]["tally"]["expected"].as_i64().expect("a number")
}

both_databases!(
    a_transfer_moves_the_member_when_the_new_branch_accepts,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (from, to) = (
            server.client("village-secretary"),
            server.client("other-county-secretary"),
        );
        let old = server.account("village-secretary", "organizationId");
        let new = server.account("other-county-secretary", "organizationId");
        let city = (
            server.client("city-organization"),
            server.account("city-organization", "organizationId"),
        );
        let member = plain(&from, &old, 0).await;
        let (at_old, expected_old) = meeting(&from, &old, "m1").await;
        let (at_new, expected_new) = meeting(&to, &new, "m2").await;
        let before = (
            strength(&from, &old).await,
            strength(&to, &new).await,
            strength(&city.0, &city.1).await,
        );
        let asked = ask(
            &from,
            json!({"memberId": member, "fromId": old, "toId": new, "reason": "工作调动", "idempotencyKey": "t1"}),
        )
        .await;
        assert_eq!(asked["userErrors"], json!([]), "{asked}");
        let transfer = asked["transfer"].clone();
        assert_eq!(
            (&transfer["state"], &transfer["from"]["id"], &transfer["to"]["id"]),
            (&json!("REQUESTED"), &json!(old), &json!(new))
        );
        assert_eq!(lines(&to, "TRANSFER_TO_DECIDE", &transfer["id"]).await, 1);
        let second = ask(&from, json!({"memberId": member, "toId": new, "idempotencyKey": "t2"})).await;
        assert_eq!(second["userErrors"][0]["code"], "TRANSFER_PENDING", "{second}");
        assert_eq!(
            strength(&from, &old).await,
            before.0,
            "the old branch stays responsible"
        );
        let query = "query($id: ID!) { transfer(id: $id) { standing member { id name standing phone { value } identityNumber { value } }
            viewerCan(actions: [ACCEPT, REJECT, WITHDRAW]) { action allowed } } }";
        let seen = to.data(query, json!({"id": transfer["id"]})).await["transfer"].take();
        assert!(seen["member"]["name"].is_string(), "{seen}");
        assert_eq!(seen["standing"], "FULL");
        assert_eq!(
            (&seen["member"]["phone"], &seen["member"]["identityNumber"]),
            (&Value::Null, &Value::Null)
        );
        let can: Vec<&Value> = seen["viewerCan"]
            .as_array()
            .expect("answers")
            .iter()
            .map(|one| &one["allowed"])
            .collect();
        assert_eq!(can, [&json!(true), &json!(true), &json!(false)]);
        for (user, code) in [
            ("village-secretary", "FORBIDDEN"),
            ("county-secretary", "NOT_FOUND"),
            ("other-county", "NOT_FOUND"),
            ("county-organization", "NOT_FOUND"),
            ("branch-secretary", "NOT_FOUND"),
            ("member", "NOT_FOUND"),
        ] {
            let refused = accept(&server.client(user), &transfer, user).await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{user}: {refused}");
            assert_eq!(refused["transfer"], Value::Null);
        }
        let done = accept(&to, &transfer, "a1").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(done["transfer"]["state"], "ACCEPTED");
        assert!(done["transfer"]["effectiveOn"].is_string());
        assert_eq!(lines(&to, "TRANSFER_TO_DECIDE", &transfer["id"]).await, 0);
        assert_eq!(lines(&from, "TRANSFER_DECIDED", &transfer["id"]).await, 1);
        assert_eq!(accept(&to, &transfer, "a1").await["replayed"], true);
        let late = accept(&to, &transfer, "a2").await;
        assert_eq!(late["userErrors"][0]["code"], "CONFLICT", "{late}");
        let after = (
            strength(&from, &old).await,
            strength(&to, &new).await,
            strength(&city.0, &city.1).await,
        );
        let by = |(figure, counted): (i64, i64), more: i64| (figure + more, counted + more);
        assert_eq!(after, (by(before.0, -1), by(before.1, 1), before.2));
        assert_eq!(after.1.0, after.1.1, "figures equal a count");
        assert_eq!(expected(&from, &at_old).await, expected_old - 1);
        assert_eq!(expected(&to, &at_new).await, expected_new + 1);
        let query = "query($id: ID!) { member(by: {id: $id}) { branch { id } group { id } transfer { id } } }";
        let there = to.data(query, json!({"id": member})).await["member"].take();
        assert_eq!(there, json!({"branch": {"id": new}, "group": null, "transfer": null}));
        assert_eq!(from.data(query, json!({"id": member})).await["member"], Value::Null);
        let list =
            "query($o: ID!) { transfers(within: {exactly: $o}, states: [ACCEPTED], first: 10) { nodes { id } } }";
        let listed = from.data(list, json!({"o": old})).await["transfers"]["nodes"].take();
        assert_eq!(listed[0]["id"], transfer["id"]);
        // The post in the old branch ends with the day.
        let secretary = from.data(ROSTER, json!({"o": old})).await["organization"]["secretary"]["id"].take();
        let leaving = ask(
            &from,
            json!({"memberId": secretary, "toId": new, "idempotencyKey": "t3"}),
        )
        .await;
        assert_eq!(leaving["userErrors"], json!([]), "{leaving}");
        let own = reject(&from, &leaving["transfer"], "工作需要", "t4").await;
        assert_eq!(own["userErrors"][0]["code"], "OWN_MATTER", "{own}");
        assert_eq!(accept(&to, &leaving["transfer"], "a3").await["userErrors"], json!([]));
        let vacant = to.data(ROSTER, json!({"o": old})).await["organization"]["secretary"].take();
        assert_eq!(vacant, Value::Null);
        let lost = ask(
            &from,
            json!({"memberId": plain(&city.0, &old, 0).await, "toId": new, "idempotencyKey": "t5"}),
        )
        .await;
        assert_eq!(
            lost["userErrors"][0]["code"], "NOT_FOUND",
            "a post that ended cannot still act: {lost}"
        );
    }
);

both_databases!(
    a_transfer_leads_to_another_branch_and_is_refused_with_a_reason,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let (from, to) = (
            server.client("other-county-secretary"),
            server.client("village-secretary"),
        );
        let old = server.account("other-county-secretary", "organizationId");
        let new = server.account("village-secretary", "organizationId");
        let town = server.account("town-secretary", "organizationId");
        let member = plain(&from, &old, 1).await;
        for (target, code) in [(&old, "INVALID"), (&town, "KIND_NOT_ALLOWED_HERE")] {
            let refused = ask(
                &from,
                json!({"memberId": member, "toId": target, "idempotencyKey": code}),
            )
            .await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{refused}");
        }
        let nowhere = json!({"memberId": member, "toId": "org_00000000000000000000000000", "idempotencyKey": "n"});
        assert_eq!(ask(&from, nowhere).await["userErrors"][0]["code"], "NOT_FOUND");
        let foreign = ask(&to, json!({"memberId": member, "toId": new, "idempotencyKey": "f"})).await;
        assert_eq!(foreign["userErrors"][0]["code"], "NOT_FOUND", "{foreign}");
        let asked =
            ask(&from, json!({"memberId": member, "toId": new, "idempotencyKey": "r1"})).await["transfer"].take();
        let silent = reject(&to, &asked, " ", "r2").await;
        assert_eq!(silent["userErrors"][0]["code"], "REQUIRED", "{silent}");
        let done = reject(&to, &asked, "编制已满", "r3").await;
        assert_eq!(
            (&done["transfer"]["state"], &done["transfer"]["answer"]),
            (&json!("REJECTED"), &json!("编制已满")),
            "{done}"
        );
        let late = reject(&from, &asked, "再议", "r4").await;
        assert_eq!(late["userErrors"][0]["code"], "ALREADY_DECIDED", "{late}");
    }
);

both_databases!(
    who_asked_takes_a_transfer_back,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let member = server.client("member");
        let to = server.account("village-secretary", "organizationId");
        let asked = ask(&member, json!({"toId": to, "reason": "搬家", "idempotencyKey": "w1"})).await;
        assert_eq!(asked["userErrors"], json!([]), "{asked}");
        let withdraw = async |client: &Client, key: &str| {
            let input = json!({"transferId": asked["transfer"]["id"], "idempotencyKey": key});
            client.data(WITHDRAW, json!({"input": input})).await["withdrawTransfer"].take()
        };
        let other = withdraw(&server.client("village-secretary"), "w2").await;
        assert_eq!(other["userErrors"][0]["code"], "FORBIDDEN", "{other}");
        let done = withdraw(&member, "w3").await;
        assert_eq!(done["transfer"]["state"], "WITHDRAWN", "{done}");
    }
);
