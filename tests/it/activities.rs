//! Meetings and lectures over HTTP: G1.1a–f, G1.1h, G2.2a.

mod attendance;
mod check_in;
mod committee;
mod joint;
mod lecture;
mod refused;
mod register;
mod rights;
mod together;
mod whole;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, NaiveTime, Utc};
use serde_json::{Value, json};
use tests::{Client, Kind, Server, TestDatabase};

pub const SCHEDULE: &str = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) {
    activity { id version status statusLabel title startsAt place mode noticedAt kindLabel
      agenda { kind kindLabel title } organizations { id } tally { expected exempt } invited { invited present }
      checkIn { code expiresAt } carriedOver { id title followUp { on overdue owner { id } } } links lecturer }
    userErrors { code message path params basis { clause entry } } cursor replayed } }";
pub const RECORD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id version status startsAt invited { invited present }
      tally { expected present online madeUpByStudy onLeave unexcused unexplained exempt }
      minutes { revision text reason }
      resolutions { id version kind passed due present ayes noes abstentions quorumNeeded ayesNeeded
        excluded { ground member { id } } announcedAt basis { clause entry }
        followUp { on doneOn overdue owner { id } } } }
    obligations { id status } userErrors { code message path params basis { clause entry } } cursor replayed } }";
pub const CORRECT: &str = "mutation($input: CorrectActivityInput!) { correctActivity(input: $input) {
    activity { id version status minutes { revision text reason } tally { present unexcused onLeave }
      minutesHistory(first: 10) { nodes { revision text reason } } resolutions { due present passed } }
    userErrors { code path params } replayed } }";
pub const ROSTER: &str =
    "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id standing status group { id } } } }";
pub const EXPECTED: &str = "query($id: ID!) { activity(id: $id) { id version status expected(first: 100) { nodes {
    id version state stateLabel mode member { id } leave { id version state category } } } } }";

/// A demo city that only the tests of activities share, so that they may write where they like.
pub async fn house(database: &TestDatabase) -> &'static Server {
    static HOUSES: [tokio::sync::OnceCell<Server>; 2] = [const { tokio::sync::OnceCell::const_new() }; 2];
    let kind = database.kind;
    HOUSES[usize::from(kind == Kind::Postgres)]
        .get_or_init(|| async move {
            let own = TestDatabase::create(kind).unwrap_or_else(|why| panic!("no {kind:?} database: {why}"));
            Server::demo_on(&own).await
        })
        .await
}

/// A number that no other test of this process gets.
pub fn next() -> i64 {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server under test runs by the machine's clock"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Five past nine in the evening of the demo city.
const LATE: NaiveTime = NaiveTime::from_hms_opt(13, 5, 0).expect("a time");

/// An instant some days ago, or ahead, at about which nobody holds anything: it is late in the evening, when the demo city's
/// meetings are over, and each call for a day gets minutes of its own, so that no two look like one activity entered twice.
pub fn days(from_now: i64) -> DateTime<Utc> {
    static CALLS: Mutex<BTreeMap<i64, i32>> = Mutex::new(BTreeMap::new());
    let mut calls = CALLS.lock().unwrap_or_else(PoisonError::into_inner);
    let call = calls.entry(from_now).or_default();
    let apart = Duration::minutes(31) * *call;
    *call += 1;
    let day = (now() + Duration::days(from_now)).date_naive();
    day.and_time(LATE).and_utc() + apart + Duration::milliseconds(next())
}

pub fn key(what: &str) -> String {
    format!("{what}-{}", next())
}

/// Sends an input under a fresh key, unless it brings its own, and gives the payload.
pub async fn act(client: &Client, document: &str, field: &str, mut input: Value) -> Value {
    if input["idempotencyKey"].is_null() {
        input["idempotencyKey"] = json!(key(field));
    }
    client.data(document, json!({"input": input})).await[field].clone()
}

pub async fn schedule(client: &Client, input: Value) -> Value {
    act(client, SCHEDULE, "scheduleActivity", input).await
}

/// Schedules something for this very hour, in which other tests hold theirs: it is another one than each of those.
pub async fn schedule_now(client: &Client, mut input: Value) -> Value {
    let mut besides = Vec::new();
    loop {
        input["besides"] = json!(besides);
        let made = schedule(client, input.clone()).await;
        let refused = &made["userErrors"][0];
        if refused["code"] != "ALREADY_SCHEDULED" && refused["code"] != "ALREADY_RECORDED" {
            return made;
        }
        besides.push(refused["params"]["activityId"].clone());
    }
}

pub async fn record(client: &Client, input: Value) -> Value {
    act(client, RECORD, "recordActivity", input).await
}

/// A payload without errors.
pub fn done(payload: &Value) -> &Value {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload
}

/// Code and path below the input of the only error; the entity is null and nothing was written.
pub fn refusal(payload: &Value) -> (String, String) {
    assert_eq!(payload["cursor"], Value::Null, "{payload:#}");
    let errors = payload["userErrors"].as_array().expect("a list");
    assert_eq!(errors.len(), 1, "{payload:#}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let path = errors[0]["path"].as_array().into_iter().flatten().skip(1);
    (text(&errors[0]["code"]), path.map(text).collect::<Vec<_>>().join("."))
}

pub fn refused(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

pub async fn roster(client: &Client, branch: &str) -> Vec<Value> {
    client.data(ROSTER, json!({"o": branch})).await["members"]["nodes"]
        .as_array()
        .expect("a roster")
        .clone()
}

pub async fn expected(client: &Client, id: &Value) -> Vec<Value> {
    client.data(EXPECTED, json!({"id": id})).await["activity"]["expected"]["nodes"]
        .as_array()
        .expect("people")
        .clone()
}

pub async fn me(client: &Client) -> Value {
    client.data("{ viewer { member { id } } }", json!({})).await["viewer"]["member"]["id"].clone()
}

/// Those expected who are active: presumed present where nothing is typed.
pub async fn active(client: &Client, branch: &str) -> Vec<String> {
    let all = roster(client, branch).await;
    all.iter()
        .filter(|member| member["status"] == "ACTIVE")
        .filter_map(|member| member["id"].as_str().map(ToOwned::to_owned))
        .collect()
}

pub fn held(branch: &str, kind: &str, at: DateTime<Utc>) -> Value {
    json!({"organizationId": branch, "kind": kind, "startsAt": at, "noticedAt": at - Duration::days(3)})
}
