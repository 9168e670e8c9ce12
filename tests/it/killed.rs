//! `kill -9` under writes of several kinds: founding, renaming and moving orgs, calling and cancelling meetings, entering and
//! correcting members. What was acknowledged is there, what was not is there as a whole or not at all, and `doctor` finds nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::orgs::decision;
use tests::{Client, Deployment, Server, TestDatabase, both_databases};

const ROUNDS: u64 = 5;
const ORG: &str = "organization { id version }";
const ACTIVITY: &str = "activity { id version }";
const MEMBERS: &str = "results { member { id } userErrors { code } }";

/// A write: field, type of its input, what is asked of the payload, the input.
type Write = (&'static str, &'static str, &'static str, Value);

/// Somebody who writes one thing after the other, and goes on where they were after each kill: what was not acknowledged is sent
/// again under its key.
struct Writer {
    user: &'static str,
    /// The next write, by its number and what the one before answered.
    next: fn(&Self) -> Write,
    own: String,
    other: String,
    number: usize,
    last: Value,
    done: Vec<(Value, Value)>,
}

fn body((field, of, asked, input): Write) -> Value {
    let text =
        format!("mutation($i: {of}!) {{ told: {field}(input: $i) {{ {asked} userErrors {{ code path }} replayed }} }}");
    json!({"query": text, "variables": {"i": input}})
}

/// The ids in a payload.
fn ids(told: &Value) -> Value {
    let one = |name: &str| told[name]["id"].clone();
    json!([one("organization"), one("activity"), told["results"][0]["member"]["id"]])
}

impl Writer {
    fn key(&self) -> String {
        format!("killed-{}-{}", self.user, self.number)
    }

    async fn work(mut self, client: Client, stop: Arc<AtomicBool>) -> Self {
        while !stop.load(Ordering::Relaxed) {
            let body = body((self.next)(&self));
            let Some(reply) = client.try_post(&body).await else {
                break;
            };
            if reply.status == 429 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            let told = &reply.body["data"]["told"];
            assert_eq!(told["userErrors"], json!([]), "{body}: {}", reply.text);
            self.last = told.clone();
            self.done.push((body, ids(told)));
            self.number += 1;
        }
        self
    }
}

fn orgs(writer: &Writer) -> Write {
    let (org, why) = (&writer.last["organization"], decision());
    let changed = |more: Value| {
        let mut input = json!({"id": org["id"], "expectedVersion": org["version"], "reason": "调整", "decision": why,
            "idempotencyKey": writer.key()});
        input
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        input
    };
    match writer.number % 3 {
        0 => {
            let input = json!({"parentId": writer.own, "name": format!("断电工委{}", writer.number), "kind": "WORKING_COMMITTEE",
                "sector": "ORGAN", "foundedOn": tests::today().to_string(), "reason": "设立", "decision": why,
                "idempotencyKey": writer.key()});
            ("createOrganization", "CreateOrganizationInput", ORG, input)
        }
        1 => {
            let input = changed(json!({"name": format!("断电工委改{}", writer.number)}));
            ("renameOrganization", "RenameOrganizationInput", ORG, input)
        }
        _ => (
            "moveOrganization",
            "MoveOrganizationInput",
            ORG,
            changed(json!({"parentId": writer.other})),
        ),
    }
}

fn lectures(writer: &Writer) -> Write {
    if writer.number % 2 == 1 {
        let input =
            json!({"activityId": writer.last["activity"]["id"], "reason": "另行安排", "idempotencyKey": writer.key()});
        return ("cancelActivity", "CancelActivityInput", ACTIVITY, input);
    }
    let day = tests::today() + chrono::Days::new(20);
    let hour = writer.number / 2;
    let at = format!(
        "{}T{:02}:{:02}:00Z",
        day + chrono::Days::new((hour / 480) as u64),
        hour / 60 % 8,
        hour % 60
    );
    let input =
        json!({"organizationId": writer.own, "kind": "PARTY_LECTURE", "startsAt": at, "idempotencyKey": writer.key()});
    ("scheduleActivity", "ScheduleActivityInput", ACTIVITY, input)
}

fn members(writer: &Writer) -> Write {
    let name = ["甘并", "甘并行"][writer.number % 2];
    let rows = json!([{"member": {"external": {"system": "killed", "value": format!("K{}", writer.number / 2)}},
        "branch": {"id": writer.own}, "name": name, "standing": "PROBATIONARY", "joinedOn": "2026-10-09"}]);
    let input = json!({"rows": rows, "idempotencyKey": writer.key()});
    ("upsertMembers", "UpsertMembersInput", MEMBERS, input)
}

/// Three people at three places, so that a kill cuts several writes at once.
fn writers(server: &Server) -> Vec<Writer> {
    let city = server.account("city-organization", "organizationId");
    let writer = |user: &'static str, next: fn(&Writer) -> Write| Writer {
        user,
        next,
        own: server.account(user, "organizationId"),
        other: city.clone(),
        number: 0,
        last: Value::Null,
        done: Vec::new(),
    };
    let mut moving = writer("city-organization", orgs);
    moving.other = server.account("other-county", "organizationId");
    vec![
        moving,
        writer("other-county-secretary", lectures),
        writer("moved-secretary", members),
    ]
}

/// Each of these writes again, under its key: it is answered as it was.
async fn are_there(server: &Server, writer: &Writer) {
    let client = server.client(writer.user);
    for (body, ids_of_then) in writer.done.iter().rev().take(25) {
        let reply = loop {
            let reply = client.post(body).await;
            if reply.status != 429 {
                break reply;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        let told = &reply.body["data"]["told"];
        assert_eq!(
            (&told["replayed"], &ids(told)),
            (&json!(true), ids_of_then),
            "{body}: {}",
            reply.text
        );
    }
}

both_databases!(
    a_kill_under_every_kind_of_these_writes_loses_none_and_leaves_none_half_done,
    |database: TestDatabase| async move {
        let deployment = Deployment::on(&database.url);
        let mut at_work = None;
        for round in 0..ROUNDS {
            let mut server = Server::demo_of(&deployment, &[]).await;
            let stop = Arc::new(AtomicBool::new(false));
            let tasks: Vec<_> = at_work
                .take()
                .unwrap_or_else(|| writers(&server))
                .into_iter()
                .map(|writer| {
                    let client = server.client(writer.user);
                    tokio::spawn(writer.work(client, stop.clone()))
                })
                .collect();
            // Not the same moment twice, and never before something was under way.
            tokio::time::sleep(Duration::from_millis(700 + round * 173)).await;
            server.kill();
            stop.store(true, Ordering::Relaxed);
            let mut back = Vec::new();
            for task in tasks {
                back.push(task.await.expect("a writer ends"));
            }
            at_work = Some(back);
        }
        let at_work = at_work.expect("they worked");
        let server = Server::demo_of(&deployment, &[]).await;
        for writer in &at_work {
            assert!(
                writer.done.len() >= 6,
                "{} did {} writes",
                writer.user,
                writer.done.len()
            );
            are_there(&server, writer).await;
        }
        assert!(server.terminate(Duration::from_secs(25)).await.success());
        // Whatever is there came under its key: nothing stands for a write that was sent twice.
        let entered = database
            .number("SELECT COUNT(*) FROM external_id WHERE system = 'killed'")
            .await;
        let twice =
            "SELECT COUNT(*) FROM (SELECT position FROM event GROUP BY position, sub HAVING COUNT(*) > 1) twice";
        assert_eq!(database.number(twice).await, 0);
        let asked = i64::try_from(at_work[2].number / 2 + 1).expect("few");
        assert!(entered <= asked, "{entered} members for {asked} that were asked for");
        let (content, said) = deployment.doctor();
        assert!(content, "{said}");
    }
);
