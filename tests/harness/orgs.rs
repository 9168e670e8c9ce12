//! Changes of the tree that tests of the log make to have something to hear.

use serde_json::{Value, json};

use crate::Client;

const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id version } userErrors { code path } cursor } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { id version } userErrors { code path } cursor } }";

const MOVE: &str = "mutation($input: MoveOrganizationInput!) { moveOrganization(input: $input) {
    organization { id version } userErrors { code path } cursor } }";

/// A collective decision that may stand behind any change.
#[must_use]
pub fn decision() -> Value {
    json!({"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕7号"})
}

/// Creates an org; the whole payload.
pub async fn create(client: &Client, parent: &str, kind: &str, key: &str) -> Value {
    let input = json!({"parentId": parent, "name": "实时之下", "kind": kind, "sector": "ORGAN", "foundedOn": crate::today().to_string(),
        "reason": "新设", "decision": decision(), "idempotencyKey": key});
    done(client, CREATE, "createOrganization", input).await
}

/// Renames an org; the whole payload.
pub async fn rename(client: &Client, id: &Value, version: i64, key: &str) -> Value {
    let input = json!({"id": id, "expectedVersion": version, "name": format!("改名{version}"), "reason": "更名",
        "decision": decision(), "idempotencyKey": key});
    done(client, RENAME, "renameOrganization", input).await
}

/// Moves an org below another one; the whole payload.
pub async fn relocate(client: &Client, id: &Value, (version, parent): (i64, &str), key: &str) -> Value {
    let input = json!({"id": id, "expectedVersion": version, "parentId": parent, "reason": "调整", "decision": decision(),
        "idempotencyKey": key});
    done(client, MOVE, "moveOrganization", input).await
}

async fn done(client: &Client, document: &str, field: &str, input: Value) -> Value {
    let done = client.data(document, json!({ "input": input })).await[field].take();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    done
}
