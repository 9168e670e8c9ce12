//! Imports in bulk: files that come in, what becomes of their rows, and what of both is told.

mod activities;
mod appointments;
mod files;
mod lasting;
mod mirrors;
mod modes;
mod organizations;
mod reports;
mod rights;
mod uploads;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase};

pub const START: &str =
    "mutation($input: StartImportInput!) { startImport(input: $input) { job { id state version kind format mode errorPolicy dryRun
    progress { done total } } userErrors { code path params } cursor replayed } }";
pub const JOB: &str = "query($id: ID!) { importJob(id: $id) { id state version phase failure progress { done total }
    counts { created changed unchanged rejected } userErrors { code message params } kind format mode errorPolicy dryRun createdAt
    finishedAt expiresAt reportUrl viewerCan(actions: [CANCEL]) { allowed }
    report(first: 100) { nodes { row outcome entity { __typename id } changes { field before after } userErrors { code message path params } }
      pageInfo { hasNextPage endCursor } totalCount(mode: EXACT) { value } } } }";
/// What a program that keeps the roster needs.
pub const ROSTER: [&str; 4] = ["orgs:read", "members:read", "members:write", "imports:run"];
/// The columns of the files of these tests.
pub const HEADER: &str = "system,externalId,operation,branchId,name,standing,joinedOn,since,identityNumber,phone,leftOn,departureReason,decidedOn,documentNumber\n";

/// Sends a file: status and answer.
pub async fn send(client: &Client, content: impl Into<Vec<u8>>) -> (u16, Value) {
    let answer = reqwest::Client::new()
        .post(format!("{}/imports/files", client.base()))
        .bearer_auth(client.token())
        .body(content.into())
        .send()
        .await
        .expect("the server answers");
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

/// The id of a file that was sent.
pub async fn file(client: &Client, content: impl Into<Vec<u8>>) -> Value {
    let (status, answer) = send(client, content).await;
    assert_eq!(status, 201, "{answer}");
    answer["id"].clone()
}

/// A file of members in the columns of [`HEADER`].
pub fn members<'a>(rows: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = HEADER.to_owned();
    for row in rows {
        text.push_str(row);
        text.push('\n');
    }
    text
}

/// A row of a new member.
pub fn new(value: &str, branch: &str, name: &str) -> String {
    format!("hr,{value},,{branch},{name},PROBATIONARY,2026-03-02,2026-03-02,,,,,,")
}

/// The input of an import of members from a file, with more of it.
pub fn input(file: &Value, more: Value, key: &str) -> Value {
    let mut input =
        json!({"fileId": file, "kind": "MEMBER", "format": "CSV", "errorPolicy": "ROW_BY_ROW", "idempotencyKey": key});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

/// Begins an import: the payload.
pub async fn start(client: &Client, input: Value) -> Value {
    client.data(START, json!({"input": input})).await["startImport"].clone()
}

/// The first refusal of an import: its code, and the last piece of its path.
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
    client.data(JOB, json!({"id": id})).await["importJob"].clone()
}

/// How far a job is, for who asks again and again.
pub async fn standing(client: &Client, id: &Value) -> Value {
    const STANDING: &str = "query($id: ID!) { importJob(id: $id) { state version progress { done total }
        counts { created changed unchanged rejected } } }";
    client.data(STANDING, json!({"id": id})).await["importJob"].clone()
}

/// Waits until a job is over.
pub async fn over(client: &Client, id: &Value) -> Value {
    let begun = Instant::now();
    loop {
        let now = standing(client, id).await;
        if !["QUEUED", "RUNNING"].contains(&now["state"].as_str().expect("a state")) {
            return job(client, id).await;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{now}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Imports members from a file, and waits until that is over.
pub async fn import(client: &Client, content: impl Into<Vec<u8>>, more: Value, key: &str) -> Value {
    let file = file(client, content).await;
    let begun = start(client, input(&file, more, key)).await;
    assert_eq!(begun["userErrors"], json!([]), "{begun}");
    over(client, &begun["job"]["id"]).await
}

/// The same, which is completed.
pub async fn completed(client: &Client, content: impl Into<Vec<u8>>, more: Value, key: &str) -> Value {
    let job = import(client, content, more, key).await;
    assert_eq!(job["state"], "COMPLETED", "{job:#}");
    job
}

/// Created, changed, unchanged, rejected.
pub fn counts(job: &Value) -> [i64; 4] {
    ["created", "changed", "unchanged", "rejected"].map(|name| job["counts"][name].as_i64().expect("a count"))
}

/// Row, outcome and code of each row of a report.
pub fn told(job: &Value) -> Vec<(i64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = job["report"]["nodes"].as_array().expect("rows").iter();
    rows.map(|row| {
        let number = row["row"].as_i64().unwrap_or_default();
        (number, text(&row["outcome"]), text(&row["userErrors"][0]["code"]))
    })
    .collect()
}

/// What a row of a report comes to.
pub fn is(row: i64, outcome: &str, code: &str) -> (i64, String, String) {
    (row, outcome.to_owned(), code.to_owned())
}

/// Members by name at and below an org, as a program sees them.
pub async fn names(client: &Client, org: &str) -> Vec<String> {
    const LIST: &str = "query($o: ID!, $after: String) { members(within: {subtreeOf: $o}, first: 100, after: $after) {
        nodes { name } pageInfo { hasNextPage endCursor } } }";
    let (mut names, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = client.data(LIST, json!({"o": org, "after": after})).await["members"].clone();
        let nodes = page["nodes"].as_array().expect("nodes").iter();
        names.extend(nodes.map(|node| node["name"].as_str().expect("a name").to_owned()));
        if page["pageInfo"]["hasNextPage"] != true {
            names.sort();
            return names;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Stops a server and lets the doctor look at its database: nothing is wrong.
pub async fn sound(keys: &Path, server: Server, database: &TestDatabase) {
    server.terminate(Duration::from_secs(30)).await;
    let mut doctor = Server::program();
    doctor
        .args(["doctor", "--database-url", &database.url])
        .arg("--keys-file")
        .arg(keys);
    let said = doctor.output().expect("the program runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

/// The id of a completed import of one of `demo`'s accounts, for an example.
pub async fn done_by(server: &Server, user: &str) -> Value {
    let (client, id) = (server.client(user), sent_by(server, user).await);
    let begun = start(&client, input(&id, json!({"dryRun": true}), "an example's import")).await;
    over(&client, &begun["job"]["id"]).await["id"].clone()
}

/// The id of a file that one of `demo`'s accounts sent, for an example.
pub async fn sent_by(server: &Server, user: &str) -> Value {
    let branch = server.account("branch-secretary", "organizationId");
    file(&server.client(user), members([new("E1", &branch, "甘例").as_str()])).await
}
