//! Dissolving an org takes as many statements as it takes, whatever the org had planned.

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::orgs::create;
use tests::{Client, Server, TestDatabase, both_databases};

const SCHEDULE: &str = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) {
    activity { id version } userErrors { code path params } } }";
const DISSOLVE: &str = "mutation($input: DissolveOrganizationInput!) { dissolveOrganization(input: $input) {
    organization { id dissolvedOn } userErrors { code path params } } }";
const PLANNED: &str =
    "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Activity { status cancelReason version organizations { id } } } }";
const CHANGES: &str =
    "query($after: LogCursor!) { changes(after: $after, first: 100) { changes { op entityKind entityId } } }";

/// What an org of a town has planned before it is dissolved.
struct Planned {
    org: Value,
    own: Vec<Value>,
    joined: Vec<Value>,
}

async fn schedule(client: &Client, host: &Value, others: &[&Value], day: i64, key: &str) -> Value {
    let at = tests::now() + chrono::Duration::days(day);
    let input = json!({"organizationId": host, "kind": "PARTY_LECTURE", "startsAt": at, "organizations": others,
        "agenda": [{"kind": "LECTURE_SITUATION", "title": "形势"}], "idempotencyKey": key});
    let made = client.data(SCHEDULE, json!({"input": input})).await["scheduleActivity"].take();
    assert_eq!(made["userErrors"], json!([]), "{made}");
    made["activity"].clone()
}

/// A branch below the village's town, with lectures of its own and others at the village's. An org without people has nobody who
/// could plan, so the village does it.
async fn plan(server: &Server, database: &TestDatabase, days: std::ops::Range<i64>, key: &str) -> Planned {
    let village = server.client("village-secretary");
    let host = json!(server.account("village-secretary", "organizationId"));
    let parent = "query($o: ID!) { organization(id: $o) { parent { id } } }";
    let town = village.data(parent, json!({"o": host})).await["organization"]["parent"]["id"].take();
    let town = town.as_str().expect("a town").to_owned();
    let made = create(
        &server.client("town-secretary"),
        &town,
        "BRANCH",
        &format!("{key}-branch"),
    )
    .await;
    let org = made["organization"]["id"].clone();
    assert!(org.is_string(), "{made}");
    let (mut own, mut joined) = (Vec::new(), Vec::new());
    for day in days {
        own.push(schedule(&village, &host, &[&org], day, &format!("{key}-own-{day}")).await);
        joined.push(schedule(&village, &host, &[&org], 100 + day, &format!("{key}-joined-{day}")).await);
    }
    // The first half becomes the new branch's own.
    let rows = database.connect().await;
    for activity in &own {
        let sql = format!(
            "UPDATE activity SET host_id = {} WHERE id = {}",
            text(&org),
            text(&activity["id"])
        );
        rows.execute_unprepared(&sql).await.expect("the host is changed");
    }
    rows.close().await.expect("closed");
    Planned { org, own, joined }
}

fn text(value: &Value) -> String {
    format!("'{}'", value.as_str().expect("an id"))
}

both_databases!(
    statements_of_a_dissolution_do_not_follow_how_much_was_planned,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let town = server.client("town-secretary");
        let mut counts = Vec::new();
        for (days, key) in [(100..101, "few"), (110..111, "warm"), (120..129, "many")] {
            let planned = plan(&server, &database, days, key).await;
            let village = server.client("village-secretary");
            let here = village.data("{ log { cursor } }", json!({})).await["log"]["cursor"].take();
            let input = json!({"id": planned.org, "expectedVersion": 1, "reason": "调整", "idempotencyKey": format!("{key}-off"),
                "decision": {"decidedOn": "2026-01-05", "documentNumber": format!("试〔2026〕{key}号")}});
            let before = server.statements().await;
            let gone = town.data(DISSOLVE, json!({"input": input})).await["dissolveOrganization"].take();
            counts.push(server.statements().await - before);
            assert_eq!(gone["userErrors"], json!([]), "{gone}");
            let ids: Vec<&Value> = planned
                .own
                .iter()
                .chain(&planned.joined)
                .map(|one| &one["id"])
                .collect();
            let nodes = village.data(PLANNED, json!({"ids": ids})).await["nodes"].take();
            let nodes = nodes.as_array().expect("nodes");
            let (own, joined) = nodes.split_at(planned.own.len());
            for (node, before) in own.iter().zip(&planned.own) {
                assert_eq!(
                    (&node["status"], &node["version"]),
                    (
                        &json!("CANCELLED"),
                        &json!(before["version"].as_i64().expect("a number") + 1)
                    )
                );
                assert!(
                    node["cancelReason"].as_str().is_some_and(|reason| reason.contains(key)),
                    "{node}"
                );
            }
            for (node, before) in joined.iter().zip(&planned.joined) {
                assert_eq!(node["status"], "SCHEDULED", "{node}");
                assert_eq!(
                    node["version"],
                    json!(before["version"].as_i64().expect("a number") + 1)
                );
                assert_eq!(node["organizations"].as_array().map(Vec::len), Some(1), "{node}");
            }
            // Each of them is told.
            let told = village.data(CHANGES, json!({"after": here})).await["changes"]["changes"].take();
            let told = told.as_array().expect("changes");
            for id in ids {
                assert!(
                    told.iter()
                        .any(|change| change["entityKind"] == "ACTIVITY" && change["entityId"] == *id),
                    "{id}: {told:?}"
                );
            }
        }
        assert_eq!(counts[1], counts[2], "one planned and nine planned: {counts:?}");
    }
);
