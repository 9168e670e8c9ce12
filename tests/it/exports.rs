//! Exports in bulk: one snapshot in files, the rights to them, and what goes on from them.

mod downloads;
mod formats;
mod lasting;
mod rights;
mod snapshot;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Client, Server};

pub const START: &str =
    "mutation($input: StartExportInput!) { startExport(input: $input) { job { id state version kinds format
    progress { done total } snapshotCursor parts { url } } userErrors { code path params } cursor replayed } }";
pub const JOB: &str =
    "query($id: ID!) { exportJob(id: $id) { id state version failure progress { done total } snapshotCursor manifestUrl
    kinds format asOf fields purpose createdAt finishedAt expiresAt parts { number kind url name sha256 rows bytes }
    viewerCan(actions: [CANCEL]) { allowed } } }";
const CREATE: &str = "mutation($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) {
    account { id } clientSecret userErrors { code } } }";
const SIGN_IN: &str =
    "mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken userErrors { code } } }";
pub const ALL: [&str; 4] = ["ORGANIZATION", "MEMBER", "APPOINTMENT", "ACTIVITY"];
/// What a program that keeps a copy needs.
pub const SYNC: [&str; 5] = [
    "orgs:read",
    "members:read",
    "activities:read",
    "events:read",
    "exports:run",
];

/// A program with scopes in the subtree of an org: its account and a client signed in as it.
pub async fn program(server: &Server, org: &str, name: &str, scopes: &[&str]) -> (Value, Client) {
    let (id, _, client) = program_with_secret(server, org, name, scopes).await;
    (id, client)
}

/// The same with its secret, for a program that signs in by itself.
pub async fn program_with_secret(server: &Server, org: &str, name: &str, scopes: &[&str]) -> (Value, String, Client) {
    let input = json!({"organizationId": org, "username": name, "scopes": scopes, "idempotencyKey": name});
    let made = server
        .client("administrator")
        .data(CREATE, json!({"input": input}))
        .await["createServiceAccount"]
        .clone();
    assert_eq!(made["userErrors"], json!([]), "{made}");
    let id = made["account"]["id"].clone();
    let input = json!({"clientId": id, "clientSecret": made["clientSecret"]});
    let client = Client::new(server.url());
    let token = client.data(SIGN_IN, json!({"input": input})).await["signInService"]["accessToken"].clone();
    let client = client.with_token(token.as_str().expect("a token"));
    (id, made["clientSecret"].as_str().expect("a secret").to_owned(), client)
}

/// The input of an export of everything at and below an org.
pub fn everything(org: &str, key: &str) -> Value {
    json!({"kinds": ALL, "within": {"subtreeOf": org}, "idempotencyKey": key})
}

/// Begins an export: the payload.
pub async fn start(client: &Client, input: Value) -> Value {
    client.data(START, json!({"input": input})).await["startExport"].clone()
}

/// The first refusal of an export: its code, and the last piece of its path.
pub async fn refused(client: &Client, input: Value) -> (String, String) {
    let told = start(client, input).await;
    assert_eq!(told["job"], Value::Null, "{told}");
    let error = &told["userErrors"][0];
    let path = error["path"].as_array().and_then(|path| path.last()?.as_str());
    (
        error["code"].as_str().unwrap_or_default().to_owned(),
        path.unwrap_or_default().to_owned(),
    )
}

/// A job as it stands.
pub async fn job(client: &Client, id: &Value) -> Value {
    client.data(JOB, json!({"id": id})).await["exportJob"].clone()
}

/// Waits until a job is over.
pub async fn over(client: &Client, id: &Value) -> Value {
    let begun = Instant::now();
    loop {
        let job = job(client, id).await;
        if !["QUEUED", "RUNNING"].contains(&job["state"].as_str().expect("a state")) {
            return job;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{job}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Begins an export and waits until it is completed.
pub async fn export(client: &Client, input: Value) -> Value {
    let begun = start(client, input).await;
    assert_eq!(begun["userErrors"], json!([]), "{begun}");
    let job = over(client, &begun["job"]["id"]).await;
    assert_eq!(job["state"], "COMPLETED", "{job}");
    job
}

/// The id of a completed export of one of `demo`'s accounts.
pub async fn completed(server: &Server, user: &str, org: &str) -> Value {
    export(&server.client(user), everything(org, "an example's export")).await["id"].clone()
}

/// The content of a part, which is what it says.
pub async fn content(client: &Client, part: &Value) -> Vec<u8> {
    let url = part["url"].as_str().expect("a path");
    let (status, headers, bytes) = client.fetch(url, None).await;
    assert_eq!(status, 200, "{url}: {}", String::from_utf8_lossy(&bytes));
    assert_eq!(headers["content-length"], part["bytes"].to_string().as_str());
    assert_eq!(u64::try_from(bytes.len()).ok(), part["bytes"].as_u64());
    let sha256 = sha256(&bytes);
    assert_eq!(part["sha256"], sha256.as_str());
    assert_eq!(headers["etag"], format!("\"{sha256}\"").as_str());
    bytes
}

/// SHA-256 in hexadecimal, by a program that is not ours.
pub fn sha256(bytes: &[u8]) -> String {
    use std::io::Write as _;
    let mut command = std::process::Command::new("sha256sum");
    let piped = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut child = piped.spawn().expect("sha256sum runs");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("it reads");
    let said = child.wait_with_output().expect("it ends").stdout;
    let said = String::from_utf8(said).expect("text");
    said.split(' ').next().unwrap_or_default().to_owned()
}

/// The rows of an export in JSON Lines, in the order of its parts.
pub async fn rows(client: &Client, job: &Value) -> Vec<Value> {
    let mut rows = Vec::new();
    for part in job["parts"].as_array().expect("parts") {
        let text = String::from_utf8(content(client, part).await).expect("UTF-8");
        let before = rows.len();
        rows.extend(
            text.lines()
                .map(|line| serde_json::from_str::<Value>(line).expect("JSON")),
        );
        assert_eq!(part["rows"].as_u64(), u64::try_from(rows.len() - before).ok());
    }
    rows
}

/// Rows by id.
pub fn by_id(rows: &[Value]) -> BTreeMap<String, Value> {
    let keyed = rows
        .iter()
        .map(|row| (row["id"].as_str().expect("an id").to_owned(), row.clone()));
    keyed.collect()
}
