//! What the documents of the cases are aimed at.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Server, busy_year};
use tokio::sync::Mutex;

/// What the documents are aimed at, found and made once in a city.
pub async fn targets(server: &Server) -> &'static Value {
    static TARGETS: Mutex<BTreeMap<String, &'static Value>> = Mutex::const_new(BTreeMap::new());
    let mut known = TARGETS.lock().await;
    if let Some(targets) = known.get(server.url()) {
        return targets;
    }
    let found: &'static Value = Box::leak(Box::new(all_targets(server).await));
    known.insert(server.url().to_owned(), found);
    found
}

async fn all_targets(server: &Server) -> Value {
    let mut targets = in_the_branch(server).await;
    let more = [
        above(server).await,
        of_people(server).await,
        made(server).await,
        under_way(server).await,
        asked(server).await,
        paused_webhook(server).await,
    ];
    let into = targets.as_object_mut().expect("an object");
    into.extend(more.into_iter().filter_map(|more| more.as_object().cloned()).flatten());
    targets
}

fn at(found: &Value, pointer: &str) -> Value {
    let value = found.pointer(pointer).cloned();
    value.unwrap_or_else(|| panic!("nothing at {pointer}: {found}"))
}

/// The first of these for which it holds.
fn first(nodes: &Value, holds: impl Fn(&Value) -> bool) -> Value {
    let found = nodes.as_array().and_then(|all| all.iter().find(|node| holds(node)));
    found.unwrap_or_else(|| panic!("nothing fits in {nodes}"))["id"].clone()
}

/// A branch, somebody of its roster, an activity that it held, an attendance there, what it owes, what is overdue in it, measures.
async fn in_the_branch(server: &Server) -> Value {
    let branch = server.account("branch-secretary", "organizationId");
    let query = "query($o: ID!, $year: Int!) { members(within: {exactly: $o}, first: 1) { nodes { id } }
        measures(within: {exactly: $o}, first: 100) { nodes { id decider member { id } } }
        alerts(within: {subtreeOf: $o}, open: true, first: 1) { nodes { id } }
        organization(id: $o) { children(first: 1) { nodes { id } } obligations(first: 1) { nodes { id } }
            register(year: $year, last: 1) { nodes { activity { id expected(first: 1) { nodes { id } } } } } } }";
    let found = server
        .client("branch-secretary")
        .data(query, json!({"o": branch, "year": busy_year()}))
        .await;
    let plain = own(server, "member").await;
    let theirs = |node: &Value| node["member"]["id"] == plain["member"]["id"];
    json!({
        "branch": branch,
        "person": at(&found, "/members/nodes/0/id"),
        "group": at(&found, "/organization/children/nodes/0/id"),
        "activity": at(&found, "/organization/register/nodes/0/activity/id"),
        "attendance": at(&found, "/organization/register/nodes/0/activity/expected/nodes/0/id"),
        "obligation": at(&found, "/organization/obligations/nodes/0/id"),
        "alert": at(&found, "/alerts/nodes/0/id"),
        "measure": first(&found["measures"]["nodes"], |node| node["decider"] == "SECRETARY" && !theirs(node)),
        "ownMeasure": first(&found["measures"]["nodes"], theirs),
    })
}

/// Orgs, and an alert that the town's secretary is asked about.
async fn above(server: &Server) -> Value {
    let town = server.account("town-secretary", "organizationId");
    let query = "query($o: ID!) { alerts(within: {childrenOf: $o}, open: true, first: 100) {
        nodes { id answer { state } viewerCan(actions: [URGE]) { allowed } } } }";
    let found = server.client("town-secretary").data(query, json!({"o": town})).await;
    let unanswered = |node: &Value| node["viewerCan"][0]["allowed"] == true && node["answer"].is_null();
    json!({
        "town": town,
        "townAlert": first(&found["alerts"]["nodes"], unanswered),
        "county": server.account("county-secretary", "organizationId"),
        "root": server.account("city-secretary", "organizationId"),
        "village": server.account("village-secretary", "organizationId"),
        "program": server.account("county-service", "clientId"),
        "clerkBranch": server.account("branch-clerk", "organizationId"),
        "registered": server.account("activist", "organizationId"),
        "nothing": format!("alr_{}", "0".repeat(26)),
        "long": "长".repeat(3000),
    })
}

/// A webhook of the county's program that tells nobody anything.
async fn paused_webhook(server: &Server) -> Value {
    let administrator = server.client("administrator");
    let program = server.account("county-service", "clientId");
    let create =
        "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } userErrors { code } } }";
    let input = json!({"accountId": program, "url": "http://127.0.0.1:49151/", "idempotencyKey": "guarded-webhook"});
    let made = administrator.data(create, json!({"input": input})).await;
    let id = at(&made, "/createWebhook/webhook/id");
    let pause = "mutation($input: PauseWebhookInput!) { pauseWebhook(input: $input) { userErrors { code } } }";
    let input = json!({"webhookId": id, "idempotencyKey": "guarded-webhook-paused"});
    administrator.data(pause, json!({"input": input})).await;
    json!({"webhook": id})
}

/// What an account is: member, account, applicant, posts.
async fn own(server: &Server, user: &str) -> Value {
    let query = "{ viewer { member { id } account { id } applicant { id } posts { id } } }";
    server.client(user).data(query, json!({})).await["viewer"].take()
}

/// People with an account, their accounts and posts.
async fn of_people(server: &Server) -> Value {
    let (plain, head) = (own(server, "member").await, own(server, "branch-secretary").await);
    let (officer, clerk) = (own(server, "branch-committee").await, own(server, "branch-clerk").await);
    let roster = "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id } } }";
    let branch = json!({"o": server.account("branch-clerk", "organizationId")});
    let people = server.client("branch-clerk").data(roster, branch).await;
    json!({
        "plain": plain["member"]["id"],
        "plainAccount": plain["account"]["id"],
        "head": head["member"]["id"],
        "headAccount": head["account"]["id"],
        "villager": own(server, "village-secretary").await["member"]["id"],
        "post": officer["posts"][0]["id"],
        "clerkPost": clerk["posts"][0]["id"],
        "colleague": first(&people["members"]["nodes"], |node| node["id"] != clerk["member"]["id"]),
        "applicant": own(server, "activist").await["applicant"]["id"],
    })
}

/// What the city has not: a resolution of long ago, and two exemptions in years to come that wait for a decision.
async fn made(server: &Server) -> Value {
    let branch = server.account("branch-secretary", "organizationId");
    let record = "mutation($o: ID!) { recordActivity(input: {organizationId: $o, kind: BRANCH_GENERAL_MEETING,
        startsAt: \"2021-12-10T02:00:00Z\", minutes: \"记录。\", resolutions: [{title: \"试\", kind: OTHER, ayes: 1}],
        idempotencyKey: \"guard-meeting\"}) { activity { resolutions { id } } } }";
    let meeting = server
        .client("branch-secretary")
        .data(record, json!({"o": branch}))
        .await;
    let people = of_people(server).await;
    let draft = "mutation($m: ID!) { setExemption(input: {memberId: $m, category: CARE, from: \"2030-01-01\", until: \"2030-03-01\",
        idempotencyKey: \"guard-exemption\"}) { exemption { id } } }";
    let by_officer = server
        .client("branch-committee")
        .data(draft, json!({"m": people["plain"]}))
        .await;
    let by_clerk = server
        .client("branch-clerk")
        .data(draft, json!({"m": people["colleague"]}))
        .await;
    json!({
        "resolution": at(&meeting, "/recordActivity/activity/resolutions/0/id"),
        "exemption": at(&by_officer, "/setExemption/exemption/id"),
        "draft": at(&by_clerk, "/setExemption/exemption/id"),
    })
}

/// Admissions and transfers that wait for an answer.
async fn under_way(server: &Server) -> Value {
    let (branch, village) = (
        server.account("branch-secretary", "organizationId"),
        server.account("village-secretary", "organizationId"),
    );
    let query =
        "query($root: ID!) { admissions(within: {subtreeOf: $root}, first: 100) { nodes { id state branch { id } } }
        transfers(within: {subtreeOf: $root}, first: 100) { nodes { id state to { id } } } }";
    let root = json!({"root": server.account("city-secretary", "organizationId")});
    let found = server.client("city-organization").data(query, root).await;
    let proposed = |node: &Value| node["state"] == "PROPOSED" && node["branch"]["id"] == village;
    let requested = |node: &Value| node["state"] == "REQUESTED" && node["to"]["id"] == branch;
    json!({
        "admission": first(&found["admissions"]["nodes"], proposed),
        "transfer": first(&found["transfers"]["nodes"], requested),
        "askedFor": a_transfer_asked_for(server, &village).await,
    })
}

/// One of the village asks to go to the branch in the other county.
async fn a_transfer_asked_for(server: &Server, village: &str) -> Value {
    let client = server.client("village-secretary");
    let person = crate::transfers::plain(&client, village, 6).await;
    let request = "mutation($m: ID!, $to: ID!) { requestTransfer(input: {memberId: $m, toId: $to, reason: \"试\",
        idempotencyKey: \"guard-transfer\"}) { transfer { id } userErrors { code } } }";
    let to = server.account("other-county-secretary", "organizationId");
    let variables = json!({"m": person, "to": to});
    let asked = client.data(request, variables).await;
    at(&asked, "/requestTransfer/transfer/id")
}

/// What waits for a decision: identity data to correct, leave of a lecture to come, a deviation; and a unit.
async fn asked(server: &Server) -> Value {
    let branch = server.account("branch-secretary", "organizationId");
    let unit = "mutation($o: ID!) { createActivityUnit(input: {organizationId: $o, kind: SECTION, name: \"守卫科\",
        idempotencyKey: \"guard-unit\"}) { unit { id } } }";
    let unit = server.client("branch-secretary").data(unit, json!({"o": branch})).await;
    let change = "mutation { askIdentityChange(input: {field: ADDRESS, value: \"云泽市试路一号\", idempotencyKey: \"guard-change\"})
        { identityChange { id } } }";
    let change = server.client("branch-committee").data(change, json!({})).await;
    let leave = leave_of(server, "branch-secretary", "member").await;
    // Which waits in the inbox of who decides.
    let waits = "{ viewer { inbox(first: 1) { nodes { id } } } }";
    let waits = server.client("branch-secretary").data(waits, json!({})).await;
    json!({
        "unit": at(&unit, "/createActivityUnit/unit/id"),
        "change": at(&change, "/askIdentityChange/identityChange/id"),
        "leave": leave,
        "line": at(&waits, "/viewer/inbox/nodes/0/id"),
        "clerkLeave": leave_of(server, "branch-clerk", "branch-clerk").await,
        "deviation": a_deviation(server).await,
    })
}

/// Leave that somebody asks of a lecture which somebody calls for a day to come.
async fn leave_of(server: &Server, convener: &str, of: &str) -> Value {
    let schedule =
        "mutation($o: ID!, $at: DateTime!) { scheduleActivity(input: {organizationId: $o, kind: PARTY_LECTURE,
        startsAt: $at, idempotencyKey: \"guard-lecture\"}) { activity { id } } }";
    let variables =
        json!({"o": server.account(convener, "organizationId"), "at": tests::now() + chrono::Duration::days(93)});
    let called = server.client(convener).data(schedule, variables).await;
    let ask = "mutation($a: ID!) { askLeave(input: {activityId: $a, category: WORK, idempotencyKey: \"guard-leave\"}) { leave { id } } }";
    let activity = json!({"a": at(&called, "/scheduleActivity/activity/id")});
    let asked = server.client(of).data(ask, activity).await;
    at(&asked, "/askLeave/leave/id")
}

/// Asked by the branch in the other county for what it owes and may ask it for.
async fn a_deviation(server: &Server) -> Value {
    let client = server.client("other-county-secretary");
    let query = "query($o: ID!) { obligations(within: {exactly: $o}, first: 100) {
        nodes { id viewerCan(actions: [ASK_DEVIATION]) { allowed } } } }";
    let branch = json!({"o": server.account("other-county-secretary", "organizationId")});
    let owed = client.data(query, branch).await;
    let may = |node: &Value| node["viewerCan"][0]["allowed"] == true;
    let ask = "mutation($o: ID!, $on: Date!) { askDeviation(input: {obligationId: $o, reason: \"试\", newDate: $on,
        idempotencyKey: \"guard-deviation\"}) { deviation { id } userErrors { code } } }";
    let on = tests::today() + chrono::Duration::days(60);
    let variables = json!({"o": first(&owed["obligations"]["nodes"], may), "on": on});
    let asked = client.data(ask, variables).await;
    at(&asked, "/askDeviation/deviation/id")
}
