//! Receivers that do not take what they are told.

use super::*;
use tests::both_databases;

const INBOX: &str = "{ viewer { inbox(first: 50) { nodes { kind title subject { __typename id } } } } }";

/// Lines about a paused webhook that wait for the county's secretary.
async fn lines(town: &Town, id: &Value) -> Vec<String> {
    let found = town.server.client("county-secretary").data(INBOX, json!({})).await;
    let nodes = found["viewer"]["inbox"]["nodes"].as_array().expect("lines").clone();
    let about = nodes
        .iter()
        .filter(|node| node["kind"] == "WEBHOOK_PAUSED" && node["subject"]["id"] == *id);
    about
        .filter_map(|node| node["title"].as_str().map(ToOwned::to_owned))
        .collect()
}

both_databases!(
    what_is_not_taken_is_tried_again_in_order_and_then_the_webhook_is_paused_and_told,
    |database: TestDatabase| async move {
        let town = Town::with(&database, &[]).await;
        let receiver = Receiver::start().await;
        let org = town.org("manners").await;
        let (id, secret) = town.webhook(&receiver, &org, "manners").await;

        // Three failures, then it is well again: the first change comes again under its id, the others behind it.
        receiver.answers(Manner::Status(500));
        for version in 1..=3 {
            rename(&town.staff, &org, version, &format!("manners-{version}")).await;
        }
        let calls = receiver.until(SOON, |calls| calls.len() >= 3).await;
        let first = calls[0].header("webhook-id").to_owned();
        assert!(
            calls.iter().all(|call| call.header("webhook-id") == first),
            "only the first: {calls:?}"
        );
        let failing = town.show(&id).await;
        assert!(
            !failing["failingSince"].is_null() && !failing["nextAttemptAt"].is_null(),
            "{failing}"
        );
        let line = &failing["deliveries"]["nodes"][0];
        assert_eq!(
            (
                &line["state"],
                &line["attempts"][0]["status"],
                &line["attempts"][0]["failure"]
            ),
            (&json!("PENDING"), &json!(500), &json!("UNAVAILABLE")),
            "{failing:#}"
        );
        assert!(
            line["attempts"][0]["error"]
                .as_str()
                .is_some_and(|words| !words.is_empty()),
            "{line}"
        );
        receiver.answers(Manner::Status(200));
        let taken = receiver
            .until(SOON, |calls| calls.iter().filter(|call| call.is_taken()).count() >= 3)
            .await;
        let taken: Vec<Call> = taken.into_iter().filter(Call::is_taken).collect();
        let versions = |calls: &[Call]| -> Vec<i64> { changes(calls).iter().filter_map(|(_, v)| v.as_i64()).collect() };
        assert_eq!(versions(&taken), [2, 3, 4]);
        assert_eq!(taken[0].header("webhook-id"), first, "the same id on each attempt");
        assert_eq!(taken[0].header("webhook-signature"), signature(&secret, &taken[0]));
        town.until(&id, |webhook| webhook["failingSince"].is_null()).await;

        // A redirect is not followed, and an answer without end is hung up on.
        let elsewhere = Receiver::start().await;
        receiver.forget();
        receiver.answers(Manner::With(302, "location", elsewhere.url()));
        rename(&town.staff, &org, 4, "manners-4").await;
        receiver.until(SOON, |calls| calls.len() >= 2).await;
        assert_eq!(elsewhere.calls().len(), 0);
        receiver.forget();
        receiver.answers(Manner::Endless);
        receiver.until(SOON, |calls| !calls.is_empty()).await;
        let told = town.until(&id, |webhook| webhook["failingSince"].is_null()).await;
        let failures: Vec<&Value> = told["deliveries"]["nodes"][0]["attempts"]
            .as_array()
            .expect("attempts")
            .iter()
            .map(|one| &one["failure"])
            .collect();
        assert_eq!(failures.last(), Some(&&Value::Null), "{told:#}");
        assert!(failures.contains(&&json!("REDIRECTED")), "{told:#}");
        tokio::time::sleep(Duration::from_millis(300)).await;
        // What the sockets of both sides hold was poured, and no more.
        assert!(receiver.poured() < 16 * 1024 * 1024, "{}", receiver.poured());

        // Out of time: paused, told to the head of the account's org, and nothing lost.
        receiver.forget();
        receiver.answers(Manner::Stall);
        rename(&town.staff, &org, 5, "manners-5").await;
        rename(&town.staff, &org, 6, "manners-6").await;
        let paused = town.until(&id, |webhook| webhook["state"] == "PAUSED").await;
        assert_eq!(paused["pauseReason"], "RETRIES_EXHAUSTED", "{paused}");
        assert_eq!(
            paused["deliveries"]["nodes"][0]["attempts"][0]["failure"], "TIMED_OUT",
            "{paused:#}"
        );
        let told = lines(&town, &id).await;
        assert!(told.len() == 1 && told[0].contains("roster-sync"), "{told:?}");
        receiver.forget();
        receiver.answers(Manner::Status(200));
        done(
            &town.program,
            "resumeWebhook",
            json!({"webhookId": id, "idempotencyKey": "again"}),
        )
        .await;
        assert_eq!(
            lines(&town, &id).await,
            Vec::<String>::new(),
            "settled with the resumption"
        );
        let calls = receiver.until(SOON, |calls| calls.len() >= 2).await;
        assert_eq!(versions(&calls), [6, 7]);

        // 410: at once.
        receiver.forget();
        receiver.answers(Manner::Status(410));
        rename(&town.staff, &org, 7, "manners-7").await;
        let gone = town.until(&id, |webhook| webhook["state"] == "PAUSED").await;
        assert_eq!(gone["pauseReason"], "ENDPOINT_GONE", "{gone}");
        assert_eq!(receiver.calls().len(), 1, "no second attempt");
        // The administrator finds it without being told where to look.
        let list = "{ webhooks(states: [PAUSED], first: 10) { nodes { id pauseReason account { username } } } }";
        let found = town.server.client("administrator").data(list, json!({})).await;
        assert_eq!(found["webhooks"]["nodes"][0]["id"], id, "{found}");
        // Another address, and it goes on from there: resumed, with what 410 had answered first.
        let new = Receiver::start().await;
        let input =
            json!({"webhookId": id, "expectedVersion": gone["version"], "url": new.url(), "idempotencyKey": "move"});
        done(&town.program, "changeWebhook", input).await;
        done(
            &town.program,
            "resumeWebhook",
            json!({"webhookId": id, "idempotencyKey": "third"}),
        )
        .await;
        let calls = new.until(SOON, |calls| !calls.is_empty()).await;
        assert_eq!(versions(&calls), [8]);
        let twice = town
            .act("resumeWebhook", json!({"webhookId": id, "idempotencyKey": "fourth"}))
            .await;
        assert_eq!(
            (
                &twice["userErrors"][0]["code"],
                &twice["userErrors"][0]["params"]["state"]
            ),
            (&json!("WRONG_STATE"), &json!("NOT_PAUSED")),
            "{twice}"
        );
    }
);
