//! What is told: signed, in order, each change once where nothing fails.

use std::collections::BTreeSet;

use super::*;
use tests::both_databases;

both_databases!(
    a_change_is_told_signed_as_the_specification_wants_it,
    |database: TestDatabase| async move {
        let town = Town::with(&database, &[]).await;
        let receiver = Receiver::start().await;
        let org = town.org("told-1").await;
        let after = here(&town.program).await;
        let input = json!({"url": receiver.url(), "types": ["ORGANIZATION"], "within": {"subtreeOf": org}, "idempotencyKey": "told"});
        let made = town.program.data(CREATE, json!({"input": input})).await["createWebhook"].take();
        let again = town.program.data(CREATE, json!({"input": input})).await["createWebhook"].take();
        assert_eq!(
            (&again["replayed"], &again["secret"], &again["webhook"]["id"]),
            (&json!(true), &Value::Null, &made["webhook"]["id"]),
            "the secret is shown once: {again}"
        );
        let (id, secret) = (
            made["webhook"]["id"].clone(),
            made["secret"].as_str().expect("a secret").to_owned(),
        );
        assert_eq!(made["webhook"]["state"], "ACTIVE", "{made}");
        rename(&town.staff, &org, 1, "told-2").await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        let call = &calls[0];
        assert_eq!(call.header("webhook-signature"), signature(&secret, call));
        assert_eq!(call.header("content-type"), "application/json");
        assert_eq!(call.path, "/hook");
        let seconds: i64 = call.header("webhook-timestamp").parse().expect("seconds");
        assert!((tests::now().timestamp() - seconds).abs() < 60, "{seconds}");
        let body = call.json();
        assert_eq!(body["type"], "organization.upsert", "{body}");
        let data = &body["data"];
        assert_eq!(
            (
                &data["op"],
                &data["extent"],
                &data["entityId"],
                &data["entityKind"],
                &data["version"],
                &data["fields"]
            ),
            (
                &json!("UPSERT"),
                &json!("OBJECT"),
                &org,
                &json!("ORGANIZATION"),
                &json!(2),
                &json!(["name"])
            ),
            "{body}"
        );
        assert_eq!(body["timestamp"], data["at"], "{body}");
        // Its cursor is one of the log: nothing lies behind it, and the change lies behind the one before.
        assert_eq!(of_the_log(&town.program, &data["cursor"], &org).await, []);
        assert_eq!(of_the_log(&town.program, &after, &org).await, changes(&calls));

        // The log of deliveries tells what came of it, and the id of what it was about to the account alone.
        let webhook = town.until(&id, |webhook| !webhook["lastSuccessAt"].is_null()).await;
        let line = &webhook["deliveries"]["nodes"][0];
        assert_eq!(
            (
                &line["messageId"],
                &line["state"],
                &line["attemptCount"],
                &line["entityId"],
                &line["kind"]
            ),
            (
                &json!(call.header("webhook-id")),
                &json!("DELIVERED"),
                &json!(1),
                &org,
                &json!("CHANGE")
            ),
            "{webhook:#}"
        );
        assert_eq!(line["attempts"][0]["status"], 204, "{line}");
        assert_eq!(line["attempts"][0]["failure"], Value::Null, "{line}");
        assert_eq!(webhook["account"]["username"], "roster-sync", "{webhook}");
        for user in ["administrator", "county-secretary"] {
            let seen = town.server.client(user).data(SHOW, json!({"id": id, "first": 5})).await["webhook"].take();
            let line = &seen["deliveries"]["nodes"][0];
            assert_eq!(
                (&line["state"], &line["entityId"]),
                (&json!("DELIVERED"), &Value::Null),
                "{user}: {seen}"
            );
        }

        // Two signatures while an old secret is still good, the newest first; one where it is not.
        let rotation = |hours: i64, key: &str| json!({"webhookId": id, "overlapHours": hours, "idempotencyKey": key});
        let bad = town.act("rotateWebhookSecret", rotation(169, "rotate-0")).await;
        assert_eq!(bad["userErrors"][0]["params"]["max"], "168", "{bad}");
        let turned = done(&town.program, "rotateWebhookSecret", rotation(24, "rotate-1")).await;
        let newer = turned["secret"].as_str().expect("a secret").to_owned();
        assert_eq!(
            turned["webhook"]["secrets"].as_array().map(Vec::len),
            Some(2),
            "{turned}"
        );
        receiver.forget();
        rename(&town.staff, &org, 2, "told-3").await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        let both = format!("{} {}", signature(&newer, &calls[0]), signature(&secret, &calls[0]));
        assert_eq!(calls[0].header("webhook-signature"), both);
        let forged = Call {
            body: b"{}".to_vec(),
            ..calls[0].clone()
        };
        if let Some(said) = verified(&[
            (&secret, call),
            (&secret, &calls[0]),
            (&newer, &calls[0]),
            (&newer, &forged),
        ]) {
            assert_eq!(&said[..3], ["true", "true", "true"], "{said:?}");
            assert!(said[3].contains("signature"), "{said:?}");
        }
        let last = done(&town.program, "rotateWebhookSecret", rotation(0, "rotate-2")).await;
        let newest = last["secret"].as_str().expect("a secret").to_owned();
        receiver.forget();
        rename(&town.staff, &org, 3, "told-4").await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        assert_eq!(calls[0].header("webhook-signature"), signature(&newest, &calls[0]));

        // A trial goes beside the order, to a paused webhook as well.
        done(
            &town.program,
            "pauseWebhook",
            json!({"webhookId": id, "idempotencyKey": "pause"}),
        )
        .await;
        receiver.forget();
        rename(&town.staff, &org, 4, "told-5").await;
        let trial = done(
            &town.program,
            "testWebhook",
            json!({"webhookId": id, "idempotencyKey": "try"}),
        )
        .await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        assert_eq!(calls.len(), 1, "nothing but the trial: {calls:?}");
        assert_eq!(json!(calls[0].header("webhook-id")), trial["messageId"]);
        assert_eq!(calls[0].json()["type"], "test");
        assert_eq!(calls[0].header("webhook-signature"), signature(&newest, &calls[0]));
        town.until(&id, |webhook| {
            webhook["deliveries"]["nodes"][0]["kind"] == "TEST"
                && webhook["deliveries"]["nodes"][0]["state"] == "DELIVERED"
        })
        .await;
        let state = |payload: &Value| payload["webhook"]["state"].clone();
        assert_eq!(state(&trial), "PAUSED");
        done(
            &town.program,
            "resumeWebhook",
            json!({"webhookId": id, "idempotencyKey": "resume"}),
        )
        .await;
        let calls = receiver.until(SOON, |calls| calls.len() > 1).await;
        assert_eq!(changes(&calls[1..]), [(org.clone(), json!(5))], "what was missed comes");

        // Told again from a cursor: the same changes under the same ids.
        // What the receiver took is noted a moment later.
        let before = town.until(&id, |webhook| ids_of(webhook, "CHANGE").len() == 4).await;
        let first: Vec<Value> = ids_of(&before, "CHANGE");
        receiver.forget();
        done(
            &town.program,
            "replayWebhook",
            json!({"webhookId": id, "from": after, "idempotencyKey": "replay"}),
        )
        .await;
        let calls = receiver.until(SOON, |calls| calls.len() == 4).await;
        let versions: Vec<i64> = changes(&calls)
            .iter()
            .filter_map(|(_, version)| version.as_i64())
            .collect();
        assert_eq!(versions, [2, 3, 4, 5]);
        let told: BTreeSet<String> = calls.iter().map(|call| call.header("webhook-id").to_owned()).collect();
        let known: BTreeSet<String> = first.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        assert_eq!(told, known, "the same change has the same id");
        let far = town.server.client("county-organization");
        let far = here(&far).await;
        let foreign = town
            .act(
                "replayWebhook",
                json!({"webhookId": id, "from": far, "idempotencyKey": "foreign"}),
            )
            .await;
        assert_eq!(
            foreign["userErrors"][0]["code"], "CURSOR_OF_ANOTHER_ACCOUNT",
            "{foreign}"
        );

        // Gone: nothing more is told, and nobody finds it.
        let gone = done(
            &town.program,
            "deleteWebhook",
            json!({"webhookId": id, "idempotencyKey": "delete"}),
        )
        .await;
        assert_eq!(gone["webhookId"], id);
        assert_eq!(
            town.program.data(SHOW, json!({"id": id, "first": 1})).await["webhook"],
            Value::Null
        );
    }
);

/// What the stock client of the specification says of messages, each with a secret; where it is not installed, nothing.
fn verified(messages: &[(&str, &Call)]) -> Option<Vec<String>> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    if !crate::clients::folder().join("node_modules/standardwebhooks").is_dir() {
        // Says that it did not run, or fails where it must.
        crate::clients::installed();
        return None;
    }
    let given = messages.iter().map(|(secret, call)| {
        json!({"secret": secret, "headers": call.headers, "body": String::from_utf8_lossy(&call.body)})
    });
    let given = json!(given.collect::<Vec<Value>>()).to_string();
    let mut command = Command::new("node");
    command.arg(crate::clients::folder().join("webhook.mjs"));
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.expect("node starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(given.as_bytes()).expect("it reads");
    drop(stdin);
    let said = child.wait_with_output().expect("it ends").stdout;
    Some(String::from_utf8_lossy(&said).lines().map(ToOwned::to_owned).collect())
}

/// `webhook-id`s of deliveries of a kind.
fn ids_of(webhook: &Value, kind: &str) -> Vec<Value> {
    let lines = webhook["deliveries"]["nodes"].as_array().expect("lines");
    let of_kind = lines.iter().filter(|line| line["kind"] == kind);
    of_kind.map(|line| line["messageId"].clone()).collect()
}

both_databases!(
    racing_writers_are_told_in_the_order_of_the_log_and_a_stalled_endpoint_holds_up_nobody,
    |database: TestDatabase| async move {
        let town = Town::with(&database, &[]).await;
        let (receiver, stalled) = (Receiver::start().await, Receiver::start().await);
        stalled.answers(Manner::Stall);
        let top = json!(town.county);
        let mut orgs = Vec::new();
        for number in 0..4 {
            orgs.push(town.org(&format!("race-{number}")).await);
        }
        let after = here(&town.program).await;
        town.webhook(&stalled, &top, "stalled").await;
        let (id, _) = town.webhook(&receiver, &top, "race").await;
        let mut writers = Vec::new();
        for org in orgs {
            let staff = town.staff.clone();
            writers.push(tokio::spawn(async move {
                for version in 1..=12 {
                    let key = format!("race-{}-{version}", org.as_str().unwrap_or_default());
                    rename(&staff, &org, version, &key).await;
                }
            }));
        }
        for writer in writers {
            writer.await.expect("it writes");
        }
        let calls = receiver.until(SOON, |calls| calls.len() >= 48).await;
        assert_eq!(changes(&calls), of_the_log(&town.program, &after, &top).await);
        let ids: BTreeSet<&str> = calls.iter().map(|call| call.header("webhook-id")).collect();
        assert_eq!(ids.len(), 48, "each once");
        // The other one was told the first change only, and is told nothing else before that is taken.
        let waiting: BTreeSet<String> = stalled
            .calls()
            .iter()
            .map(|call| call.header("webhook-id").to_owned())
            .collect();
        assert_eq!(waiting.len(), 1, "{waiting:?}");
        let webhook = town
            .until(&id, |webhook| webhook["deliveries"]["totalCount"]["value"] == 48)
            .await;
        assert_eq!(webhook["failedAttempts"], 0);
        assert!(town.server.counter("orglife_webhook_attempts_taken_total").await >= 48);
    }
);
