//! Webhooks: what changes is told to an address, signed, in order, with the rights of the moment, and nothing is lost.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use tests::orgs::{create, rename};
use tests::{Call, Client, Manner, Receiver, Server, TestDatabase};

mod kept;
mod manners;
mod refused;
mod rights;
mod secure;
mod taken_over;
mod told;

const CREATE: &str = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) {
    webhook { id version url state secrets { createdAt expiresAt } cursor types within { subtreeOf } }
    secret userErrors { code path params message } cursor replayed } }";
const SHOW: &str = "query($id: ID!, $first: Int) { webhook(id: $id) { id version url types document state pauseReason pausedAt lastSuccessAt
    failingSince failedAttempts nextAttemptAt cursor secrets { createdAt expiresAt } account { username } organization { id }
    deliveries(first: $first) { nodes { messageId kind state op entityId entityKind attemptCount finishedAt
      attempts { at durationMs status failure error } } totalCount(mode: EXACT) { value } } } }";

/// So long anything is waited for that should come soon.
const SOON: Duration = Duration::from_secs(15);
/// Retries that a test can wait for: three seconds in all, the first after a tenth, half a second for an attempt.
const QUICK: &[&str] = &[
    "--webhook-retry-seconds",
    "3",
    "--webhook-backoff-ms",
    "100",
    "--webhook-attempt-ms",
    "700",
];

/// A demo city with a program that may be told what happens in a county.
struct Town {
    server: Server,
    county: String,
    /// Who changes orgs there.
    staff: Client,
    program: Client,
    program_id: Value,
}

const SCOPES: [&str; 4] = ["orgs:read", "members:read", "events:read", "webhooks:manage"];

impl Town {
    async fn with(database: &TestDatabase, more: &[&str]) -> Self {
        Self::of(Server::demo_with(database, &[QUICK, more].concat()).await).await
    }

    async fn of(server: Server) -> Self {
        let county = server.account("county-organization", "organizationId");
        let (program_id, program) = open_program(&server, &county, "roster-sync", &SCOPES).await;
        Self {
            county,
            staff: server.client("county-organization"),
            program,
            program_id,
            server,
        }
    }

    /// An org to change, below the county.
    async fn org(&self, key: &str) -> Value {
        create(&self.staff, &self.county, "WORKING_COMMITTEE", key).await["organization"]["id"].clone()
    }

    /// A webhook that is told of orgs at and below one of them.
    async fn webhook(&self, receiver: &Receiver, within: &Value, key: &str) -> (Value, String) {
        let input = json!({"url": receiver.url(), "types": ["ORGANIZATION"], "within": {"subtreeOf": within}, "idempotencyKey": key});
        registered(&self.program, input).await
    }

    async fn show(&self, id: &Value) -> Value {
        self.program.data(SHOW, json!({"id": id, "first": 100})).await["webhook"].take()
    }

    /// Waits until a webhook stands as wanted.
    async fn until(&self, id: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = std::time::Instant::now();
        loop {
            let webhook = self.show(id).await;
            if wanted(&webhook) {
                return webhook;
            }
            assert!(begun.elapsed() < SOON, "{webhook:#}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn act(&self, field: &str, input: Value) -> Value {
        act(&self.program, field, input).await
    }
}

/// A service account of an org with these scopes: its id, and a client signed in as it.
async fn open_program(server: &Server, org: &str, name: &str, scopes: &[&str]) -> (Value, Client) {
    let document = "mutation($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) {
        account { id } clientSecret userErrors { code } } }";
    let input = json!({"organizationId": org, "username": name, "scopes": scopes, "idempotencyKey": name});
    let made = server
        .client("administrator")
        .data(document, json!({"input": input}))
        .await["createServiceAccount"]
        .take();
    assert_eq!(made["userErrors"], json!([]), "{made}");
    let document =
        "mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken userErrors { code } } }";
    let input = json!({"clientId": made["account"]["id"], "clientSecret": made["clientSecret"]});
    let session = Client::new(server.url()).data(document, json!({"input": input})).await["signInService"].take();
    let token = session["accessToken"].as_str().expect("a token").to_owned();
    (
        made["account"]["id"].clone(),
        Client::new(server.url()).with_token(&token),
    )
}

/// Registers a webhook; its id and its secret.
async fn registered(client: &Client, input: Value) -> (Value, String) {
    let made = client.data(CREATE, json!({"input": input})).await["createWebhook"].take();
    assert_eq!(made["userErrors"], json!([]), "{made}");
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    (made["webhook"]["id"].clone(), secret)
}

/// One of the mutations whose input names a webhook; the whole payload.
async fn act(client: &Client, field: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let more = match field {
        "rotateWebhookSecret" => "webhook { version secrets { expiresAt } } secret",
        "testWebhook" => "webhook { state } messageId",
        "deleteWebhook" => "webhookId",
        _ => "webhook { id version state pauseReason url types document }",
    };
    let document = format!(
        "mutation($input: {kind}!) {{ {field}(input: $input) {{ {more} userErrors {{ code path params message }} cursor replayed }} }}"
    );
    client.data(&document, json!({"input": input})).await[field].take()
}

/// An act that must be done.
async fn done(client: &Client, field: &str, input: Value) -> Value {
    let payload = act(client, field, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{field}: {payload}");
    payload
}

/// The signature that a message must carry by a secret.
fn signature(secret: &str, call: &Call) -> String {
    let key = secret.strip_prefix("whsec_").expect("its prefix");
    let key = STANDARD.decode(key).expect("base64");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).expect("any length does");
    mac.update(call.header("webhook-id").as_bytes());
    mac.update(b".");
    mac.update(call.header("webhook-timestamp").as_bytes());
    mac.update(b".");
    mac.update(&call.body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// Ids and versions of the changes that were told, in order.
fn changes(calls: &[Call]) -> Vec<(Value, Value)> {
    let data = calls.iter().map(|call| call.json()["data"].clone());
    data.map(|data| (data["entityId"].clone(), data["version"].clone()))
        .collect()
}

/// The same from the log itself, behind a cursor.
async fn of_the_log(client: &Client, after: &Value, within: &Value) -> Vec<(Value, Value)> {
    let query = "query($after: LogCursor, $w: OrganizationScopeInput) {
        changes(after: $after, within: $w, types: [ORGANIZATION], first: 100) { changes { entityId version } hasMore } }";
    let page = client
        .data(query, json!({"after": after, "w": {"subtreeOf": within}}))
        .await["changes"]
        .take();
    assert_eq!(page["hasMore"], false, "{page}");
    let changes = page["changes"].as_array().expect("changes");
    changes
        .iter()
        .map(|one| (one["entityId"].clone(), one["version"].clone()))
        .collect()
}

async fn here(client: &Client) -> Value {
    client.data("{ log { cursor } }", json!({})).await["log"]["cursor"].clone()
}
