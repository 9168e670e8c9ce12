//! The hierarchy changes.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id version path { id } } userErrors { code path params } cursor replayed } }";
const MOVE: &str = "mutation($input: MoveOrganizationInput!) { moveOrganization(input: $input) {
    organization { id version parent { id } path { id } } userErrors { code path } cursor replayed } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { id version name } userErrors { code path } replayed } }";
const DISSOLVE: &str = "mutation($input: DissolveOrganizationInput!) { dissolveOrganization(input: $input) {
    organization { id version dissolvedOn } userErrors { code path } } }";

fn decision() -> Value {
    json!({"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕1号"})
}

async fn create(client: &Client, parent: &str, kind: &str, key: &str) -> Value {
    let input = json!({"parentId": parent, "name": "新设组织", "kind": kind, "sector": "ORGAN", "foundedOn": "2026-01-05",
        "reason": "新设", "decision": decision(), "idempotencyKey": key});
    client.data(CREATE, json!({"input": input})).await["createOrganization"].clone()
}

both_databases!(
    one_key_founds_one_org_and_another_input_is_refused,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let first = create(&client, &county, "PRIMARY_COMMITTEE", "found-1").await;
        assert_eq!(first["userErrors"], json!([]), "{first}");
        let again = create(&client, &county, "PRIMARY_COMMITTEE", "found-1").await;
        assert_eq!(
            (&again["organization"]["id"], &again["replayed"]),
            (&first["organization"]["id"], &json!(true))
        );
        let other = create(&client, &county, "WORKING_COMMITTEE", "found-1").await;
        assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH");
    }
);

both_databases!(
    a_kind_stands_only_below_its_own_parents,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let refused = create(&client, &county, "COUNTY_COMMITTEE", "found-2").await;
        assert_eq!(refused["userErrors"][0]["code"], "KIND_NOT_ALLOWED_HERE", "{refused}");
        assert_eq!(refused["organization"], Value::Null);
        // Nobody has the right to found a group below a town, so it is no right that its secretary lacks.
        let town = server.account("town-secretary", "organizationId");
        let refused = create(&server.client("town-secretary"), &town, "PARTY_GROUP", "found-2t").await;
        let error = &refused["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["path"], &error["params"]["parentKind"]),
            (
                &json!("KIND_NOT_ALLOWED_HERE"),
                &json!(["input", "kind"]),
                &json!("TOWN_COMMITTEE")
            ),
            "{refused}"
        );
        let allowed = error["params"]["allowed"].as_str().expect("kinds");
        assert!(allowed.split(',').any(|kind| kind == "BRANCH"), "{refused}");
    }
);

both_databases!(
    only_who_may_changes_the_structure,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        for user in [
            "branch-secretary",
            "other-county",
            "member",
            "administrator",
            "town-clerk",
        ] {
            let refused = create(&server.client(user), &county, "PRIMARY_COMMITTEE", "found-3").await;
            assert_eq!(refused["organization"], Value::Null, "{user}: {refused}");
            assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{user}: {refused}");
        }
    }
);

both_databases!(
    a_move_takes_the_subtree_along_and_an_old_version_conflicts,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let city = server.account("city-organization", "organizationId");
        let county = server.account("county-organization", "organizationId");
        let (client, local) = (server.client("city-organization"), server.client("county-organization"));
        let above = create(&local, &county, "WORKING_COMMITTEE", "a").await["organization"].clone();
        let other = create(&local, &county, "WORKING_COMMITTEE", "b").await["organization"].clone();
        let id = |of: &Value| of["id"].as_str().expect("an id").to_owned();
        let moved = create(&local, &county, "PRIMARY_COMMITTEE", "c").await["organization"].clone();
        assert!(moved["id"].is_string(), "the org to be moved was not founded");
        let go = async |parent: &str, version: i64, key: &str| {
            let input = json!({"id": moved["id"], "expectedVersion": version, "parentId": parent, "reason": "调整",
            "decision": decision(), "idempotencyKey": key});
            client.data(MOVE, json!({"input": input})).await["moveOrganization"].clone()
        };
        let done = go(&id(&other), 1, "m1").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(
            done["organization"]["path"],
            json!([{"id": city}, {"id": county}, {"id": id(&other)}, {"id": moved["id"]}])
        );
        let stale = go(&id(&above), 1, "m2").await;
        assert_eq!(stale["userErrors"][0]["code"], "CONFLICT");
        assert_eq!(
            stale["organization"]["version"], 2,
            "a conflict shows what stands there now"
        );
        let input = json!({"id": id(&above), "expectedVersion": 1, "parentId": id(&other), "reason": "调整", "decision": decision(),
        "idempotencyKey": "m3"});
        let wrong = client.data(MOVE, json!({"input": input})).await["moveOrganization"].clone();
        assert_eq!(wrong["userErrors"][0]["code"], "KIND_NOT_ALLOWED_HERE", "{wrong}");
    }
);

both_databases!(
    an_org_is_renamed_and_dissolved_only_when_empty,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let made = create(&client, &county, "PRIMARY_COMMITTEE", "e").await["organization"].clone();
        let input = json!({"id": made["id"], "expectedVersion": 1, "name": "改名之后", "reason": "更名", "decision": decision(),
        "idempotencyKey": "r"});
        let renamed = client.data(RENAME, json!({"input": input})).await["renameOrganization"].clone();
        assert_eq!(
            (&renamed["organization"]["name"], &renamed["organization"]["version"]),
            (&json!("改名之后"), &json!(2))
        );
        let dissolve = async |id: &Value, version: i64, key: &str| {
            let input = json!({"id": id, "expectedVersion": version, "reason": "撤销", "decision": decision(), "idempotencyKey": key});
            client.data(DISSOLVE, json!({"input": input})).await["dissolveOrganization"].clone()
        };
        let gone = dissolve(&made["id"], 2, "x").await;
        assert_eq!(gone["userErrors"], json!([]), "{gone}");
        assert!(gone["organization"]["dissolvedOn"].is_string());
        let town = json!(server.account("town-secretary", "organizationId"));
        let now = client
            .data(
                "query($o: ID!) { organization(id: $o) { version } }",
                json!({"o": town}),
            )
            .await;
        let version = now["organization"]["version"].as_i64().expect("a version");
        let full = dissolve(&town, version, "y").await;
        assert_eq!(full["userErrors"][0]["code"], "HAS_CHILDREN", "{full}");
    }
);
