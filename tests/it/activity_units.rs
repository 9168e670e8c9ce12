//! Units of an org host its activities (G3.2).

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const CREATE: &str = "mutation($input: CreateActivityUnitInput!) { createActivityUnit(input: $input) {
    unit { id version name kind closedOn organization { id } } userErrors { code path } cursor replayed } }";
const RENAME: &str = "mutation($input: RenameActivityUnitInput!) { renameActivityUnit(input: $input) {
    unit { id version name } userErrors { code path } } }";
const CLOSE: &str = "mutation($input: CloseActivityUnitInput!) { closeActivityUnit(input: $input) {
    unit { id version closedOn } userErrors { code path } } }";
const LIST: &str = "query($o: ID!, $closed: Boolean) { organization(id: $o) {
    activityUnits(closed: $closed, first: 100) { nodes { id name } } } }";
const SCHEDULE: &str = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) {
    activity { id unit { id name } } userErrors { code path } } }";

async fn create(client: &Client, org: &str, name: &str, key: &str) -> Value {
    let input = json!({"organizationId": org, "kind": "WORKSHOP", "name": name, "idempotencyKey": key});
    client.data(CREATE, json!({"input": input})).await["createActivityUnit"].clone()
}

both_databases!(
    g3_2_a_unit_is_opened_hosts_an_activity_and_is_closed,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("other-county-secretary", "organizationId");
        let client = server.client("other-county-secretary");
        let made = create(&client, &org, "三号车间", "u1").await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        assert_eq!(made["unit"]["organization"]["id"], json!(org));
        assert_eq!(create(&client, &org, "三号车间", "u1").await["replayed"], true);
        let twice = create(&client, &org, " 三号车间 ", "u2").await;
        assert_eq!(twice["userErrors"][0]["code"], "NAME_TAKEN", "{twice}");
        let unit = made["unit"]["id"].clone();
        let input = json!({"unitId": unit, "expectedVersion": 1, "name": "三号车间甲班", "idempotencyKey": "u3"});
        let renamed = client.data(RENAME, json!({"input": input})).await["renameActivityUnit"].clone();
        assert_eq!(
            (&renamed["unit"]["name"], &renamed["unit"]["version"]),
            (&json!("三号车间甲班"), &json!(2)),
            "{renamed}"
        );
        let input = json!({"unitId": unit, "expectedVersion": 1, "name": "旧", "idempotencyKey": "u4"});
        let stale = client.data(RENAME, json!({"input": input})).await["renameActivityUnit"].clone();
        assert_eq!(
            (&stale["userErrors"][0]["code"], &stale["unit"]["version"]),
            (&json!("CONFLICT"), &json!(2))
        );

        let schedule = async |host: &str, key: &str| {
            let starts_at = tests::now() + chrono::Duration::days(40);
            let input = json!({"organizationId": host, "unitId": unit, "kind": "PARTY_LECTURE", "startsAt": starts_at,
                "notice": false, "idempotencyKey": key});
            client.data(SCHEDULE, json!({"input": input})).await["scheduleActivity"].clone()
        };
        let hosted = schedule(&org, "u5").await;
        assert_eq!(
            hosted["activity"]["unit"],
            json!({"id": unit, "name": "三号车间甲班"}),
            "{hosted}"
        );
        let input = json!({"unitId": unit, "idempotencyKey": "u6"});
        let closed = client.data(CLOSE, json!({"input": input})).await["closeActivityUnit"].clone();
        assert!(closed["unit"]["closedOn"].is_string(), "{closed}");
        let refused = schedule(&org, "u7").await;
        assert_eq!(
            (&refused["userErrors"][0]["code"], &refused["userErrors"][0]["path"]),
            (&json!("INVALID"), &json!(["input", "unitId"]))
        );
        let named = async |closed: bool| {
            let found = client.data(LIST, json!({"o": org, "closed": closed})).await;
            found["organization"]["activityUnits"]["nodes"]
                .to_string()
                .contains("三号车间甲班")
        };
        assert!(!named(false).await && named(true).await);
        let shown = client
            .data(
                "query($id: ID!) { node(id: $id) { ... on ActivityUnit { name } } }",
                json!({"id": unit}),
            )
            .await;
        assert_eq!(shown["node"]["name"], "三号车间甲班");
    }
);

both_databases!(
    only_who_records_activities_there_keeps_the_units,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("branch-secretary", "organizationId");
        for user in [
            "member",
            "county-secretary",
            "county-organization",
            "village-secretary",
            "administrator",
        ] {
            let refused = create(&server.client(user), &org, "他人所设", "v1").await;
            assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{user}: {refused}");
        }
        let own = server.account("branch-clerk", "organizationId");
        let made = create(&server.client("branch-clerk"), &own, "综合一科", "v2").await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let long = create(&server.client("branch-clerk"), &own, &"长".repeat(101), "v3").await;
        assert_eq!(long["userErrors"][0]["code"], "TOO_LONG");
    }
);
